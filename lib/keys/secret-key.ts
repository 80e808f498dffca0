import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import type { AlgorithmSpec } from './algorithms.js';
import { UnusableKeyError } from './verification-key.js';

/** Encoding of a secret that is given as text. `base64` takes both alphabets, with or without padding. */
export type SecretEncoding = 'utf8' | 'base64';

const BASE64_EITHER_ALPHABET = /^[A-Za-z0-9+/_-]+={0,2}$/;

function secretBytes(secret: string, encoding: SecretEncoding): Buffer {
  if (encoding === 'utf8') return Buffer.from(secret, 'utf8');
  if (!BASE64_EITHER_ALPHABET.test(secret)) throw new UnusableKeyError('the secret is not base64');
  return Buffer.from(secret, 'base64');
}

/** Whether bytes are a public key or certificate in DER, which some consoles show without its PEM lines. */
function isPublicDer(der: Buffer): boolean {
  // Every such structure is an ASN.1 SEQUENCE; random secrets are spared the parsers.
  if (der[0] !== 0x30) return false;
  const body = der.toString('base64');
  return ['PUBLIC KEY', 'RSA PUBLIC KEY', 'CERTIFICATE'].some((label) => {
    try {
      return createPublicKey(`-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`).type === 'public';
    } catch {
      return false;
    }
  });
}

/**
 * Whether bytes are a PEM, DER or JWK key and no secret. A public key taken for a shared secret would let anybody sign
 * with what everybody can read (the algorithm confusion of RFC 8725 section 2.1).
 */
function looksLikeKeyMaterial(bytes: Buffer): boolean {
  const text = bytes.toString('utf8').trim();
  if (text.includes('-----BEGIN') || isPublicDer(bytes) || isPublicDer(Buffer.from(text, 'base64'))) return true;
  if (!text.startsWith('{')) return false;
  try {
    const parsed = JSON.parse(text) as Record<string, unknown>;
    return 'kty' in parsed || 'keys' in parsed;
  } catch {
    return false;
  }
}

type HmacSpec = Extract<AlgorithmSpec, { family: 'hmac' }>;

/**
 * Refuses keys that are not secrets, or shorter than the hash unless that was allowed.
 * @throws {UnusableKeyError} when the key is no secret, or too short.
 */
export function assertSecretKey(key: KeyObject, spec: HmacSpec, allowWeak: boolean): KeyObject {
  const bytes = key.symmetricKeySize ?? 0;
  if (bytes === 0) throw new UnusableKeyError('the secret is empty, or not a secret');
  if (looksLikeKeyMaterial(key.export()))
    throw new UnusableKeyError('the secret is a PEM, a certificate or a JWK; give it as publicKey');
  if (bytes < spec.minSecretBytes && !allowWeak) {
    throw new UnusableKeyError(
      `the secret has ${bytes} bytes, ${spec.minSecretBytes} are needed (RFC 7518 section 3.2); allowWeakSecret: true takes it as it is`,
    );
  }
  return key;
}

/**
 * Imports a shared secret. It must be at least as long as the hash (RFC 7518 section 3.2), unless weak
 * secrets were allowed explicitly.
 * @throws {UnusableKeyError} when the text cannot be read, or the secret is too short.
 */
export function importSecret(
  secret: string,
  spec: HmacSpec,
  { encoding, allowWeak }: { encoding: SecretEncoding; allowWeak: boolean },
): KeyObject {
  return assertSecretKey(createSecretKey(secretBytes(secret, encoding)), spec, allowWeak);
}
