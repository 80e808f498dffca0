import { constants, createHmac, timingSafeEqual, verify } from 'node:crypto';
import type { Awaitable } from '../clock/awaitable.js';
import { AuthError, InvalidTokenError, ServiceUnavailableError } from '../errors/auth-error.js';
import { received } from '../errors/error-detail.js';
import { wrongAlgorithm } from '../errors/token-refusals.js';
import { warnOnce } from '../errors/warnings.js';
import { type Algorithm, algorithmSpec } from '../keys/algorithms.js';
import type { KeySource } from '../keys/key-source.js';
import { isSameKey, type VerificationKey } from '../keys/verification-key.js';
import type { CompactJws } from '../tokens/compact-token.js';
import type { JoseHeader } from '../tokens/jose-header.js';

/**
 * Whether a signature matches. The algorithm is the key's; the caller has checked that the token names the same one.
 *
 * `node:crypto` is called directly: HMAC needs no other thread, Ed448 is supported, and for RSA and the curves it is
 * the same OpenSSL that WebCrypto would call. ECDSA signatures are raw R||S of a fixed length (RFC 7518 section 3.4),
 * PSS salts are as long as the hash (section 3.5).
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
 * Checks that a token was signed with this key, by this key's algorithm.
 * @throws {InvalidTokenError} `algorithm_not_allowed` or `signature_invalid`.
 */
export function assertSignature(jws: CompactJws, key: VerificationKey): void {
  if (jws.header.alg !== key.algorithm) throw wrongAlgorithm(jws.header.alg, [key.algorithm]);
  let matches: boolean;
  try {
    matches = signatureMatches(key, jws);
  } catch (cause) {
    // OpenSSL throws, instead of answering no, for some signatures that cannot be decoded.
    throw wrongSignature(jws, { cause });
  }
  if (!matches) throw wrongSignature(jws);
}

function wrongSignature({ header: { alg, kid } }: CompactJws, options: { cause?: unknown } = {}): InvalidTokenError {
  const key = kid === undefined ? 'a token without a kid' : `a token with the kid ${received(kid)}`;
  const detail = { problem: 'no key that fits gives this signature', received: `${received(alg)}, ${key}` };
  return new InvalidTokenError('signature_invalid', { ...options, detail });
}

/**
 * Checks that the configuration allows the algorithm that a token names.
 * @throws {InvalidTokenError} `algorithm_not_allowed`.
 */
export function assertAlgorithm({ alg }: JoseHeader, algorithms: readonly Algorithm[]): void {
  if (!algorithms.some((algorithm) => algorithm === alg)) throw wrongAlgorithm(alg, algorithms);
}

function keyThatMatches(jws: CompactJws, keys: readonly VerificationKey[]): VerificationKey | undefined {
  return keys.find((key) => {
    if (jws.header.alg !== key.algorithm) return false;
    try {
      return signatureMatches(key, jws);
    } catch {
      // OpenSSL throws, instead of answering no, for some signatures that cannot be decoded.
      return false;
    }
  });
}

/**
 * Turns an exception of a key source into a 503 `keys_unavailable`. A source of the application may throw anything, and
 * that is never the client's fault.
 */
function asKeyError(source: KeySource, cause: unknown): AuthError {
  if (AuthError.is(cause)) return cause;
  warnOnce('keys', source, cause);
  return new ServiceUnavailableError('keys_unavailable', { cause });
}

async function keysFor(
  source: KeySource,
  header: JoseHeader,
  options?: { afresh: boolean },
): Promise<readonly VerificationKey[]> {
  try {
    return await source.find(header, options);
  } catch (cause) {
    throw asKeyError(source, cause);
  }
}

async function findsAgain(source: KeySource, header: JoseHeader, before: VerificationKey): Promise<boolean> {
  const keys = await keysFor(source, header);
  return keys.some((key) => isSameKey(key, before));
}

/**
 * Whether a source still has the key that a signature with this header matched before.
 * @throws {InvalidTokenError} `key_not_found` or `algorithm_not_allowed`.
 * @throws {ServiceUnavailableError} `keys_unavailable`.
 */
export function stillHasKey(source: KeySource, header: JoseHeader, before: VerificationKey): Awaitable<boolean> {
  try {
    if (source.holds?.(header, before) === true) return true;
  } catch (cause) {
    throw asKeyError(source, cause);
  }
  return findsAgain(source, header, before);
}

/**
 * Verifies a signature with the keys of a source, and returns the key that matched. A token without a `kid` cannot show
 * that its key is new; if no known key matches, the source is asked to load its keys again, and the new ones are tried.
 * @throws {InvalidTokenError} `key_not_found`, `algorithm_not_allowed` or `signature_invalid`.
 * @throws {ServiceUnavailableError} `keys_unavailable`.
 */
export async function verifyWithSource(jws: CompactJws, source: KeySource): Promise<VerificationKey> {
  const tried = await keysFor(source, jws.header);
  const known = keyThatMatches(jws, tried);
  if (known !== undefined) return known;
  if (jws.header.kid === undefined) {
    const afresh = await keysFor(source, jws.header, { afresh: true });
    const fresh = afresh.filter(({ key }) => !tried.some((old) => old.key === key));
    const found = keyThatMatches(jws, fresh);
    if (found !== undefined) return found;
  }
  throw wrongSignature(jws);
}
