import type { JWTPayload } from 'jose';
import { InvalidTokenError } from '../errors/auth-error.js';

/** The last second of the year 9999. Later "dates" are attacks on date arithmetic, `1e400` among them. */
const MAX_NUMERIC_DATE = 253_402_300_799;

/** The registered claims as RFC 7519 section 4.1 types them, after the check. */
export interface RegisteredClaims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
  readonly jti?: string;
}

function isNumericDate(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= MAX_NUMERIC_DATE;
}

function isAudience(value: unknown): boolean {
  if (typeof value === 'string') return true;
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
}

const TYPE_CHECKS: readonly (readonly [claim: keyof RegisteredClaims, isRight: (value: unknown) => boolean])[] = [
  ['iss', (value) => typeof value === 'string'],
  ['sub', (value) => typeof value === 'string'],
  ['aud', isAudience],
  ['exp', isNumericDate],
  ['nbf', isNumericDate],
  ['iat', isNumericDate],
  ['jti', (value) => typeof value === 'string'],
];

/**
 * Types before values: a registered claim that is there has the type of RFC 7519 section 4.1, or the token is
 * refused, whether or not anybody asked for the claim.
 * @throws InvalidTokenError `claim_invalid`
 */
export function assertClaimTypes(claims: JWTPayload): asserts claims is JWTPayload & RegisteredClaims {
  for (const [claim, isRight] of TYPE_CHECKS) {
    const value: unknown = claims[claim];
    if (value !== undefined && !isRight(value)) throw new InvalidTokenError('claim_invalid');
  }
}
