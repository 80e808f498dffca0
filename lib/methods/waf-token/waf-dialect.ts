import { invalidClaim } from '../../errors/token-refusals.js';
import { type CompactToken, readCompactToken } from '../../tokens/compact-token.js';
import type { TokenReader } from '../../tokens/presented-token.js';
import type { PresetFacts } from './presets/preset.js';

/** What a product's tokens are like, where they differ from the standard. */
export type WafDialect = Pick<PresetFacts, 'padding' | 'timesInHeader' | 'headerMembers' | 'claimValues'>;

/** The earlier end of two; where one is no number, that one, so that the check of types finds it. */
function earlier(claimed: unknown, named: unknown): unknown {
  if (named === undefined || (claimed !== undefined && typeof claimed !== 'number')) return claimed;
  return typeof claimed === 'number' && typeof named === 'number' ? Math.min(claimed, named) : named;
}

/**
 * AWS puts `exp` and `iss` into the signed JOSE header. They count as claims; where both are there, the earlier end
 * counts, and two issuers are none.
 */
function withHeaderClaims(token: CompactToken): CompactToken {
  const { exp, iss } = token.header;
  const claims = { ...token.claims };
  if (iss !== undefined && claims.iss !== undefined && iss !== claims.iss)
    throw invalidClaim('iss', 'is another one in the header than in the claims');
  // Types are checked with all other claims; here they are only put where that check looks.
  if (iss !== undefined) claims.iss = iss as string;
  if (exp !== undefined) claims.exp = earlier(claims.exp, exp) as number;
  return { ...token, claims };
}

/** Makes the reader of a dialect; `undefined`: its tokens are written by the standard. */
export function dialectReader({ padding, timesInHeader = false }: WafDialect): TokenReader | undefined {
  if (padding === undefined && !timesInHeader) return undefined;
  const written = padding === undefined ? {} : { padding };
  return (token) => {
    const plain = readCompactToken(token, written);
    return timesInHeader ? withHeaderClaims(plain) : plain;
  };
}

/** Holds a token to what its product promises: members of the JOSE header, and claims with one value. */
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
