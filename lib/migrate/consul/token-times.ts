import type { JWTPayload } from 'jose';
import { missingClaim } from '../../errors/token-refusals.js';
import { assertClaims, effectiveTimes } from '../../verification/claim-rules.js';
import { expired } from '../../verification/time-refusals.js';
import type { ConsulConfig } from './consul-config.js';
import type { Trust } from './trust.js';

/**
 * Checks types and times of the claims, and returns when the token ends, in seconds.
 * @throws {InvalidTokenError} when a claim has a wrong type, or a time is wrong.
 */
export type CheckTimes = (claims: JWTPayload) => number | undefined;

/** Leeway that Consul's OpenID Connect library grants to `nbf`, in seconds. */
const DISCOVERY_NOT_BEFORE_LEEWAY = 300;

/** Checks times as with discovery: `exp` is required and exact, `nbf` has five minutes, the three leeways are ignored. */
function checkDiscovered(claims: JWTPayload): number | undefined {
  const rules = { clockTolerance: DISCOVERY_NOT_BEFORE_LEEWAY, requiredClaims: ['exp'], maxLifetime: undefined };
  assertClaims(claims, rules);
  const { exp } = claims;
  const now = Date.now() / 1000;
  if (exp === undefined) throw missingClaim('exp');
  if (now >= exp) throw expired(exp, now, 0);
  return exp;
}

/**
 * Compiles the check of times. With keys of the configuration or a key set, missing times are derived from the leeways,
 * and the clock skew applies to all comparisons; with discovery, {@link checkDiscovered}.
 */
export function compileTimes({ isDiscovered }: Trust, config: ConsulConfig): CheckTimes {
  if (isDiscovered) return checkDiscovered;
  const leeways = { expiration: config.expirationLeeway, notBefore: config.notBeforeLeeway };
  const rules = { clockTolerance: config.clockSkewLeeway, requiredClaims: [], maxLifetime: undefined, leeways };
  return (claims) => {
    assertClaims(claims, rules);
    return effectiveTimes(claims, leeways).exp;
  };
}
