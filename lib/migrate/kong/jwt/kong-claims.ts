import type { JWTPayload } from 'jose';
import type { TokenErrorCode } from '../../../errors/error-codes.js';
import { KongRefusal } from '../kong-refusal.js';
import type { JwtPluginConfig } from './jwt-plugin-config.js';

interface ClaimProblem {
  readonly code: TokenErrorCode;
  readonly text: string;
}

/** Comparisons without tolerance: an `exp` of this second is over, an `nbf` of this second has begun. */
const OUT_OF_TIME = {
  nbf: (value: number, now: number) => value > now,
  exp: (value: number, now: number) => value <= now,
} as const;

const SAID = {
  nbf: { code: 'token_not_yet_valid', text: 'token not valid yet' },
  exp: { code: 'token_expired', text: 'token expired' },
} as const satisfies Record<string, ClaimProblem>;

function problemOf(name: 'nbf' | 'exp', value: unknown, now: number): ClaimProblem | undefined {
  // `1e400` is infinite, which Lua takes for a number.
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return { code: value === undefined ? 'claim_missing' : 'claim_invalid', text: 'must be a number' };
  }
  return OUT_OF_TIME[name](value, now) ? SAID[name] : undefined;
}

/**
 * Checks times as Kong's `jwt` plugin does, and reports all failures together. `maximum_expiration` is a distance from
 * now, not from `iat`.
 * @throws {KongRefusal} when a time is missing, of a wrong type, or wrong.
 */
export function assertKongClaims(
  claims: JWTPayload,
  { claimsToVerify, maximumExpiration }: Pick<JwtPluginConfig, 'claimsToVerify' | 'maximumExpiration'>,
): void {
  // Kong counts whole seconds.
  const now = Math.floor(Date.now() / 1000);
  const problems = (['nbf', 'exp'] as const).flatMap((name) => {
    const problem = claimsToVerify.includes(name) ? problemOf(name, claims[name], now) : undefined;
    return problem === undefined ? [] : [{ name, ...problem }];
  });
  const [first] = problems;
  if (first !== undefined) {
    throw new KongRefusal(first.code, Object.fromEntries(problems.map(({ name, text }) => [name, text])));
  }
  if (maximumExpiration > 0 && claims.exp !== undefined && claims.exp - now > maximumExpiration) {
    throw new KongRefusal('token_lifetime_exceeded', { exp: 'exceeds maximum allowed expiration' });
  }
}
