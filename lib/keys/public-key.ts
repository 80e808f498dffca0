import { createPublicKey, KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { isPlainRecord } from '../tokens/strict-json.js';
import type { Algorithm } from './algorithms.js';
import { fittingAlgorithms } from './fitting-algorithms.js';
import { withLineBreaks } from './pem.js';
import { importPublicJwk, type PublicJwk } from './public-jwk.js';
import { assertSoundRsaKey } from './rsa-hygiene.js';
import { UnusableKeyError, type VerificationKey } from './verification-key.js';

/** A public key as configured: PEM (SPKI, PKCS#1 or an X.509 certificate), a JWK, or an imported key. */
export type PublicKeyInput = string | JWK | KeyObject;

function fromPem(pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY')) throw new UnusableKeyError('this is a private key; give the public one');
  try {
    return createPublicKey(withLineBreaks(pem));
  } catch {
    throw new UnusableKeyError('this is not a PEM public key or certificate');
  }
}

/**
 * Imports a public key and says which algorithms its type and curve allow.
 * @throws {UnusableKeyError} when the key is private, symmetric or weak keys.
 */
export function readPublicKey(input: unknown): PublicJwk {
  if (isPlainRecord(input) && !(input instanceof KeyObject)) return importPublicJwk(input);
  const key = typeof input === 'string' ? fromPem(input) : input;
  if (!(key instanceof KeyObject) || key.type !== 'public') throw new UnusableKeyError('the key is not a public key');
  assertSoundRsaKey(key);
  return { key, algorithms: fittingAlgorithms(key) };
}

/**
 * Imports a public key for exactly one algorithm: the algorithm decides which type and curve the key must have, a
 * key never decides the algorithm.
 * @throws {UnusableKeyError} when the key is private, symmetric, weak or ill-fitting keys.
 */
export function importPublicKey(input: PublicKeyInput, algorithm: Algorithm): VerificationKey {
  const { key, algorithms } = readPublicKey(input);
  if (!algorithms.includes(algorithm)) {
    throw new UnusableKeyError(`the key has another type, curve or alg than ${algorithm} needs`);
  }
  return { algorithm, key };
}
