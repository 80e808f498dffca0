import { KeyObject } from 'node:crypto';
import { InvalidTokenError } from '../errors/auth-error.js';
import { type Algorithm, algorithmSpec, isAlgorithm } from '../keys/algorithms.js';
import { importPublicKey } from '../keys/public-key.js';
import { assertSecretKey, importSecret } from '../keys/secret-key.js';
import { UnusableKeyError, type VerificationKey } from '../keys/verification-key.js';
import type { ConsumerCredential } from './consumer.js';

/** Algorithm of a credential that names none, as in Kong. */
export const DEFAULT_ALGORITHM: Algorithm = 'HS256';

/** Imported keys by credential object, because a store may return one object many times; `material` reveals changes. */
const importedKeys = new WeakMap<ConsumerCredential, { key: VerificationKey; material: readonly unknown[] }>();

function materialOf(credential: ConsumerCredential): readonly unknown[] {
  const { algorithm, secret, secretEncoding, allowWeakSecret, publicKey } = credential;
  return [algorithm, secret, secretEncoding, allowWeakSecret, publicKey];
}

function importKey(credential: ConsumerCredential): VerificationKey {
  const algorithm = credential.algorithm ?? DEFAULT_ALGORITHM;
  if (!isAlgorithm(algorithm)) throw new UnusableKeyError('the algorithm is not supported');
  const spec = algorithmSpec(algorithm);
  if (spec.family !== 'hmac') {
    const publicKey = credential.publicKey ?? undefined;
    if (publicKey === undefined) throw new UnusableKeyError(`${algorithm} needs a publicKey`);
    return importPublicKey(publicKey, algorithm);
  }
  const { secret } = credential;
  const encoding = credential.secretEncoding ?? 'utf8';
  const allowWeak = credential.allowWeakSecret === true;
  if (secret instanceof KeyObject) return { algorithm, key: assertSecretKey(secret, spec, allowWeak) };
  if (typeof secret !== 'string') throw new UnusableKeyError(`${algorithm} needs a secret`);
  if (encoding !== 'utf8' && encoding !== 'base64') throw new UnusableKeyError('the secret has an unknown encoding');
  return { algorithm, key: importSecret(secret, spec, { encoding, allowWeak }) };
}

/**
 * Imports the key that verifies a credential's tokens: once per credential object, and again after a store has
 * changed the object in place.
 * @throws {UnusableKeyError} when the algorithm is unknown, or its secret or public key is missing, weak or unreadable.
 */
export function credentialKey(credential: ConsumerCredential): VerificationKey {
  const known = importedKeys.get(credential);
  const material = materialOf(credential);
  if (known?.material.every((part, index) => part === material[index])) return known.key;
  const key = importKey(credential);
  importedKeys.set(credential, { key, material });
  return key;
}

/**
 * Whether a validated credential or API key may be used now. No clock tolerance applies: the dates and `now` come
 * from this side alone.
 */
export function isLive(
  { enabled, notBefore, expiresAt }: Pick<ConsumerCredential, 'enabled' | 'notBefore' | 'expiresAt'>,
  now: number = Date.now(),
): boolean {
  return enabled !== false && !(notBefore && now < notBefore.getTime()) && !(expiresAt && now >= expiresAt.getTime());
}

/** The reason for which a credential may not be used now, for the detail of a refusal. */
function deadProblem({ enabled, notBefore }: Parameters<typeof isLive>[0]): string {
  if (enabled === false) return 'is disabled';
  return notBefore && Date.now() < notBefore.getTime() ? 'is not valid yet' : 'has expired';
}

/**
 * Asserts that a credential or API key may be used now.
 * @throws {InvalidTokenError} when it is disabled, not valid yet, or expired (`credential_disabled`).
 */
export function assertLive(what: string, credential: Parameters<typeof isLive>[0]): void {
  if (isLive(credential)) return;
  throw new InvalidTokenError('credential_disabled', { detail: { problem: `${what} ${deadProblem(credential)}` } });
}
