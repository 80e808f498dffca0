import type { JWTPayload } from 'jose';
import { withTimeLimit } from '../clock/time-limit.js';
import { applicationFault } from '../errors/application-code.js';
import { emit, type OnEvent } from '../events/auth-event.js';
import { assertFunction } from '../options/assertions.js';
import type { TokenClaims } from '../tokens/compact-token.js';
import type { ReadableClaims } from '../tokens/readable-claims.js';
import { deepFreeze, isPlainRecord } from '../tokens/strict-json.js';

/** Facts that a resolver of distributed claims is given. */
export interface DistributedClaimContext {
  /** Verified claims of the token. */
  readonly claims: ReadableClaims;
  /** Name of the issuer. */
  readonly issuer: string;
  /** Aborts when the time for the answer, 5 seconds, is over. */
  readonly signal: AbortSignal;
}

/**
 * Fetches a claim that the issuer left out of the token, such as the groups of a person in too many of them for Entra
 * to list. `undefined`: it is absent. Addresses in the token (`_claim_sources`) are never followed by Sallyport.
 */
export type DistributedClaims = (
  claim: string,
  context: DistributedClaimContext,
) => Promise<string | readonly string[] | undefined>;

/** Fetches the claims of a verified token that stand elsewhere; `undefined`: none does, or nobody fetches them. */
export type CompleteClaims = (content: TokenClaims, issuer: string) => Promise<TokenClaims> | undefined;

/** Seconds that an answer may take. */
const TIME_LIMIT = 5;

/** Most claims of one token that are asked for; more are a mistake of the issuer, or an attack. */
const MAX_CLAIMS = 10;

/** Lists the claims that stand elsewhere: OpenID Connect Core section 5.6.2, and Entra's `hasgroups` in small tokens. */
function claimsElsewhere(claims: JWTPayload): readonly string[] {
  const { _claim_names: names, hasgroups } = claims;
  const named = isPlainRecord(names) ? Object.keys(names) : [];
  const all = new Set([...named, ...(hasgroups === true || hasgroups === 'true' ? ['groups'] : [])]);
  return [...all].filter((claim) => claims[claim] === undefined).slice(0, MAX_CLAIMS);
}

function isAnswer(value: unknown): boolean {
  if (value === undefined || typeof value === 'string') return true;
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/**
 * Resolves the option `distributedClaims`. Claims that stand elsewhere and that nobody fetches are absent, which an
 * event tells.
 * @throws {ConfigurationError} when it is no function.
 */
export function resolveDistributedClaims(
  option: string,
  resolver: DistributedClaims | undefined,
  { method, listeners }: { readonly method: string; readonly listeners: readonly OnEvent[] },
): CompleteClaims {
  if (resolver !== undefined) assertFunction(option, resolver);
  async function fetched(claim: string, claims: JWTPayload, issuer: string): Promise<[string, unknown][]> {
    try {
      const value: unknown = await withTimeLimit(TIME_LIMIT, (signal) => resolver?.(claim, { claims, issuer, signal }));
      if (!isAnswer(value)) throw new TypeError('the function answered with something else than texts');
      return value === undefined ? [] : [[claim, value]];
    } catch (thrown) {
      throw applicationFault(option, resolver ?? emit, thrown);
    }
  }
  return ({ claims, numbers }, issuer) => {
    if (claims._claim_names === undefined && claims.hasgroups === undefined) return undefined;
    const elsewhere = claimsElsewhere(claims);
    if (resolver === undefined) {
      for (const claim of elsewhere)
        emit(listeners, { type: 'claim_ignored', method, field: claim, claim: '_claim_names' });
      return undefined;
    }
    deepFreeze(claims);
    return Promise.all(elsewhere.map((claim) => fetched(claim, claims, issuer))).then((found) => {
      const added = Object.fromEntries(found.flat());
      const change = (value: unknown) => (isPlainRecord(value) ? { ...value, ...added } : value);
      return { claims: { ...claims, ...added }, numbers: numbers.derived(change) };
    });
  };
}
