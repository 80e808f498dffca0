import type { JWTPayload } from 'jose';
import type { InvalidTokenError } from '../errors/auth-error.js';
import { kindOf, received } from '../errors/error-detail.js';
import { invalidClaim, missingClaim, wrongAudience } from '../errors/token-refusals.js';
import { expired, millisecondsHint, tooEarly, tooLong, tooOld } from './time-refusals.js';
import { idTokenHint } from './token-kind.js';

/**
 * Whether one audience of the token equals a configured one, compared code unit by code unit (RFC 7519 section 4.1.3).
 */
export function isForAudience({ aud }: JWTPayload, audiences: readonly string[]): boolean {
  const claimed: unknown = aud;
  return Array.isArray(claimed)
    ? claimed.some((item) => audiences.includes(item))
    : typeof claimed === 'string' && audiences.includes(claimed);
}

/**
 * Checks the audience of a token. `undefined` means that the configuration turns the check off.
 * @throws {InvalidTokenError} `audience_mismatch`.
 */
export function assertAudience(claims: JWTPayload, audiences: readonly string[] | undefined): void {
  if (audiences === undefined || isForAudience(claims, audiences)) return;
  throw wrongAudience(claims.aud, audiences, idTokenHint(claims));
}

/** Last second of the year 9999. Later times, such as `1e400`, are attacks on date arithmetic. */
const MAX_NUMERIC_DATE = 253_402_300_799;

/** Registered claims with the types of RFC 7519 section 4.1, after the check. */
interface RegisteredClaims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
}

function isNumericDate(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= MAX_NUMERIC_DATE;
}

