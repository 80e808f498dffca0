import { createPublicKey, KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { type Algorithm, type AlgorithmSpec, algorithmSpec } from './algorithms.js';
import { assertSoundRsaKey } from './rsa-hygiene.js';
import { UnusableKeyError, type VerificationKey } from './verification-key.js';

/** A public key as configured: PEM (SPKI, PKCS#1 or an X.509 certificate), a JWK, or an imported key. */
export type PublicKeyInput = string | JWK | KeyObject;

function fromPem(pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY')) throw new UnusableKeyError('this is a private key; give the public one');
  try {
    return createPublicKey(pem);
  } catch {
    throw new UnusableKeyError('this is not a PEM public key or certificate');
  }
}

/** A JWK may say what it is for (RFC 7517 sections 4.2 to 4.4); anything but verifying with this algorithm disqualifies it. */
function assertJwkFits(jwk: JWK, algorithm: Algorithm): void {
  if (jwk.kty === 'oct') throw new UnusableKeyError('a symmetric JWK is a secret, not a public key');
  if (jwk.d !== undefined) throw new UnusableKeyError('this JWK is private; give the public one');
  if (jwk.use !== undefined && jwk.use !== 'sig') throw new UnusableKeyError('this JWK is not for signatures');
  if (jwk.key_ops !== undefined && !jwk.key_ops.includes('verify'))
    throw new UnusableKeyError('this JWK is not for verifying');
  if (jwk.alg !== undefined && jwk.alg !== algorithm) throw new UnusableKeyError(`this JWK is not for ${algorithm}`);
}

function fromJwk(jwk: JWK, algorithm: Algorithm): KeyObject {
  assertJwkFits(jwk, algorithm);
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    throw new UnusableKeyError('this is not a valid public JWK');
  }
}

/** The algorithm alone decides which type and curve a key must have; a key never decides the algorithm. */
function assertKeyFits(key: KeyObject, spec: AlgorithmSpec): void {
  const type = key.asymmetricKeyType ?? '';
  const fits =
    (spec.family === 'rsa' && type === 'rsa') ||
    (spec.family === 'rsa-pss' && (type === 'rsa' || type === 'rsa-pss')) ||
    (spec.family === 'ec' && type === 'ec' && key.asymmetricKeyDetails?.namedCurve === spec.curve) ||
    (spec.family === 'eddsa' && spec.keyTypes.includes(type));
  if (!fits) throw new UnusableKeyError('the key has another type or curve than its algorithm needs');
  if (type === 'rsa' || type === 'rsa-pss') assertSoundRsaKey(key);
}

/**
 * Imports a public key for exactly one algorithm.
 * @throws UnusableKeyError for private, symmetric, weak or ill-fitting keys.
 */
export function importPublicKey(input: PublicKeyInput, algorithm: Algorithm): VerificationKey {
  const key =
    input instanceof KeyObject ? input : typeof input === 'string' ? fromPem(input) : fromJwk(input, algorithm);
  if (key.type !== 'public') throw new UnusableKeyError('the key is not a public key');
  assertKeyFits(key, algorithmSpec(algorithm));
  return { algorithm, key };
}
