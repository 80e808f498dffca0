import { invalidClaim } from '../../errors/token-refusals.js';
import { type CompactToken, readCompactToken } from '../../tokens/compact-token.js';
import type { TokenReader } from '../../tokens/presented-token.js';
import type { PresetFacts } from './presets/preset.js';

/** Differences of a product's tokens from the standard form. */
export type WafDialect = Pick<PresetFacts, 'padding' | 'timesInHeader' | 'headerMembers' | 'claimValues'>;

/** Returns the earlier of two ends. A value that is no number is returned, so that the check of types refuses it. */
function earlier(claimed: unknown, named: unknown): unknown {
  if (named === undefined || (claimed !== undefined && typeof claimed !== 'number')) return claimed;
  return typeof claimed === 'number' && typeof named === 'number' ? Math.min(claimed, named) : named;
}

/**
 * Copies `exp` and `iss` from the JOSE header to the claims, because AWS writes them into the signed header. If both
 * have `exp`, the earlier counts; two different issuers are refused.
 */
function withHeaderClaims(token: CompactToken): CompactToken {
  const { exp, iss } = token.header;
  const claims = { ...token.claims };
  if (iss !== undefined && claims.iss !== undefined && iss !== claims.iss)
    throw invalidClaim('iss', 'is another one in the header than in the claims');
  // Casts: the types of all claims are checked later.
  if (iss !== undefined) claims.iss = iss as string;
  if (exp !== undefined) claims.exp = earlier(claims.exp, exp) as number;
  return { ...token, claims };
}

/** Makes the parser of a dialect; `undefined`: the tokens have the standard form. */
export function dialectReader({ padding, timesInHeader = false }: WafDialect): TokenReader | undefined {
  if (padding === undefined && !timesInHeader) return undefined;
  const written = padding === undefined ? {} : { padding };
  return (token) => {
    const plain = readCompactToken(token, written);
    return timesInHeader ? withHeaderClaims(plain) : plain;
  };
}

/**
 * Checks what a product's tokens must have: members of the JOSE header, and claims with one value.
 * @throws {InvalidTokenError} `claim_invalid`.
 */
export function assertDialect(
  { header, claims }: CompactToken,
  { headerMembers = {}, claimValues = {} }: WafDialect,
): void {
  for (const [member, allowed] of Object.entries(headerMembers)) {
    const value = header[member];
    if (typeof value !== 'string' || !allowed.includes(value))
      throw invalidClaim(member, 'is another than configured', { expected: allowed });
  }
  for (const [claim, expected] of Object.entries(claimValues)) {
    if (claims[claim] !== expected) throw invalidClaim(claim, 'has another value than this product writes');
  }
}
