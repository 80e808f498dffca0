import type { ConsumerCredential } from '../../../consumers/consumer.js';
import { credentialKey } from '../../../consumers/credential-key.js';
import { InvalidTokenError } from '../../../errors/auth-error.js';
import { algorithmSpec } from '../../../keys/algorithms.js';
import { importSecret } from '../../../keys/secret-key.js';
import { UnusableKeyError, type VerificationKey } from '../../../keys/verification-key.js';
import type { CompactToken } from '../../../tokens/compact-token.js';
import { assertSignature } from '../../../verification/verify-with-source.js';
import { KongRefusal } from '../kong-refusal.js';

/** Length of the PSS signatures that Kong takes, in bytes; PS* therefore works with RSA keys of 2048 bits only. */
export const KONG_PSS_BYTES = 256;

const decodedKeys = new WeakMap<VerificationKey, VerificationKey>();

/**
 * Reads a secret that the store keeps as text as base64.
 * @throws {UnusableKeyError} when the text is no base64.
 */
function decoded(stored: VerificationKey): VerificationKey {
  const spec = algorithmSpec(stored.algorithm);
  if (spec.family !== 'hmac') return stored;
  const known = decodedKeys.get(stored);
  if (known !== undefined) return known;
  const key = importSecret(stored.key.export().toString('utf8'), spec, { encoding: 'base64', allowWeak: true });
  const decodedKey = { algorithm: stored.algorithm, key };
  decodedKeys.set(stored, decodedKey);
  return decodedKey;
}

/**
 * Imports the key of a credential.
 * @throws {KongRefusal} `Invalid key/secret` if it has none that could verify a token.
 */
export function kongCredentialKey(credential: ConsumerCredential, decodesSecrets: boolean): VerificationKey {
  try {
    const stored = credentialKey(credential);
    return decodesSecrets ? decoded(stored) : stored;
  } catch (thrown) {
    if (thrown instanceof UnusableKeyError) throw new KongRefusal('key_not_found', 'Invalid key/secret');
    throw thrown;
  }
}

/**
 * Checks the signature of a token.
 * @throws {KongRefusal} `Invalid signature`
 */
export function assertKongSignature(jws: CompactToken, key: VerificationKey): void {
  const isWrongPss = key.algorithm.startsWith('PS') && jws.signature.length !== KONG_PSS_BYTES;
  try {
    if (isWrongPss) throw new InvalidTokenError('signature_invalid');
    assertSignature(jws, key);
  } catch (thrown) {
    if (InvalidTokenError.is(thrown)) throw new KongRefusal('signature_invalid', 'Invalid signature');
    throw thrown;
  }
}
