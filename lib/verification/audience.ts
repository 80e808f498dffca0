import type { JWTPayload } from 'jose';
import { InvalidTokenError } from '../errors/auth-error.js';

/** Whether one of the token's audiences is, code unit by code unit, one of ours (RFC 7519 section 4.1.3). */
export function isForAudience({ aud }: JWTPayload, audiences: readonly string[]): boolean {
  const claimed: unknown = aud;
  return Array.isArray(claimed)
    ? claimed.some((item) => audiences.includes(item))
    : typeof claimed === 'string' && audiences.includes(claimed);
}

/** `undefined` means that the application said aloud that audiences are not checked. @throws InvalidTokenError `audience_mismatch` */
export function assertAudience(claims: JWTPayload, audiences: readonly string[] | undefined): void {
  if (audiences !== undefined && !isForAudience(claims, audiences)) throw new InvalidTokenError('audience_mismatch');
}
