import { AuthError, InvalidTokenError } from '../errors/auth-error.js';
import type { KeySource } from '../keys/key-source.js';
import type { VerificationKey } from '../keys/verification-key.js';
import type { CompactJws } from '../tokens/compact-token.js';
import { assertSignature } from './verify-signature.js';

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

/**
 * Verifies a signature by whichever of a source's keys fits, and says which one did. A token without a `kid` cannot
 * say that its key is new, so one whose signature matches no known key earns a second look at the origin.
 * @throws InvalidTokenError `key_not_found`, `algorithm_not_allowed` or `signature_invalid`; ServiceUnavailableError.
 */
export async function verifyWithSource(jws: CompactJws, source: KeySource): Promise<VerificationKey> {
  const known = keyThatMatches(jws, await source.find(jws.header));
  if (known !== undefined) return known;
  if (jws.header.kid === undefined) {
    const afresh = keyThatMatches(jws, await source.find(jws.header, { afresh: true }));
    if (afresh !== undefined) return afresh;
  }
  throw new InvalidTokenError('signature_invalid');
}
