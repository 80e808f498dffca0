import { credentialKey } from '../../lib/consumers/credential-key.js';
import { memoryConsumers, type NewCredential } from '../../lib/index.js';
import { ALGORITHM_NAMES } from '../../lib/keys/algorithms.js';
import { readJwkSet } from '../../lib/keys/jwk-set.js';
import { selectKeys } from '../../lib/keys/select-keys.js';
import { type CompactJws, readCompactJws } from '../../lib/tokens/compact-token.js';
import { assertSignature } from '../../lib/verification/verify-with-source.js';
import type { VectorKey } from './vectors.js';

/** Makes the credential that a consumer has with a JWK. */
export function credentialOf(jwk: VectorKey): NewCredential {
  const credential =
    jwk.kty === 'oct'
      ? { key: jwk.kid, algorithm: jwk.alg, secret: jwk.k, secretEncoding: 'base64' }
      : { key: jwk.kid, algorithm: jwk.alg, publicKey: jwk };
  return credential as NewCredential;
}

/** Whether a consumer with these keys, each with its own algorithm, is accepted with a JWS. */
export async function consumerAccepts(keys: readonly VectorKey[], jws: string): Promise<boolean> {
  try {
    const store = memoryConsumers([{ username: 'vectors', credentials: keys.map(credentialOf) }]);
    const read = readCompactJws(jws);
    const found = await store.findCredential(String(read.header.kid ?? keys[0]?.kid));
    if (found === undefined) return false;
    assertSignature(read, credentialKey(found.credential));
    return true;
  } catch {
    return false;
  }
}

function verifies(jws: CompactJws, keys: readonly VectorKey[]): void {
  const policy = { algorithms: ALGORITHM_NAMES, anonymousKeys: true };
  const [key] = selectKeys(readJwkSet({ keys }).keys, jws.header, policy);
  if (key === undefined) throw new Error('no key');
  assertSignature(jws, key);
}

/** Whether a JWS verifies with these keys of an issuer, with every algorithm allowed. */
export function issuerAccepts(keys: readonly VectorKey[], jws: string): boolean {
  try {
    verifies(readCompactJws(jws), keys);
    return true;
  } catch {
    return false;
  }
}
