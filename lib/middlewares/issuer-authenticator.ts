import type { JWTPayload } from 'jose';
import { InvalidTokenError } from '../errors/auth-error.js';
import type { VerificationKey } from '../keys/verification-key.js';
import type { Principal } from '../principal/principal.js';
import { type TokenFacts, tokenPrincipal } from '../principal/token-identity.js';
import type { CompactToken } from '../tokens/compact-token.js';
import type { AuthRequest } from '../tokens/request.js';
import { tieIdentity } from '../users/user-identity.js';
import { assertAudience, isForAudience } from '../verification/audience.js';
import { assertClaims } from '../verification/claim-rules.js';
import { effectiveTimes } from '../verification/effective-times.js';
import { assertTokenChecks } from '../verification/token-checks.js';
import { VerifiedTokenCache } from '../verification/verified-token-cache.js';
import { assertAlgorithm, verifyWithSource } from '../verification/verify-with-source.js';
import type { Authenticator, PresentedToken } from './authenticator.js';
import type { Door } from './door-options.js';
import type { IssuerRecord } from './issuer-record.js';
import type { IssuerBook } from './issuer-resolver.js';
import type { KeyHolder } from './token-api-key.js';
import type { TokenPolicy } from './token-options.js';

/** What a method over the tokens of issuers is made of. */
export interface IssuerMethod extends TokenPolicy {
  readonly door: Door;
  readonly book: IssuerBook;
  /** Refuses a request before its token is looked at. */
  readonly admits?: (req: AuthRequest) => void;
  /** Reads a token in the dialect of the method. Nothing is verified yet. */
  readonly read: (presented: PresentedToken) => CompactToken;
  /** Refuses genuine tokens that are not of the method's kind. */
  readonly assertKind: (token: CompactToken, record: IssuerRecord) => void;
  /** The client behind a token that names nobody, where the standard claims do not say. */
  readonly clientOf?: (claims: JWTPayload) => string | undefined;
  /** Whom a genuine token speaks for by an API key inside it, where that is looked at; it wins over the claims. */
  readonly keyHolder?: KeyHolder;
  /** Headers that may not stay on the request, beside the ones that are read. */
  readonly ownHeaders?: readonly string[];
}

/** Read only to choose a configured record; nothing is verified yet. */
function issuerNamedBy({ claims }: CompactToken): string {
  const issuer: unknown = claims.iss;
  if (issuer === undefined) throw new InvalidTokenError('claim_missing');
  if (typeof issuer !== 'string') throw new InvalidTokenError('claim_invalid');
  return issuer;
}

/** What follows from a token that was verified, and from nothing else. */
interface VerifiedToken {
  readonly token: CompactToken;
  readonly key: VerificationKey;
  readonly facts: TokenFacts;
  /** Absent where a key inside decides who it is. */
  readonly principal: Principal | undefined;
}

/** Everything that an issuer's record decides about a token; says which key signed it. */
async function assertIssuedBy(
  record: IssuerRecord,
  token: CompactToken,
  method: IssuerMethod,
  known: VerifiedToken | undefined,
): Promise<VerificationKey> {
  assertAlgorithm(token.header, record.algorithms);
  assertClaims(token.claims, method.rules);
  assertAudience(token.claims, record.audiences);
  const key = await verifyWithSource(token, record.keys, known?.key);
  if (!record.isConsistent(token.claims)) throw new InvalidTokenError('issuer_unknown');
  method.assertKind(token, record);
  return key;
}

/** What a verified token says. */
function factsOf(method: IssuerMethod, issuer: string, { claims }: CompactToken): TokenFacts {
  const { mapped, roles } = method.identify(claims);
  const { exp: expiresAt } = effectiveTimes(claims, method.rules.leeways);
  const client = method.clientOf?.(claims);
  return { method: method.door.name, issuer, claims, mapped, roles, expiresAt, client };
}

/** Who a verified token speaks for, without any store. */
function identified(facts: TokenFacts): Principal {
  const principal = tokenPrincipal(facts);
  if (principal.type === 'user') tieIdentity(principal, { issuer: facts.issuer, ...facts.mapped });
  return principal;
}

/** The method's judgement of a token; what it finds out is remembered, and what can change is looked at every time. */
async function judgeToken(
  method: IssuerMethod,
  cache: VerifiedTokenCache<VerifiedToken> | undefined,
  presented: PresentedToken,
  req: AuthRequest,
): Promise<Principal> {
  const known = cache?.get(presented.digest);
  const token = known?.token ?? method.read(presented);
  const { header, claims } = token;
  const issuer = issuerNamedBy(token);
  const record = await method.book.find(issuer);
  if (record === undefined) throw new InvalidTokenError('issuer_unknown');
  const key = await assertIssuedBy(record, token, method, known);
  const facts = known?.facts ?? factsOf(method, issuer, token);
  await assertTokenChecks(method.checks, { token: presented.token, header, claims, req });
  const holder = await method.keyHolder?.(facts);
  const principal = holder ?? known?.principal ?? identified(facts);
  // Whoever holds a key may lose it at any moment, and is not remembered.
  const lasting = holder === undefined ? principal : undefined;
  if (known === undefined) cache?.set(presented.digest, presented.token, { token, key, facts, principal: lasting });
  return principal;
}

/** The authenticator of a method whose tokens come from issuers that the configuration names. */
export function issuerAuthenticator(method: IssuerMethod): Authenticator {
  const { door, book, read } = method;
  const cache = method.cache && new VerifiedTokenCache<VerifiedToken>(method.cache);
  const recordOf = (presented: PresentedToken) => book.find(issuerNamedBy(read(presented)));
  return {
    name: door.name,
    sources: method.sources,
    stripCredential: method.stripCredential,
    listeners: door.listeners,
    ...(method.ownHeaders === undefined ? {} : { ownHeaders: method.ownHeaders }),
    ...(book.territory === undefined ? {} : { territory: book.territory }),
    names: async (presented) => (await recordOf(presented)) !== undefined,
    async addresses(presented) {
      const { audiences } = (await recordOf(presented)) ?? {};
      return audiences === undefined || isForAudience(read(presented).claims, audiences);
    },
    ...(cache === undefined ? {} : { recalls: (presented) => cache.get(presented.digest)?.token }),
    async verify(presented, req) {
      method.admits?.(req);
      return judgeToken(method, cache, presented, req);
    },
    ready: async () => void (await Promise.all(book.records().map(({ keys }) => keys.ready()))),
    health: () => book.records().map(({ keys }) => keys.health()),
    async close() {
      cache?.clear();
      book.close();
    },
  };
}
