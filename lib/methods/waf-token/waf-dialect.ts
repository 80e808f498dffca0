import { invalidClaim } from '../../errors/token-refusals.js';
import type { PresentedToken } from '../../pipeline/authenticator.js';
import { type CompactToken, readCompactToken } from '../../tokens/compact-token.js';
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

const read = new WeakMap<PresentedToken, CompactToken>();

/** A reader for a dialect, where it is not the standard; every presented token is read once. */
export function dialectReader({
  padding,
  timesInHeader = false,
}: WafDialect): ((presented: PresentedToken) => CompactToken) | undefined {
  if (padding === undefined && !timesInHeader) return undefined;
  return (presented) => {
    const known = read.get(presented);
    if (known !== undefined) return known;
    const plain = readCompactToken(presented.token, padding === undefined ? {} : { padding });
    const token = timesInHeader ? withHeaderClaims(plain) : plain;
    read.set(presented, token);
    return token;
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
