import type { JWTPayload } from 'jose';
import { type Awaitable, after } from '../clock/awaitable.js';
import { invalidClaim, missingClaim, unknownIssuer } from '../errors/token-refusals.js';
import type { VerificationKey } from '../keys/verification-key.js';
import type { Authenticator, PresentedToken } from '../pipeline/authenticator.js';
import type { MethodSettings } from '../pipeline/method-settings.js';
import type { TokenPolicy } from '../pipeline/token-options.js';
import type { Principal } from '../principal/principal.js';
import { type TokenFacts, tokenPrincipal } from '../principal/token-identity.js';
import type { CompactToken, TokenContent } from '../tokens/compact-token.js';
import type { AuthRequest } from '../tokens/request.js';
import { tieIdentity } from '../users/user-identity.js';
import {
  assertAudience,
  assertClaims,
  assertTimely,
  effectiveTimes,
  isForAudience,
} from '../verification/claim-rules.js';
import { assertTokenChecks } from '../verification/token-checks.js';
import { VerifiedTokenCache } from '../verification/verified-token-cache.js';
import { assertAlgorithm, stillHasKey, verifyWithSource } from '../verification/verify-with-source.js';
import type { IssuerRecord } from './issuer-record.js';
import type { IssuerRecords } from './issuer-resolver.js';

/** Finds the principal of the API key that a genuine token carries; `undefined` if it carries none. @throws InvalidTokenError */
export type KeyHolder = (facts: TokenFacts) => Promise<Principal | undefined>;

/** What a method over the tokens of issuers is made of. */
export interface IssuerMethod extends TokenPolicy {
  readonly settings: MethodSettings;
  readonly issuers: IssuerRecords;
  /** Refuses a request before its token is looked at. */
  readonly admits?: (req: AuthRequest) => void;
  /** Reads a token in the dialect of the method, where it has one. Nothing is verified yet. */
  readonly dialect?: ((presented: PresentedToken) => CompactToken) | undefined;
  /** Refuses genuine tokens that are not of the method's kind, by what follows from the token and the record alone. */
  readonly assertKind: (token: CompactToken, record: IssuerRecord) => void;
  /** Refuses tokens that have grown too old for the method, whatever their `exp`. */
  readonly assertAge?: (claims: JWTPayload) => void;
  /** The client behind a token that names nobody, where the standard claims do not say. */
  readonly clientOf?: (claims: JWTPayload) => string | undefined;
  /** Whom a genuine token speaks for by an API key inside it, where that is looked at; it wins over the claims. */
  readonly keyHolder?: KeyHolder;
  /** Headers that may not stay on the request, beside the ones that are read. */
  readonly ownHeaders?: readonly string[];
}

/** Read only to choose a configured record; nothing is verified yet. */
function issuerNamedBy({ claims }: TokenContent): string {
  const issuer: unknown = claims.iss;
  if (issuer === undefined) throw missingClaim('iss');
  if (typeof issuer !== 'string') throw invalidClaim('iss', 'is not a text');
  return issuer;
}

/** What follows from a token and the record that it was verified under, and from nothing else. */
interface VerifiedToken extends TokenContent {
  readonly record: IssuerRecord;
  readonly key: VerificationKey;
  readonly facts: TokenFacts;
  /** Made when it is first asked for; never where a key inside decides who it is. */
  principal: Principal | undefined;
}

const readBy = ({ dialect }: IssuerMethod, presented: PresentedToken): CompactToken =>
  dialect === undefined ? presented.read() : dialect(presented);

/** What a verified token says. */
export function factsOf(method: IssuerMethod, issuer: string, claims: JWTPayload): TokenFacts {
  const { mapped, roles } = method.identify(claims);
  const { exp: expiresAt } = effectiveTimes(claims, method.rules.leeways);
  const client = method.clientOf?.(claims);
  return { method: method.settings.name, issuer, claims, mapped, roles, expiresAt, client };
}

/** Who a verified token speaks for, without any store. */
export function identified(facts: TokenFacts): Principal {
  const principal = tokenPrincipal(facts);
  if (principal.type === 'user') tieIdentity(principal, facts.issuer, facts.mapped);
  return principal;
}

