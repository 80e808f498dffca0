import { constants, createHmac, timingSafeEqual, verify } from 'node:crypto';
import { InvalidTokenError } from '../errors/auth-error.js';
import { algorithmSpec } from '../keys/algorithms.js';
import type { VerificationKey } from '../keys/verification-key.js';
import type { CompactJws } from '../tokens/compact-token.js';

/**
 * Whether a signature matches. The algorithm is the key's; that the token names the same one was checked before.
 *
 * `node:crypto` is used directly: HMAC needs no trip to another thread, Ed448 is there, and for RSA and the
 * curves it is the same OpenSSL that WebCrypto would call. ECDSA signatures are raw R||S of a fixed length
 * (RFC 7518 section 3.4), PSS salts are as long as the hash (section 3.5).
 */
function signatureMatches({ algorithm, key }: VerificationKey, { signingInput, signature }: CompactJws): boolean {
  const spec = algorithmSpec(algorithm);
  if (spec.family === 'hmac') {
    const expected = createHmac(spec.hash, key).update(signingInput).digest();
    return expected.length === signature.length && timingSafeEqual(expected, signature);
  }
  const data = Buffer.from(signingInput, 'latin1');
  switch (spec.family) {
    case 'rsa':
      return verify(spec.hash, data, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
    case 'rsa-pss': {
      const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
      return verify(spec.hash, data, { key, ...pss }, signature);
    }
    case 'ec':
      return (
        signature.length === spec.signatureBytes &&
        verify(spec.hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature)
      );
    case 'eddsa':
      return verify(null, data, key, signature);
  }
}

/**
 * Checks that a token was signed with exactly this key and this key's algorithm.
 * @throws InvalidTokenError `algorithm_not_allowed` or `signature_invalid`.
 */
export function assertSignature(jws: CompactJws, key: VerificationKey): void {
  if (jws.header.alg !== key.algorithm) throw new InvalidTokenError('algorithm_not_allowed');
  let matches: boolean;
  try {
    matches = signatureMatches(key, jws);
  } catch (cause) {
    // OpenSSL throws, instead of answering no, for some signatures that cannot be decoded.
    throw new InvalidTokenError('signature_invalid', { cause });
  }
  if (!matches) throw new InvalidTokenError('signature_invalid');
}
