import { createPublicKey, KeyObject } from 'node:crypto';
import { types } from 'node:util';
import type { JWK } from 'jose';
import { described, isThenable } from '../options/described.js';
import { isPlainRecord } from '../tokens/strict-json.js';
import type { Algorithm } from './algorithms.js';
import { fittingAlgorithms } from './fitting-algorithms.js';
import { withLineBreaks } from './pem.js';
import { importPublicJwk, type PublicJwk } from './public-jwk.js';
import { assertSoundRsaKey } from './rsa-hygiene.js';
import { UnusableKeyError, type VerificationKey } from './verification-key.js';

/** A public key as configured: PEM (SPKI, PKCS#1 or an X.509 certificate), a JWK, or an imported key. */
export type PublicKeyInput = string | JWK | KeyObject;

const NO_PEM = 'this is not a PEM public key or certificate';

/** What a text that is no PEM probably is, and what to write instead. */
const NO_PEM_BECAUSE: readonly (readonly [looks: RegExp, cure: string])[] = [
  [/^https?:\/\//i, 'but an address, which is given as jwksUri'],
  [/^\s*\{/, 'but JSON; give the object: JSON.parse(…)'],
  [
    /^[^\s-][^\n]*\.(?:pem|crt|cer|pub|key|json)$/i,
    "but the path of a file; give what stands in it: readFileSync(path, 'utf8')",
  ],
  [/-----BEGIN (?![\s\S]*-----END )/, 'because its END line is missing; a variable or an editor has cut it off'],
];

function fromPem(pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY')) throw new UnusableKeyError('this is a private key; give the public one');
  try {
    return createPublicKey(withLineBreaks(pem));
  } catch {
    const [, cure] = NO_PEM_BECAUSE.find(([looks]) => looks.test(pem)) ?? [];
    throw new UnusableKeyError(cure === undefined ? NO_PEM : `${NO_PEM}, ${cure}`);
  }
}

/**
 * Checks that an input may be a key.
 *
 * @throws {UnusableKeyError} for what is neither a text, a JWK nor an imported key, with what to write instead.
 */
function assertKeyInput(input: unknown): void {
  if (input instanceof KeyObject) {
    if (input.type === 'public') return;
    throw new UnusableKeyError(`this is a ${input.type} KeyObject; give a public one: createPublicKey(key)`);
  }
  if (typeof input === 'string') return;
  if (input instanceof Uint8Array) throw new UnusableKeyError('this is a Buffer; give its text: buffer.toString()');
  if (types.isCryptoKey(input)) throw new UnusableKeyError('this is a CryptoKey; give KeyObject.from(key)');
  if (!isPlainRecord(input) || isThenable(input)) throw new UnusableKeyError(`this is ${described(input)}, and no key`);
  if (Array.isArray(input.keys)) throw new UnusableKeyError('this is a key set; give its keys: publicKeys: set.keys');
}

/**
 * Imports a public key and says which algorithms its type and curve allow.
 * @throws {UnusableKeyError} when the key is private, symmetric or weak keys.
 */
export function readPublicKey(input: unknown): PublicJwk {
  assertKeyInput(input);
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
