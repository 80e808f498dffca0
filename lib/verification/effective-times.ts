import type { JWTPayload } from 'jose';
import { InvalidTokenError } from '../errors/auth-error.js';

/** Seconds that stand in for missing times, as in Consul's `ExpirationLeeway` and `NotBeforeLeeway`. */
export interface TimeLeeways {
  readonly expiration: number;
  readonly notBefore: number;
}

/** The times that are compared; in seconds. */
export type TokenTimes = Pick<JWTPayload, 'exp' | 'nbf' | 'iat'>;

/**
 * Completes missing times by Consul's rules: `exp` from the later of `iat` and `nbf`, `nbf` from `iat` or else from
 * `exp`. A claim of 0 counts as missing. Without leeways the times are taken as they stand.
 * @throws InvalidTokenError `claim_missing` if the token names no time at all.
 */
export function effectiveTimes(given: TokenTimes, leeways: TimeLeeways | undefined): TokenTimes {
  if (leeways === undefined) return given;
  const { exp: end = 0, nbf: start = 0, iat: issued = 0 } = given;
  if (end === 0 && start === 0 && issued === 0) throw new InvalidTokenError('claim_missing');
  const effectiveEnd = end === 0 ? Math.max(issued, start) + leeways.expiration : end;
  const effectiveStart = start !== 0 ? start : issued !== 0 ? issued : effectiveEnd - leeways.notBefore;
  return { exp: effectiveEnd, nbf: effectiveStart, ...(issued === 0 ? {} : { iat: issued }) };
}
