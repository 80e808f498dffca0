import { InvalidTokenError } from '../errors/auth-error.js';
import type { TokenErrorCode } from '../errors/error-codes.js';

/** Seconds since 1970 above which a time was written in milliseconds: as seconds, it is in the year 5138. */
const SURELY_MILLISECONDS = 100_000_000_000;

const MILLISECONDS = 'It looks like milliseconds; times in tokens are seconds since 1970 (RFC 7519 section 2).';

/** Returns a hint for a time that is probably written in milliseconds. */
export function millisecondsHint(value: unknown): string | undefined {
  return typeof value === 'number' && value >= SURELY_MILLISECONDS ? MILLISECONDS : undefined;
}

/** Writes a time as ISO 8601 text. */
function instant(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}

/** Facts of a refusal because of a time. All times are in seconds. */
interface TimeProblem {
  readonly code: TokenErrorCode;
  readonly claim: 'exp' | 'nbf' | 'iat';
  readonly value: number;
  readonly now: number;
  readonly problem: string;
  readonly expected: string;
}

const CLOCKS = 'Either the token is used too early, or the clocks of the issuer and of this machine differ.';

/** Refuses a token because of a time, and tells the claim, its value and the local time. */
function timeRefusal({ code, claim, value, now, problem, expected }: TimeProblem): InvalidTokenError {
  const hint = millisecondsHint(value) ?? (code === 'token_not_yet_valid' ? CLOCKS : undefined);
  const detail = { claim, problem, expected: `${expected}; now it is ${instant(now)}`, received: instant(value), hint };
  return new InvalidTokenError(code, { detail });
}

/** Refuses a token that has expired. */
export function expired(exp: number, now: number, tolerance: number): InvalidTokenError {
  const problem = `was reached ${Math.round(now - exp)} seconds ago`;
  const expected = `a time in the future, or at most ${tolerance} seconds in the past`;
  return timeRefusal({ code: 'token_expired', claim: 'exp', value: exp, now, problem, expected });
}

/** Refuses a token whose `nbf` or `iat` is in the future. */
export function tooEarly(claim: 'nbf' | 'iat', value: number, now: number, tolerance: number): InvalidTokenError {
  const problem = `lies ${Math.round(value - now)} seconds in the future`;
  const expected = `a time in the past, or at most ${tolerance} seconds in the future`;
  return timeRefusal({ code: 'token_not_yet_valid', claim, value, now, problem, expected });
}

/** Refuses a token that is older than a method accepts, whatever its `exp` says. */
export function tooOld(iat: number, now: number, maxAge: number): InvalidTokenError {
  const problem = `was ${Math.round(now - iat)} seconds ago`;
  const expected = `at most ${maxAge} seconds ago`;
  return timeRefusal({ code: 'token_expired', claim: 'iat', value: iat, now, problem, expected });
}

/** Refuses a token with a longer lifetime than a method accepts. */
export function tooLong(exp: number, start: number, maxLifetime: number): InvalidTokenError {
  const problem = `lies ${Math.round(exp - start)} seconds after the beginning`;
  const expected = `at most ${maxLifetime} seconds from iat to exp`;
  const detail = { claim: 'exp', problem, expected, received: instant(exp), hint: millisecondsHint(exp) };
  return new InvalidTokenError('token_lifetime_exceeded', { detail });
}
