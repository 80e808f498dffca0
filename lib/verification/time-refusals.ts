import { InvalidTokenError } from '../errors/auth-error.js';
import type { TokenErrorCode } from '../errors/error-codes.js';

/** Seconds since 1970 beyond which a time was surely written in milliseconds: in seconds, the year 5138. */
const SURELY_MILLISECONDS = 100_000_000_000;

const MILLISECONDS = 'It looks like milliseconds; times in tokens are seconds since 1970 (RFC 7519 section 2).';

/** Why a time may be of a wrong type or size, where that shows. */
export function millisecondsHint(value: unknown): string | undefined {
  return typeof value === 'number' && value >= SURELY_MILLISECONDS ? MILLISECONDS : undefined;
}

/** A time as people and logs read it. */
function instant(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}

/** A refusal because of the clock. All times in seconds. */
interface TimeProblem {
  readonly code: TokenErrorCode;
  readonly claim: 'exp' | 'nbf' | 'iat';
  readonly value: number;
  readonly now: number;
  readonly problem: string;
  readonly expected: string;
}

const CLOCKS = 'Either the token is used too early, or the clocks of the issuer and of this machine differ.';

/** The refusal of a token that a clock refuses: the claim, what it says, and what time it is here. */
function timeRefusal({ code, claim, value, now, problem, expected }: TimeProblem): InvalidTokenError {
  const hint = millisecondsHint(value) ?? (code === 'token_not_yet_valid' ? CLOCKS : undefined);
  const detail = { claim, problem, expected: `${expected}; now it is ${instant(now)}`, received: instant(value), hint };
  return new InvalidTokenError(code, { detail });
}

/** The refusal of a token whose `exp` has come. */
export function expired(exp: number, now: number, tolerance: number): InvalidTokenError {
  const problem = `was reached ${Math.round(now - exp)} seconds ago`;
  const expected = `a time in the future, or at most ${tolerance} seconds in the past`;
  return timeRefusal({ code: 'token_expired', claim: 'exp', value: exp, now, problem, expected });
}

/** The refusal of a token whose `nbf` or `iat` lies in the future. */
export function tooEarly(claim: 'nbf' | 'iat', value: number, now: number, tolerance: number): InvalidTokenError {
  const problem = `lies ${Math.round(value - now)} seconds in the future`;
  const expected = `a time in the past, or at most ${tolerance} seconds in the future`;
  return timeRefusal({ code: 'token_not_yet_valid', claim, value, now, problem, expected });
}

/** The refusal of a token that is older than a method takes, whatever its `exp` says. */
export function tooOld(iat: number, now: number, maxAge: number, code: TokenErrorCode): InvalidTokenError {
  const problem = `was ${Math.round(now - iat)} seconds ago`;
  return timeRefusal({ code, claim: 'iat', value: iat, now, problem, expected: `at most ${maxAge} seconds ago` });
}

/** The refusal of a token that is made to live for longer than a method takes. */
export function tooLong(exp: number, start: number, maxLifetime: number): InvalidTokenError {
  const problem = `lies ${Math.round(exp - start)} seconds after the beginning`;
  const expected = `at most ${maxLifetime} seconds from iat to exp`;
  const detail = { claim: 'exp', problem, expected, received: instant(exp), hint: millisecondsHint(exp) };
  return new InvalidTokenError('token_lifetime_exceeded', { detail });
}
