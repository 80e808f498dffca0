import { X509Certificate } from 'node:crypto';
import { ConfigurationError, optionsOf } from '../errors/configuration-error.js';
import type { OnEvent } from '../events/auth-event.js';
import type { Algorithm, AsymmetricAlgorithm } from '../keys/algorithms.js';
import { discoveryKeys } from '../keys/discovery-keys.js';
import { jwksKeys } from '../keys/jwks-keys.js';
import { resolveKeyRequest } from '../keys/key-request.js';
import type { KeySource } from '../keys/key-source.js';
import { type RemoteKeyOptions, resolvePace } from '../keys/remote-keys.js';
import { keysByAlgorithm, type SharedSecret, sharedSecretKeys } from '../keys/shared-secret-keys.js';
import { staticKeys } from '../keys/static-keys.js';
import { resolveAlgorithms, splitAlgorithms } from '../keys/token-algorithms.js';
import { assertBoolean, assertImplements, assertNonEmptyString } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { type FetchedKeyOptions, KEY_PLACES, type KeyOptions, type KeyRules } from './key-options.js';

/**
 * Checks the option `ca`.
 * @throws {ConfigurationError} when it is no PEM certificate.
 */
export function assertCa(option: string, ca: unknown): void {
  try {
    new X509Certificate(String(ca));
  } catch {
    throw new ConfigurationError(option, 'expects PEM certificates');
  }
}

/** Options that apply only to fetched keys. */
const FETCH_OPTIONS = [
  'ca',
  'maxStale',
  'cooldown',
  'dangerouslyAllowHttp',
  'keyRequest',
  'initialKeys',
  'keyFormat',
] as const;

/**
 * Checks that at most one source of keys is given; without one, keys are discovered.
 * @throws {ConfigurationError} when several are given, or an option for fetched keys is given without any.
 */
function assertOneSource(factory: string, options: KeyOptions): void {
  const given = KEY_PLACES.filter((name) => options[name] !== undefined);
  if (given.length > 1) {
    throw new ConfigurationError(
      factory,
      `expects exactly one of discovery, jwksUri, publicKeys and keys, not ${given.join(' and ')}`,
    );
  }
  const isRemote = options.publicKeys === undefined && options.keys === undefined;
  for (const name of FETCH_OPTIONS) {
    if (!isRemote && options[name] !== undefined) {
      throw new ConfigurationError(`${factory}.${name}`, 'is for keys that are fetched; it has no URL to apply to');
    }
  }
}

/**
 * Validates the options for fetched keys.
 * @throws {ConfigurationError} when an option is wrong.
 */
export function remoteOptions(
  factory: string,
  options: FetchedKeyOptions,
  algorithms: readonly AsymmetricAlgorithm[],
  listeners: readonly OnEvent[],
) {
  const { ca, dangerouslyAllowHttp, keyRequest } = options;
  if (ca !== undefined) assertCa(`${factory}.ca`, ca);
  const pace = resolvePace(`${factory}.`, options);
  if (dangerouslyAllowHttp !== undefined) assertBoolean(`${factory}.dangerouslyAllowHttp`, dangerouslyAllowHttp);
  resolveKeyRequest(`${factory}.keyRequest`, keyRequest);
  return {
    ca,
    ...pace,
    dangerouslyAllowHttp,
    keyRequest,
    algorithms,
    listeners,
  } satisfies RemoteKeyOptions & {
    dangerouslyAllowHttp: unknown;
  };
}

/** Arguments for opening a key source of one issuer, beside its key options. */
export interface KeyContext {
  /** Start of the options' paths in error messages. */
  readonly factory: string;
  readonly issuer: string;
  /** Other names of the issuer, which its document may have in place of it. */
  readonly aliases: readonly string[];
  /** Whether the tokens name no issuer, so that no document could say where the keys are. */
  readonly isNameless: boolean;
  /** Returns the URL of the discovery document, where the options do not name it; `undefined`: below the issuer. */
  readonly documentUrl: () => string | undefined;
  readonly algorithms: readonly AsymmetricAlgorithm[];
  readonly listeners: readonly OnEvent[];
}

