import { InvalidTokenError } from '../errors/auth-error.js';
import type { TokenContent } from '../tokens/compact-token.js';

/**
 * The credential key that a token names: the claim in the payload first, then in the JOSE header (as in Kong,
 * where `kid` is found that way). Read only to choose a record; nothing is verified yet.
 * @throws InvalidTokenError `claim_missing`, or `claim_invalid` if it is not a non-empty text.
 */
export function keyNamedBy({ claims, header }: TokenContent, keyClaim: string): string {
  const key: unknown = Object.hasOwn(claims, keyClaim)
    ? claims[keyClaim]
    : Object.hasOwn(header, keyClaim)
      ? header[keyClaim]
      : undefined;
  if (key === undefined) throw new InvalidTokenError('claim_missing');
  if (typeof key !== 'string' || key === '') throw new InvalidTokenError('claim_invalid');
  return key;
}
