import type { Awaitable } from '../clock/awaitable.js';
import { AuthError, InvalidTokenError, ServiceUnavailableError } from '../errors/auth-error.js';
import type { Algorithm } from '../keys/algorithms.js';
import type { KeySource } from '../keys/key-source.js';
import { isSameKey, type VerificationKey } from '../keys/verification-key.js';
import type { CompactJws } from '../tokens/compact-token.js';
import type { JoseHeader } from '../tokens/jose-header.js';
import { assertSignature } from './verify-signature.js';

/** @throws InvalidTokenError `algorithm_not_allowed` unless the configuration, not the token, allows the algorithm. */
export function assertAlgorithm({ alg }: JoseHeader, algorithms: readonly Algorithm[]): void {
  if (!algorithms.some((algorithm) => algorithm === alg)) throw new InvalidTokenError('algorithm_not_allowed');
}

function keyThatMatches(jws: CompactJws, keys: readonly VerificationKey[]): VerificationKey | undefined {
  return keys.find((key) => {
    try {
      assertSignature(jws, key);
      return true;
    } catch (error) {
      if (error instanceof AuthError) return false;
      throw error;
    }
  });
}

/** A source of the application's own may fail in any way it likes: an outage, and not the caller's fault. */
function asKeyError(cause: unknown): AuthError {
  return cause instanceof AuthError ? cause : new ServiceUnavailableError('keys_unavailable', { cause });
}

async function keysFor(
  source: KeySource,
  header: JoseHeader,
  options?: { afresh: boolean },
): Promise<readonly VerificationKey[]> {
  try {
    return await source.find(header, options);
  } catch (cause) {
    throw asKeyError(cause);
  }
}

async function findsAgain(source: KeySource, header: JoseHeader, before: VerificationKey): Promise<boolean> {
  const keys = await keysFor(source, header);
  return keys.some((key) => isSameKey(key, before));
}

/**
 * Whether a source still has the key that a signature with this header matched before.
 * @throws InvalidTokenError `key_not_found` or `algorithm_not_allowed`; ServiceUnavailableError.
 */
export function stillHasKey(source: KeySource, header: JoseHeader, before: VerificationKey): Awaitable<boolean> {
  try {
    if (source.holds?.(header, before) === true) return true;
  } catch (cause) {
    throw asKeyError(cause);
  }
  return findsAgain(source, header, before);
}

/**
 * Verifies a signature by whichever of a source's keys fits, and says which one did. A token without a `kid` cannot
 * say that its key is new, so one whose signature matches no known key earns a second look at the origin, and the
 * keys that this brings one try.
 * @throws InvalidTokenError `key_not_found`, `algorithm_not_allowed` or `signature_invalid`; ServiceUnavailableError.
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
  throw new InvalidTokenError('signature_invalid');
}
