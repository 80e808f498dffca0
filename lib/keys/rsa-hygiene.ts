import { createPublicKey, type KeyObject } from 'node:crypto';
import { UnusableKeyError } from './verification-key.js';

const MIN_MODULUS_BITS = 2048;
/** Longest modulus in bits. Verifying with longer ones blocks the event loop for milliseconds without a gain. */
const MAX_MODULUS_BITS = 16_384;

/**
 * Primes whose residues give away moduli of the Infineon generator (ROCA, CVE-2017-15361): there, the modulus
 * is a power of 65537 modulo every small prime.
 */
const ROCA_PRIMES = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

function isPowerOf65537(residue: number, prime: number): boolean {
  const generator = 65_537 % prime;
  let power = 1;
  do {
    if (power === residue) return true;
    power = (power * generator) % prime;
  } while (power !== 1);
  return false;
}

function isRocaModulus(modulus: bigint): boolean {
  return ROCA_PRIMES.every((prime) => isPowerOf65537(Number(modulus % BigInt(prime)), prime));
}

/** Unwraps an RSA-PSS key into a plain RSA key, because Node exports only the latter as JWK. */
function plainRsaKey(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType === 'rsa') return key;
  const spki = key.export({ format: 'der', type: 'spki' });
  // The BIT STRING (RFC 5280 section 4.1.2.7) stands last, with a length of two bytes from 2048 bits on.
  const start = spki.indexOf(Buffer.from([0x00, 0x30, 0x82]), 4) + 1;
  return createPublicKey({ key: spki.subarray(start), format: 'der', type: 'pkcs1' });
}

function modulusOf(key: KeyObject): bigint {
  const { n } = plainRsaKey(key).export({ format: 'jwk' });
  return BigInt(`0x${Buffer.from(n ?? '', 'base64url').toString('hex')}`);
}

/**
 * Refuses RSA keys that anybody can break: below 2048 bits (RFC 7518 section 3.3), an even exponent or one
 * below 3 (with exponent 1 every message is its own signature), a ROCA modulus. Keys of other types pass.
 * @throws {UnusableKeyError} when the key is such a one.
 */
export function assertSoundRsaKey(key: KeyObject): void {
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'rsa-pss') return;
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < MIN_MODULUS_BITS)
    throw new UnusableKeyError(`the RSA key has ${modulusLength} bits, at least 2048 are needed`);
  if (modulusLength > MAX_MODULUS_BITS)
    throw new UnusableKeyError(`the RSA key has ${modulusLength} bits, at most 16384 are allowed`);
  if (publicExponent < 3n || publicExponent % 2n === 0n)
    throw new UnusableKeyError('the RSA exponent must be odd and at least 3');
  if (isRocaModulus(modulusOf(key))) {
    throw new UnusableKeyError('the RSA modulus comes from a broken generator (ROCA)');
  }
}