/**
 * Checks that an address is that of a key set.
 *
 * @throws {ConfigurationError} for the address of a discovery document, which names the key set and is none.
 */
function assertKeySetAddress(option: string, address: unknown): void {
  if (typeof address === 'string' && /\/\.well-known\/(?:openid-configuration|oauth-auth)/.test(address))
    throw new ConfigurationError(option, 'is the address of a discovery document; give it as discovery: { url }');
}

/**
 * Opens the key source of one issuer. Nothing is fetched yet.
 * @throws {ConfigurationError} when an option is wrong or contradicts another.
 */
export function resolveKeys(options: KeyOptions, context: KeyContext): KeySource {
  const { factory, issuer, aliases, algorithms, listeners } = context;
  assertOneSource(factory, options);
  const { keys, publicKeys, jwksUri, discovery } = options;
  if (keys !== undefined) {
    assertImplements(`${factory}.keys`, keys, ['find', 'ready', 'health', 'close'], 'jwksKeys({ jwksUri })');
    return keys;
  }
  if (publicKeys !== undefined) return optionsOf(factory, () => staticKeys({ publicKeys, algorithms }));
  const { initialKeys, keyFormat } = options;
  const remote = { ...remoteOptions(factory, options, algorithms, listeners), initialKeys, keyFormat };
  if (jwksUri !== undefined) {
    assertKeySetAddress(`${factory}.jwksUri`, jwksUri);
    return optionsOf(factory, () => jwksKeys({ jwksUri, ...remote }));
  }
  if (discovery === undefined)
    return optionsOf(factory, () => discoveryKeys({ issuer, aliases, url: context.documentUrl(), ...remote }));
  checkOptionNames(`${factory}.discovery`, discovery, ['url']);
  assertNonEmptyString(`${factory}.discovery.url`, discovery.url);
  return optionsOf(factory, () => discoveryKeys({ issuer, aliases, url: discovery.url, ...remote }));
}

/** All keys of one issuer, and the algorithms that they may verify. */
export interface IssuerKeys {
  readonly algorithms: readonly Algorithm[];
  readonly keys: KeySource;
}

/** Keys of one issuer other than shared secrets. */
export interface OtherKeys {
  /** Whether the options name a source; if not, keys are discovered from the issuer. */
  readonly named: boolean;
  readonly open: (context: KeyContext) => KeySource;
}

const ADDRESS = /^https?:\/\//i;

function withSecret(
  secret: SharedSecret | readonly SharedSecret[],
  { algorithms }: KeyRules,
  context: Omit<KeyContext, 'algorithms'>,
  others: OtherKeys,
): IssuerKeys {
  const { factory, issuer, isNameless } = context;
  const { asymmetric, hmac } = splitAlgorithms(`${factory}.algorithms`, algorithms);
  const secrets = sharedSecretKeys(`${factory}.secret`, secret, hmac);
  if (asymmetric.length === 0 && others.named)
    throw new ConfigurationError(
      `${factory}.algorithms`,
      'names HS* only, so the keys beside the secret could never verify anything',
    );
  const isOnlySource = asymmetric.length === 0 || (!others.named && (isNameless || !ADDRESS.test(issuer)));
  if (isOnlySource) return { algorithms: secrets.algorithms, keys: secrets };
  const keys = keysByAlgorithm(secrets, others.open({ ...context, algorithms: asymmetric }));
  return { algorithms: [...secrets.algorithms, ...asymmetric], keys };
}

/**
 * Opens the keys of one issuer, with its shared secrets. Nothing is fetched yet.
 * @throws {ConfigurationError} when an option is wrong or contradicts another.
 */
export function openIssuerKeys(
  rules: KeyRules,
  context: Omit<KeyContext, 'algorithms'>,
  others: OtherKeys,
): IssuerKeys {
  if (rules.secret !== undefined) return withSecret(rules.secret, rules, context, others);
  const algorithms = resolveAlgorithms(`${context.factory}.algorithms`, rules.algorithms);
  return { algorithms, keys: others.open({ ...context, algorithms }) };
}
