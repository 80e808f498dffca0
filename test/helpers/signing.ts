import { constants, createHmac, type KeyObject, sign } from 'node:crypto';
import { type Algorithm, algorithmSpec } from '../../lib/keys/algorithms.js';
import { HOWTO, inSeconds } from './tokens.js';

/** Writes a value as base64url: texts and bytes as they are, any other as JSON. */
export function segment(value: unknown): string {
  return (
    Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
  ).toString('base64url');
}

/** Computes the raw signature of RFC 7518 section 3 and RFC 8037 section 3.1, independently of the code under test. */
export function signature(algorithm: Algorithm, key: KeyObject, input: string): Buffer {
  const spec = algorithmSpec(algorithm);
  const data = Buffer.from(input);
  switch (spec.family) {
    case 'hmac':
      return createHmac(spec.hash, key).update(data).digest();
    case 'rsa':
      return sign(spec.hash, data, key);
    case 'rsa-pss': {
      const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
      return sign(spec.hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
    }
    case 'ec':
      return sign(spec.hash, data, { key, dsaEncoding: 'ieee-p1363' });
    case 'eddsa':
      return sign(null, data, key);
  }
}

/** A token of any algorithm, as right or wrong as a test needs. */
export function signed(algorithm: Algorithm, key: KeyObject, claims: unknown, header: object = {}): string {
  const input = `${segment({ alg: algorithm, typ: 'JWT', ...header })}.${segment(claims)}`;
  return `${input}.${segment(signature(algorithm, key, input))}`;
}

/** An HS256 token of the how-to's consumer whose header and payload are taken to the byte. */
export function hmacSigned(header: unknown, payload: unknown): string {
  const input = `${segment(header)}.${segment(payload)}`;
  return `${input}.${segment(createHmac('sha256', HOWTO.secret).update(input).digest())}`;
}

/** Signs a token with this header and a valid payload. */
export function withHeader(header: unknown): string {
  return hmacSigned(header, { iss: HOWTO.key, exp: inSeconds(300) });
}

/** Signs a token with this payload and a valid header. */
export function withPayload(payload: unknown): string {
  return hmacSigned({ alg: 'HS256', typ: 'JWT' }, payload);
}
