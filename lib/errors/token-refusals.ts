import { InvalidRequestError, InvalidTokenError } from './auth-error.js';
import { type ErrorDetail, received } from './error-detail.js';
import { nearMiss } from './near-miss.js';

/** More configured values than this are no help in a message. */
const MAX_LISTED = 20;

/** Configured values as a detail lists them. */
function listed(values: Iterable<string>): readonly string[] {
  const all = [...values];
  return all.length <= MAX_LISTED ? all : [...all.slice(0, MAX_LISTED), `and ${all.length - MAX_LISTED} more`];
}

/** The refusal of a token without a claim that must be there. */
export function missingClaim(claim: string, more: ErrorDetail = {}): InvalidTokenError {
  return new InvalidTokenError('claim_missing', { detail: { claim, problem: 'is missing', ...more } });
}

/** The refusal of a token with a claim of a wrong type or value. The value itself is told of times and names only. */
export function invalidClaim(claim: string, problem: string, more: ErrorDetail = {}): InvalidTokenError {
  return new InvalidTokenError('claim_invalid', { detail: { claim, problem, ...more } });
}

/** The refusal of a token that names another signature algorithm than the configuration allows. */
export function wrongAlgorithm(alg: unknown, allowed: Iterable<string>): InvalidTokenError {
  const detail = { claim: 'alg', problem: 'is not allowed', expected: listed(allowed), received: received(alg) };
  return new InvalidTokenError('algorithm_not_allowed', { detail });
}

/** The refusal of a token whose key is not there. */
export function unknownKey({ kid, alg }: { kid?: string; alg: string }, hint?: string): InvalidTokenError {
  const named = kid === undefined ? 'is missing, and no key fits the algorithm' : 'names no key that fits';
  const detail = { claim: 'kid', problem: named, received: `${received(kid)}, for ${received(alg)}`, hint };
  return new InvalidTokenError('key_not_found', { detail });
}

/** The refusal of a token of an issuer that nobody configured, with the configured one that it nearly names. */
export function unknownIssuer(iss: unknown, configured: Iterable<string>): InvalidTokenError {
  const expected = listed(configured);
  const detail = {
    claim: 'iss',
    problem: iss === undefined ? 'is missing' : 'is not a configured issuer',
    ...(expected.length === 0 ? {} : { expected }),
    ...(iss === undefined ? {} : { received: received(iss) }),
    hint: nearMiss(iss, configured),
  };
  return new InvalidTokenError('issuer_unknown', { detail });
}

/** The refusal of a token for somebody else, with the configured audience that it nearly names. */
export function wrongAudience(aud: unknown, configured: Iterable<string>, hint?: string): InvalidTokenError {
  const isAbsent = aud === undefined || aud === null || (Array.isArray(aud) && aud.length === 0);
  const detail = {
    claim: 'aud',
    problem: isAbsent ? 'is missing' : 'names none of the configured audiences',
    expected: listed(configured),
    ...(isAbsent ? {} : { received: received(aud) }),
    hint: nearMiss(aud, configured) ?? hint,
  };
  return new InvalidTokenError('audience_mismatch', { detail });
}

/** The refusal of a request whose credential, or whose body, is not written as it must be. */
export function malformedRequest(problem: string, more: { hint?: string; cause?: unknown } = {}): InvalidRequestError {
  const { hint, ...options } = more;
  return new InvalidRequestError('request_malformed', { ...options, detail: { problem, hint } });
}