/** Everything that an issuer's record decides about a token. */
async function verified(method: IssuerMethod, record: IssuerRecord, token: CompactToken): Promise<VerifiedToken> {
  const { header, claims } = token;
  assertAlgorithm(header, record.algorithms);
  assertClaims(claims, method.rules);
  assertAudience(claims, record.audiences);
  const key = await verifyWithSource(token, record.keys);
  if (!record.isConsistent(claims)) throw unknownIssuer(claims.iss, record.issuers);
  method.assertKind(token, record);
  const facts = factsOf(method, issuerNamedBy(token), claims);
  return { header, claims, record, key, facts, principal: undefined };
}

/** Whether what is remembered of a token still holds: it is not too late for it, its record and its key still stand. */
function stillHolds(
  remembered: VerifiedToken | undefined,
  record: IssuerRecord,
  { rules }: IssuerMethod,
): Awaitable<boolean> {
  if (remembered === undefined || remembered.record !== record) return false;
  assertTimely(remembered.claims, rules);
  return stillHasKey(record.keys, remembered.header, remembered.key);
}

function principalIn(token: VerifiedToken): Principal {
  token.principal ??= identified(token.facts);
  return token.principal;
}

/** Whom a genuine token speaks for, once everything has let it pass that is looked at every time. */
function speakerOf(
  method: IssuerMethod,
  token: VerifiedToken,
  presented: PresentedToken,
  req: AuthRequest,
): Awaitable<Principal> {
  const { header, claims, facts } = token;
  method.assertAge?.(claims);
  const checked = assertTokenChecks(method.checks, { token: presented.token, header, claims, req });
  // Whoever holds a key may lose it at any moment, and is not remembered.
  const holder = after(checked, () => method.keyHolder?.(facts));
  return after(holder, (found) => found ?? principalIn(token));
}

/** The method's judgement of a token; what it finds out is remembered, and what can change is looked at every time. */
function judgeToken(
  method: IssuerMethod,
  cache: VerifiedTokenCache<VerifiedToken> | undefined,
  presented: PresentedToken,
  req: AuthRequest,
): Awaitable<Principal> {
  method.admits?.(req);
  const remembered = cache?.get(presented);
  async function judgeAnew(record: IssuerRecord): Promise<Principal> {
    const token = await verified(method, record, readBy(method, presented));
    const principal = await speakerOf(method, token, presented, req);
    cache?.set(presented, token);
    return principal;
  }
  return after(method.issuers.find(issuerNamedBy(remembered ?? readBy(method, presented))), (record) => {
    if (record === undefined) {
      const { iss } = (remembered ?? readBy(method, presented)).claims;
      throw unknownIssuer(iss, method.issuers.territory?.issuers ?? []);
    }
    return after(stillHolds(remembered, record, method), (holds) =>
      holds && remembered !== undefined ? speakerOf(method, remembered, presented, req) : judgeAnew(record),
    );
  });
}

/** How `jwtAuth` finds the method that a token belongs to. */
function routing(
  { issuers, dialect }: IssuerMethod,
  cache: VerifiedTokenCache<VerifiedToken> | undefined,
): Pick<Authenticator, 'names' | 'addresses' | 'territory' | 'recalls'> {
  const contentOf = (presented: PresentedToken) => dialect?.(presented) ?? presented.content;
  const recordOf = (presented: PresentedToken) => issuers.find(issuerNamedBy(contentOf(presented)));
  return {
    ...(issuers.territory === undefined ? {} : { territory: issuers.territory }),
    names: (presented) => after(recordOf(presented), (record) => record !== undefined),
    addresses: (presented) =>
      after(recordOf(presented), (record) => {
        const audiences = record?.audiences;
        return audiences === undefined || isForAudience(contentOf(presented).claims, audiences);
      }),
    // What was read in a dialect is not for those who do not speak it.
    ...(cache === undefined || dialect !== undefined ? {} : { recalls: (presented) => cache.get(presented) }),
  };
}

/** The authenticator of a method whose tokens come from issuers that the configuration names. */
export function issuerAuthenticator(method: IssuerMethod): Authenticator {
  const { settings, issuers } = method;
  const cache = method.cache && new VerifiedTokenCache<VerifiedToken>(method.cache);
  return {
    name: settings.name,
    sources: method.sources,
    stripCredential: method.stripCredential,
    listeners: settings.listeners,
    ...(method.ownHeaders === undefined ? {} : { ownHeaders: method.ownHeaders }),
    ...routing(method, cache),
    verify: (presented, req) => judgeToken(method, cache, presented, req),
    ready: async () => void (await Promise.all(issuers.records().map(({ keys }) => keys.ready()))),
    health: () => issuers.records().map(({ keys }) => keys.health()),
    async close() {
      cache?.clear();
      issuers.close();
    },
  };
}
