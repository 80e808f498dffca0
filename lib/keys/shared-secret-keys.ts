import { createSecretKey, KeyObject } from 'node:crypto';
import { InvalidTokenError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertBoolean, assertNonEmptyString, undefinedOption } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import { type Algorithm, algorithmSpec, type HmacAlgorithm, isAlgorithm, isAsymmetric } from './algorithms.js';
import type { JwkSetKey } from './jwk-set.js';
import type { KeySource } from './key-source.js';
import { assertSecretKey, importSecret, type SecretEncoding } from './secret-key.js';
import { selectKeys, stillSelects } from './select-keys.js';
import { UnusableKeyError } from './verification-key.js';

/** A shared secret with what is known of it. */
export interface SharedSecretOptions {
  /** The secret: a text, bytes, or an imported key. At least as long as the hash (RFC 7518 section 3.2). */
  readonly secret: string | Uint8Array | KeyObject;
  /**
   * The key id that tokens name. A secret without one may verify any token.
   * @default none
   */
  readonly kid?: string | undefined;
  /**
   * How the text stands for bytes. `base64` takes both alphabets.
   * @default 'utf8'
   */
  readonly secretEncoding?: SecretEncoding | undefined;
  /**
   * Takes a secret that is shorter than the hash.
   * @default false
   */
  readonly allowWeakSecret?: boolean | undefined;
}

/** A shared secret: a text (as UTF-8), bytes, an imported key, or one of these with what is known of it. */
export type SharedSecret = string | Uint8Array | KeyObject | SharedSecretOptions;

/** A key source for `HS*` tokens that says which algorithms its secrets may verify. */
export interface SharedSecretKeys extends KeySource {
  readonly algorithms: readonly HmacAlgorithm[];
}

const OPTION_NAMES = namesOf<SharedSecretOptions>()({
  secret: true,
  kid: true,
  secretEncoding: true,
  allowWeakSecret: true,
});

function importFor(
  algorithm: Algorithm,
  { secret, secretEncoding = 'utf8', allowWeakSecret = false }: SharedSecretOptions,
): KeyObject {
  const spec = algorithmSpec(algorithm);
  if (spec.family !== 'hmac') throw new UnusableKeyError(`${algorithm} takes no secret`);
  if (typeof secret === 'string')
    return importSecret(secret, spec, { encoding: secretEncoding, allowWeak: allowWeakSecret });
  return assertSecretKey(secret instanceof KeyObject ? secret : createSecretKey(secret), spec, allowWeakSecret);
}

function assertSharedSecret(option: string, given: SharedSecretOptions): void {
  checkOptionNames(option, given, OPTION_NAMES);
  const { secret, kid, secretEncoding, allowWeakSecret } = given;
  if (!(secret instanceof Uint8Array) && !(secret instanceof KeyObject && secret.type === 'secret'))
    assertNonEmptyString(`${option}.secret`, secret);
  if (kid !== undefined) assertNonEmptyString(`${option}.kid`, kid);
  if (secretEncoding !== undefined && secretEncoding !== 'utf8' && secretEncoding !== 'base64')
    throw new ConfigurationError(`${option}.secretEncoding`, 'expects "utf8" or "base64"');
  if (allowWeakSecret !== undefined) assertBoolean(`${option}.allowWeakSecret`, allowWeakSecret);
}

/**
 * One secret for every algorithm whose hash it is long enough for.
 * @throws {ConfigurationError} when there is none.
 */
function importSharedSecret(option: string, given: SharedSecret, algorithms: readonly HmacAlgorithm[]): JwkSetKey {
  const unset: unknown = given;
  if (unset === undefined) throw undefinedOption(option);
  if (unset === null) throw new ConfigurationError(option, 'is null; expects a text, bytes, a KeyObject or { secret }');
  const bare = typeof given === 'string' || given instanceof Uint8Array || given instanceof KeyObject;
  const options: SharedSecretOptions = bare ? { secret: given } : given;
  if (bare && typeof given === 'string') assertNonEmptyString(option, given);
  assertSharedSecret(option, options);
  // Of the weakest hash, which asks for the least.
  let problem: string | undefined;
  const imported = algorithms.flatMap((algorithm) => {
    try {
      return [{ algorithm, key: importFor(algorithm, options) }];
    } catch (thrown) {
      if (!(thrown instanceof UnusableKeyError)) throw thrown;
      problem ??= thrown.message;
      return [];
    }
  });
  const [first] = imported;
  if (first === undefined) throw new ConfigurationError(option, problem ?? 'there is no algorithm for it');
  const { kid } = options;
  return {
    key: first.key,
    algorithms: imported.map(({ algorithm }) => algorithm),
    ...(kid === undefined ? {} : { kid }),
  };
}

/**
 * Creates a source of shared secrets for `HS*` tokens. Of several secrets the first that fits verifies, so that they can
 * be replaced without an outage.
 * @throws {ConfigurationError} when a secret is missing, shorter than every hash, or key material of another kind.
 */
export function sharedSecretKeys(
  option: string,
  secret: SharedSecret | readonly SharedSecret[],
  algorithms: readonly HmacAlgorithm[],
): SharedSecretKeys {
  const isList = Array.isArray(secret);
  const secrets: readonly SharedSecret[] = isList ? secret : [secret];
  if (secrets.length === 0) throw new ConfigurationError(option, 'expects at least one secret');
  const keys = secrets.map((each, index) =>
    importSharedSecret(isList ? `${option}[${index}]` : option, each, algorithms),
  );
  const usable = algorithms.filter((algorithm) => keys.some((key) => key.algorithms.includes(algorithm)));
  const policy = { algorithms: usable, anonymousKeys: true };
  const loaded = new Date();
  return {
    source: 'secret',
    algorithms: usable,
    async find(header) {
      const fitting = selectKeys(keys, header, policy);
      if (fitting.length === 0) throw new InvalidTokenError('key_not_found');
      return fitting;
    },
    holds: (header, key) => stillSelects(keys, header, key, policy),
    ready: async () => undefined,
    health: () => ({ source: 'secret', keyCount: keys.length, lastSuccess: loaded }),
    close: () => undefined,
  };
}

/**
 * Joins shared secrets and the other keys of an issuer. The token's algorithm decides which of the two is asked, so that
 * a secret never verifies what a key pair should have signed, nor a public key what the secret should have.
 */
export function keysByAlgorithm(secrets: SharedSecretKeys, others: KeySource): KeySource {
  const sourceOf = (algorithm: string) => (isAlgorithm(algorithm) && !isAsymmetric(algorithm) ? secrets : others);
  return {
    source: others.source,
    find: (header, options) => sourceOf(header.alg).find(header, options),
    holds: (header, key) => sourceOf(header.alg).holds?.(header, key) === true,
    ready: () => others.ready(),
    health() {
      const { keyCount, ...health } = others.health();
      return { ...health, keyCount: keyCount + secrets.health().keyCount };
    },
    close: () => others.close(),
  };
}
