import { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { ConfigurationError } from '../../errors/configuration-error.js';
import {
  type Algorithm,
  type AsymmetricAlgorithm,
  algorithmSpec,
  type HmacAlgorithm,
  isAlgorithm,
} from '../../keys/algorithms.js';
import { withLineBreaks } from '../../keys/pem.js';
import { importPublicKey } from '../../keys/public-key.js';
import { assertSecretKey, importSecret } from '../../keys/secret-key.js';
import { UnusableKeyError, type VerificationKey } from '../../keys/verification-key.js';
import { assertNonEmptyString, assertNotUndefined } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf } from '../../options/option-names.js';

/** Id of a key; part of {@link LocalKeyOptions}. */
interface NamedKey {
  /** Key id (`kid`) that names the key in tokens; unique in the list. */
  kid: string;
}

/** Secret that the application signs its tokens with. */
interface LocalSecret extends NamedKey {
  /** HMAC algorithm of the key. */
  algorithm: HmacAlgorithm;
  /** Secret, at least as long as the hash: 32, 48 or 64 bytes. */
  secret: string | Uint8Array | undefined;
  privateKey?: never;
}

/** Private key that the application signs its tokens with. */
interface LocalKeyPair extends NamedKey {
  /** Signature algorithm of the key. Ed448 cannot sign here. */
  algorithm: Exclude<AsymmetricAlgorithm, 'Ed448'>;
  /** Private key, as PEM, JWK or key object. */
  privateKey: string | JWK | KeyObject | undefined;
  secret?: never;
}

/**
 * Key of the application, which signs or verifies its tokens. The first of a list signs, all verify, so that keys can
 * rotate.
 */
export type LocalKeyOptions = LocalSecret | LocalKeyPair;

/** Resolved {@link LocalKeyOptions}. */
export interface LocalKey {
  readonly kid: string;
  readonly signing: KeyObject;
  readonly verifying: VerificationKey;
}

function readPrivateKey(given: string | JWK | KeyObject, algorithm: Algorithm): KeyObject {
  if (given instanceof KeyObject) return given;
  if (typeof given === 'string') return createPrivateKey(withLineBreaks(given));
  if (given.alg !== undefined && given.alg !== algorithm) throw new UnusableKeyError('this JWK has another alg');
  return createPrivateKey({ key: { ...given }, format: 'jwk' });
}

function importLocalKey({ algorithm, secret, privateKey }: LocalKeyOptions): Omit<LocalKey, 'kid'> {
  const spec = algorithmSpec(algorithm);
  if (spec.family === 'hmac') {
    if (secret === undefined || privateKey !== undefined) throw new UnusableKeyError(`${algorithm} takes a secret`);
    const isText = typeof secret === 'string';
    const key = isText
      ? importSecret(secret, spec, { encoding: 'utf8', allowWeak: false })
      : assertSecretKey(createSecretKey(secret), spec, false);
    return { signing: key, verifying: { algorithm, key } };
  }
  if (privateKey === undefined || secret !== undefined) throw new UnusableKeyError(`${algorithm} takes a privateKey`);
  const signing = readPrivateKey(privateKey, algorithm);
  if (signing.type !== 'private') throw new UnusableKeyError('the key is not a private key');
  if (signing.asymmetricKeyType === 'ed448') throw new UnusableKeyError('Ed448 keys only verify here; take Ed25519');
  return { signing, verifying: importPublicKey(createPublicKey(signing), algorithm) };
}

const KEY_NAMES = namesOf<LocalKeyOptions>()({ kid: true, algorithm: true, secret: true, privateKey: true });

function resolveLocalKey(option: string, given: LocalKeyOptions): LocalKey {
  checkOptionNames(option, given, KEY_NAMES);
  assertNotUndefined(option, given, ['secret', 'privateKey']);
  assertNonEmptyString(`${option}.kid`, given.kid);
  if (!isAlgorithm(given.algorithm))
    throw new ConfigurationError(`${option}.algorithm`, 'expects a signature algorithm');
  try {
    return { kid: given.kid, ...importLocalKey(given) };
  } catch (thrown) {
    // OpenSSL's message may quote the key that it could not read.
    const problem = thrown instanceof UnusableKeyError ? thrown.message : 'the key cannot be read';
    throw new ConfigurationError(option, problem);
  }
}

/**
 * Resolves a list of {@link LocalKeyOptions}.
 * @throws {ConfigurationError} when the list is empty, a `kid` occurs twice, or a key cannot sign.
 */
export function resolveLocalKeys(option: string, keys: readonly LocalKeyOptions[]): readonly [LocalKey, ...LocalKey[]] {
  if (!Array.isArray(keys)) throw new ConfigurationError(option, 'expects an array of keys');
  const [first, ...others] = keys.map((key, index) => resolveLocalKey(`${option}[${index}]`, key));
  if (first === undefined) throw new ConfigurationError(option, 'expects at least one key');
  const kids = [first, ...others].map(({ kid }) => kid);
  const twice = kids.find((kid, index) => kids.indexOf(kid) !== index);
  if (twice !== undefined) throw new ConfigurationError(option, `has the kid ${JSON.stringify(twice)} twice`);
  return [first, ...others];
}
