import type { JWTPayload } from 'jose';
import type { MethodSettings } from '../pipeline/method-settings.js';
import type { ClaimPolicy, TokenPolicy } from '../pipeline/token-policy.js';
import type { Principal } from '../principal/principal.js';
import type { TokenFacts } from '../principal/token-identity.js';
import type { CompactToken, TokenClaims } from '../tokens/compact-token.js';
import type { TokenReader } from '../tokens/presented-token.js';
import type { AuthRequest } from '../tokens/request.js';
import { effectiveTimes } from '../verification/claim-rules.js';
import type { CompleteClaims } from './distributed-claims.js';
import type { IssuerNames } from './issuer-names.js';
import type { IssuerRecord } from './issuer-record.js';
import type { IssuerRecords } from './issuer-resolver.js';

/** Finds the principal of the API key in a verified token; `undefined`: it has none. A bad key refuses the token. */
export type KeyHolder = (facts: TokenFacts) => Promise<Principal | undefined>;

/** Parts of a method for tokens of issuers. */
export interface IssuerMethod extends TokenPolicy {
  readonly settings: MethodSettings;
  readonly issuers: IssuerRecords;
  /** Refuses a request before its token is read. */
  readonly admits?: (req: AuthRequest) => void;
  /** Parses a token in the dialect of the method, where it has one. Nothing is verified yet. */
  readonly dialect?: TokenReader | undefined;
  /** Refuses genuine tokens of another kind than the method accepts, by the token and the issuer record alone. */
  readonly assertKind: (token: CompactToken, record: IssuerRecord) => void;
  /** Returns the client of a token, where the standard claims do not name it. */
  readonly clientOf?: (claims: JWTPayload) => string | undefined;
  /** Finds the principal of an API key in the token, where keys are accepted; it replaces the one of the claims. */
  readonly keyHolder?: KeyHolder;
  /** Fetches claims that stand outside the token; it is asked once per token. */
  readonly completeClaims?: CompleteClaims;
  /** Headers that are removed from the request, beside those that sources read. */
  readonly ownHeaders?: readonly string[];
}

/**
 * Returns the facts of a verified token.
 * @param issuer name of the issuer's identities.
 * @param content the token's claims; `complete`: these with the claims that stand elsewhere, for the mapping.
 * @param policy rules of the issuer, where they are not those of the method.
 */
export function factsOf(
  method: IssuerMethod,
  issuer: string,
  content: TokenClaims & { readonly complete?: TokenClaims },
  { identify, rules, subjects }: ClaimPolicy = method,
): TokenFacts {
  const { claims, complete = content } = content;
  const { settings, issuers } = method;
  const { mapped, roles } = identify(complete, issuer);
  const { exp: expiresAt } = effectiveTimes(claims, rules.leeways);
  const client = method.clientOf?.(claims);
  const sharesIds = issuers.ids.areShared;
  return { method: settings.name, issuer, claims, mapped, roles, expiresAt, client, subjects, sharesIds };
}

/** Returns the name of an issuer's identities, by the `iss` of a token; for tokens without one, the only name. */
export function identityIssuer(
  { names, identity = '' }: Pick<IssuerNames, 'names' | 'identity'>,
  iss?: string,
): string {
  return iss === undefined ? identity : (names.get(iss) ?? iss);
}
