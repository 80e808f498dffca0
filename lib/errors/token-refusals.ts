import { InvalidRequestError, InvalidTokenError } from './auth-error.js';
import { type ErrorDetail, received } from './error-detail.js';
import { nearMiss } from './near-miss.js';

/** Most configured values that a detail lists. */
const MAX_LISTED = 20;

/** Lists configured values for a detail, and counts those that are left out. */
function listed(values: Iterable<string>): readonly string[] {
  const all = [...values];
  return all.length <= MAX_LISTED ? all : [...all.slice(0, MAX_LISTED), `and ${all.length - MAX_LISTED} more`];
}

/** Refuses a token that lacks a required claim: `claim_missing`. */
export function missingClaim(claim: string, more: ErrorDetail = {}): InvalidTokenError {
  return new InvalidTokenError('claim_missing', { detail: { claim, problem: 'is missing', ...more } });
}

/**
 * Refuses a token with a claim of a wrong type or value: `claim_invalid`. Callers quote only times and names in the
 * detail, never the value of another claim.
 */
export function invalidClaim(claim: string, problem: string, more: ErrorDetail = {}): InvalidTokenError {
  return new InvalidTokenError('claim_invalid', { detail: { claim, problem, ...more } });
}

/** Refuses a token whose signature algorithm is not configured: `algorithm_not_allowed`. */
export function wrongAlgorithm(alg: unknown, allowed: Iterable<string>): InvalidTokenError {
  const detail = { claim: 'alg', problem: 'is not allowed', expected: listed(allowed), received: received(alg) };
  return new InvalidTokenError('algorithm_not_allowed', { detail });
}

/** Refuses a token for which no verification key is found: `key_not_found`. */
export function unknownKey({ kid, alg }: { kid?: string; alg: string }, hint?: string): InvalidTokenError {
  const named = kid === undefined ? 'is missing, and no key fits the algorithm' : 'names no key that fits';
  const detail = { claim: 'kid', problem: named, received: `${received(kid)}, for ${received(alg)}`, hint };
  return new InvalidTokenError('key_not_found', { detail });
}

/**
 * Refuses a token of an issuer that is not configured: `issuer_unknown`, with a hint where it nearly equals a
 * configured one.
 */
export function unknownIssuer(iss: unknown, configured: Iterable<string>, hint?: string): InvalidTokenError {
  const expected = listed(configured);
  const detail = {
    claim: 'iss',
    problem: iss === undefined ? 'is missing' : 'is not a configured issuer',
    ...(expected.length === 0 ? {} : { expected }),
    ...(iss === undefined ? {} : { received: received(iss) }),
    hint: nearMiss(iss, configured) ?? hint,
  };
  return new InvalidTokenError('issuer_unknown', { detail });
}

const isNobody = (aud: unknown): boolean =>
  aud === undefined || aud === null || aud === '' || (Array.isArray(aud) && aud.length === 0);

/** Refuses a token for another audience: `audience_mismatch`, with a hint where it nearly equals a configured one. */
export function wrongAudience(aud: unknown, configured: Iterable<string>, hint?: string): InvalidTokenError {
  const isAbsent = isNobody(aud);
  const detail = {
    claim: 'aud',
    problem: isAbsent ? 'is missing' : 'names none of the configured audiences',
    expected: listed(configured),
    ...(isAbsent ? {} : { received: received(aud) }),
    hint: nearMiss(aud, configured) ?? hint,
  };
  return new InvalidTokenError('audience_mismatch', { detail });
}

/** Refuses a token for which the audience function of the application answered `false`: `audience_mismatch`. */
export function refusedAudience(aud: unknown, hint?: string): InvalidTokenError {
  const isAbsent = isNobody(aud);
  const detail = {
    claim: 'aud',
    problem: `${isAbsent ? 'is missing, and' : 'was refused:'} the audience function answered false`,
    ...(isAbsent ? {} : { received: received(aud) }),
    hint,
  };
  return new InvalidTokenError('audience_mismatch', { detail });
}

/** Refuses a token of another client, or of none: `audience_mismatch`. `claim` is the one that names the client. */
export function wrongClient(claim: string | undefined, configured: Iterable<string>): InvalidTokenError {
  const detail = {
    claim: claim ?? 'client_id',
    problem: claim === undefined ? 'is missing, and so are azp, appid and cid' : 'names none of the configured clients',
    expected: listed(configured),
  };
  return new InvalidTokenError('audience_mismatch', { detail });
}

/** Refuses a request whose credential or body is not well-formed: `request_malformed`. */
export function malformedRequest(problem: string, more: { hint?: string; cause?: unknown } = {}): InvalidRequestError {
  const { hint, ...options } = more;
  return new InvalidRequestError('request_malformed', { ...options, detail: { problem, hint } });
}
