import { KeyObject } from 'node:crypto';
import { type Algorithm, algorithmSpec, isAlgorithm } from '../keys/algorithms.js';
import { importPublicKey } from '../keys/public-key.js';
import { assertSecretKey, importSecret } from '../keys/secret-key.js';
import { UnusableKeyError, type VerificationKey } from '../keys/verification-key.js';
import type { ConsumerCredential } from './consumer.js';

/** Kong's default, and that of its how-to. */
export const DEFAULT_ALGORITHM: Algorithm = 'HS256';

/** Keys of credential objects that a store hands out again and again, with what they were made of. */
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
 * The key that verifies what this credential signs, imported once per credential object and again when a store has
 * changed the object in place. @throws UnusableKeyError
 */
export function credentialKey(credential: ConsumerCredential): VerificationKey {
  const known = importedKeys.get(credential);
  const material = materialOf(credential);
  if (known?.material.every((part, index) => part === material[index])) return known.key;
  const key = importKey(credential);
  importedKeys.set(credential, { key, material });
  return key;
}

/** Whether a sound credential or API key may be used now. Its window is exact: no clock tolerance, both clocks are ours. */
export function isLive(
  { enabled, notBefore, expiresAt }: Pick<ConsumerCredential, 'enabled' | 'notBefore' | 'expiresAt'>,
  now: number = Date.now(),
): boolean {
  return enabled !== false && !(notBefore && now < notBefore.getTime()) && !(expiresAt && now >= expiresAt.getTime());
}
