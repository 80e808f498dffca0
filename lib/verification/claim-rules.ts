import type { JWTPayload } from 'jose';
import { InvalidTokenError } from '../errors/auth-error.js';
import { assertClaimTypes } from './claim-types.js';
import { effectiveTimes, type TimeLeeways, type TokenTimes } from './effective-times.js';

/** What a method asks of the claims, whoever signed them. All times in seconds. */
export interface ClaimRules {
  readonly clockTolerance: number;
  readonly requiredClaims: readonly string[];
  readonly maxLifetime: number | undefined;
  /** What stands in for missing times; `undefined`: nothing does. */
  readonly leeways?: TimeLeeways | undefined;
}

/**
 * `exp`: "on or after" means that equality is expired (RFC 7519 section 4.1.4). `nbf`: section 4.1.5. An `iat` in
 * the future says that a clock or a signer is wrong.
 */
function assertTimes(claims: TokenTimes, now: number, tolerance: number): void {
  if (claims.exp !== undefined && now - tolerance >= claims.exp) throw new InvalidTokenError('token_expired');
  if (claims.nbf !== undefined && now + tolerance < claims.nbf) throw new InvalidTokenError('token_not_yet_valid');
  if (claims.iat !== undefined && now + tolerance < claims.iat) throw new InvalidTokenError('token_not_yet_valid');
}

/** Measured from `iat`, or from now where the signer did not say when it signed. */
function assertLifetime(claims: TokenTimes, now: number, maxLifetime: number | undefined): void {
  if (maxLifetime === undefined) return;
  if (claims.exp === undefined) throw new InvalidTokenError('claim_missing');
  if (claims.exp - (claims.iat ?? now) > maxLifetime) throw new InvalidTokenError('token_lifetime_exceeded');
}

/**
 * Checks what a clock decides, of claims whose types were checked before: the part of {@link assertClaims} that a
 * token can fail later on.
 * @throws InvalidTokenError `claim_missing`, `token_expired`, `token_not_yet_valid` or `token_lifetime_exceeded`.
 */
export function assertTimely(claims: JWTPayload, rules: ClaimRules): void {
  const now = Date.now() / 1000;
  const times = effectiveTimes(claims, rules.leeways);
  assertTimes(times, now, rules.clockTolerance);
  assertLifetime(times, now, rules.maxLifetime);
}

/**
 * Checks types, presence and times of the claims.
 * @throws InvalidTokenError `claim_invalid`, `claim_missing`, `token_expired`, `token_not_yet_valid` or `token_lifetime_exceeded`.
 */
export function assertClaims(claims: JWTPayload, rules: ClaimRules): void {
  assertClaimTypes(claims);
  for (const name of rules.requiredClaims) {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    if (value === undefined || value === null || value === '') throw new InvalidTokenError('claim_missing');
  }
  assertTimely(claims, rules);
}
