import { KeyObject } from 'node:crypto';
import { type Algorithm, algorithmSpec, isAlgorithm } from '../keys/algorithms.js';
import { importPublicKey } from '../keys/public-key.js';
import { assertSecretKey, importSecret } from '../keys/secret-key.js';
import { UnusableKeyError, type VerificationKey } from '../keys/verification-key.js';
import type { ConsumerCredential } from './consumer.js';

/** Kong's default, and that of its how-to. */
export const DEFAULT_ALGORITHM: Algorithm = 'HS256';

/** Keys of credential objects that a store hands out again and again. */
const importedKeys = new WeakMap<ConsumerCredential, VerificationKey>();

function importKey(credential: ConsumerCredential): VerificationKey {
  const algorithm = credential.algorithm ?? DEFAULT_ALGORITHM;
  if (!isAlgorithm(algorithm)) throw new UnusableKeyError('the algorithm is not supported');
  const spec = algorithmSpec(algorithm);
  if (spec.family !== 'hmac') {
    if (credential.publicKey === undefined) throw new UnusableKeyError(`${algorithm} needs a publicKey`);
    return importPublicKey(credential.publicKey, algorithm);
  }
  const { secret, secretEncoding: encoding = 'utf8', allowWeakSecret: allowWeak = false } = credential;
  if (secret instanceof KeyObject) return { algorithm, key: assertSecretKey(secret, spec, allowWeak) };
  if (typeof secret !== 'string') throw new UnusableKeyError(`${algorithm} needs a secret`);
  return { algorithm, key: importSecret(secret, spec, { encoding, allowWeak }) };
}

/** The key that verifies what this credential signs, imported once per credential object. @throws UnusableKeyError */
export function credentialKey(credential: ConsumerCredential): VerificationKey {
  const known = importedKeys.get(credential);
  if (known !== undefined) return known;
  const key = importKey(credential);
  importedKeys.set(credential, key);
  return key;
}

/** Whether a credential may be used now. Its window is exact: no clock tolerance, both clocks are ours. */
export function isLive(credential: ConsumerCredential, now: number = Date.now()): boolean {
  if (credential.enabled === false) return false;
  if (credential.notBefore !== undefined && now < credential.notBefore.getTime()) return false;
  return credential.expiresAt === undefined || now < credential.expiresAt.getTime();
}