function isAudience(value: unknown): boolean {
  // Providers write null and an empty list where a token has no audience; both count as absent.
  if (typeof value === 'string' || value === null) return true;
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

const isText = (value: unknown): boolean => typeof value === 'string';

type TypeCheck = readonly [claim: keyof RegisteredClaims, isRight: (value: unknown) => boolean, expected: string];

const TIME = 'a number of seconds since 1970, up to the year 9999';

const TYPE_CHECKS: readonly TypeCheck[] = [
  ['iss', isText, 'a text'],
  ['sub', isText, 'a text'],
  ['aud', isAudience, 'a text or a list of texts'],
  ['exp', isNumericDate, TIME],
  ['nbf', isNumericDate, TIME],
  ['iat', isNumericDate, TIME],
];

/** Refuses a claim of a wrong type. The detail quotes times; of other values it tells only the type. */
function wrongType(claim: string, value: unknown, expected: string): InvalidTokenError {
  const got = expected === TIME ? received(value) : kindOf(value);
  const problem = 'has a wrong type or value';
  return invalidClaim(claim, problem, { expected, received: got, hint: millisecondsHint(value) });
}

/**
 * Checks that every registered claim has the type of RFC 7519 section 4.1, before values are compared.
 * @throws {InvalidTokenError} `claim_invalid`.
 */
function assertClaimTypes(claims: JWTPayload): asserts claims is JWTPayload & RegisteredClaims {
  for (const [claim, isRight, expected] of TYPE_CHECKS) {
    const value: unknown = claims[claim];
    if (value !== undefined && !isRight(value)) throw wrongType(claim, value, expected);
  }
}

/** Seconds added or subtracted where a time is missing, as Consul's `ExpirationLeeway` and `NotBeforeLeeway`. */
export interface TimeLeeways {
  readonly expiration: number;
  readonly notBefore: number;
}

/** Times of a token, in seconds since the epoch. */
export type TokenTimes = Pick<JWTPayload, 'exp' | 'nbf' | 'iat'>;

/**
 * Completes missing times by Consul's rules: `exp` from the later of `iat` and `nbf`; `nbf` from `iat`, or else from
 * `exp`. A claim of 0 counts as missing. Without leeways the times are returned unchanged.
 * @throws {InvalidTokenError} `claim_missing` when the token has no time at all.
 */
export function effectiveTimes(given: TokenTimes, leeways: TimeLeeways | undefined): TokenTimes {
  if (leeways === undefined) return given;
  const { exp: end = 0, nbf: start = 0, iat: issued = 0 } = given;
  if (end === 0 && start === 0 && issued === 0)
    throw missingClaim('exp', { hint: 'The token has no nbf and no iat either.' });
  const effectiveEnd = end === 0 ? Math.max(issued, start) + leeways.expiration : end;
  const effectiveStart = start !== 0 ? start : issued !== 0 ? issued : effectiveEnd - leeways.notBefore;
  return { exp: effectiveEnd, nbf: effectiveStart, ...(issued === 0 ? {} : { iat: issued }) };
}

/** Rules for the age of a token, in seconds. */
type AgeRules = Pick<ClaimRules, 'clockTolerance' | 'maxAge'>;

/** Rules of a method for the claims of every token. All times are in seconds. */
export interface ClaimRules {
  readonly clockTolerance: number;
  readonly requiredClaims: readonly string[];
  readonly maxLifetime: number | undefined;
  /** Greatest age of a token; `undefined`: no limit. */
  readonly maxAge?: number | undefined;
  /** Leeways for missing times; `undefined`: missing times stay missing. */
  readonly leeways?: TimeLeeways | undefined;
}

/**
 * Checks the times of a token. `exp`: a token is expired at that second (RFC 7519 section 4.1.4). `nbf`: section 4.1.5.
 * An `iat` in the future shows that a clock or a signer is wrong.
 */
function assertTimes(claims: TokenTimes, now: number, tolerance: number): void {
  const { exp, nbf, iat } = claims;
  if (exp !== undefined && now - tolerance >= exp) throw expired(exp, now, tolerance);
  if (nbf !== undefined && now + tolerance < nbf) throw tooEarly('nbf', nbf, now, tolerance);
  if (iat !== undefined && now + tolerance < iat) throw tooEarly('iat', iat, now, tolerance);
}

/** Checks the lifetime of a token: from `iat`, or from now where it has none, to `exp`. */
function assertLifetime(claims: TokenTimes, now: number, maxLifetime: number | undefined): void {
  if (maxLifetime === undefined) return;
  const { exp, iat = now } = claims;
  if (exp === undefined) throw missingClaim('exp');
  if (exp - iat > maxLifetime) throw tooLong(exp, iat, maxLifetime);
}

/**
 * Checks the age of a token: from `iat` to now, whatever its `exp` says.
 * @throws {InvalidTokenError} `claim_missing` without `iat`, `token_expired` when it is too old.
 */
export function assertAge({ iat }: TokenTimes, now: number, { maxAge, clockTolerance }: AgeRules): void {
  if (maxAge === undefined) return;
  if (iat === undefined) throw missingClaim('iat', { hint: 'maxAge needs it.' });
  if (now - iat > maxAge + clockTolerance) throw tooOld(iat, now, maxAge);
}

/**
 * Checks the times, lifetime and age of claims whose types were checked before. A cached token is checked by this part of
 * {@link assertClaims} only, because the rest cannot change.
 * @throws {InvalidTokenError} `claim_missing`, `token_expired`, `token_not_yet_valid` or `token_lifetime_exceeded`.
 */
export function assertTimely(claims: JWTPayload, rules: ClaimRules): void {
  const now = Date.now() / 1000;
  const times = effectiveTimes(claims, rules.leeways);
  assertTimes(times, now, rules.clockTolerance);
  assertLifetime(times, now, rules.maxLifetime);
  assertAge(times, now, rules);
}

/**
 * Checks types, presence and times of the claims.
 * @throws {InvalidTokenError} `claim_invalid`, `claim_missing`, `token_expired`, `token_not_yet_valid` or
 * `token_lifetime_exceeded`.
 */
export function assertClaims(claims: JWTPayload, rules: ClaimRules): void {
  assertClaimTypes(claims);
  for (const name of rules.requiredClaims) {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    if (value === undefined || value === null || value === '') throw missingClaim(name);
  }
  assertTimely(claims, rules);
}
