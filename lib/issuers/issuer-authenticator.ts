import type { JWTPayload } from 'jose';
import { type Awaitable, after } from '../clock/awaitable.js';
import { invalidClaim, missingClaim, unknownIssuer } from '../errors/token-refusals.js';
import type { VerificationKey } from '../keys/verification-key.js';
import type { Authenticator } from '../pipeline/auth-method.js';
import type { MethodSettings } from '../pipeline/method-settings.js';
import type { TokenPolicy } from '../pipeline/token-options.js';
import type { Authenticated } from '../principal/authenticated.js';
import { mappedBytes } from '../principal/mapped-claims.js';
import type { Principal } from '../principal/principal.js';
import { identified, type TokenFacts } from '../principal/token-identity.js';
import type { CompactToken, TokenClaims, TokenContent } from '../tokens/compact-token.js';
import type { PresentedToken, TokenReader } from '../tokens/presented-token.js';
import type { AuthRequest } from '../tokens/request.js';
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
import { type IssuerRecords, vouchingOf } from './issuer-resolver.js';

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
  /** Refuses tokens that are too old for the method, whatever their `exp` says. */
  readonly assertAge?: (claims: JWTPayload) => void;
  /** Returns the client of a token, where the standard claims do not name it. */
  readonly clientOf?: (claims: JWTPayload) => string | undefined;
  /** Finds the principal of an API key in the token, where keys are accepted; it replaces the one of the claims. */
  readonly keyHolder?: KeyHolder;
  /** Headers that are removed from the request, beside those that sources read. */
  readonly ownHeaders?: readonly string[];
}

/** Facts that follow from a token and its issuer record alone, as they are cached. */
interface VerifiedToken extends TokenContent {
  readonly record: IssuerRecord;
  readonly key: VerificationKey;
  readonly facts: TokenFacts;
  /** Authenticated result, made on first use; never where an API key in the token names the principal. */
  authenticated: Authenticated | undefined;
}

type TokenCache = VerifiedTokenCache<VerifiedToken>;

/** Returns the issuer of a token. It only chooses a configured record; nothing is verified yet. */
function issuerNamedBy({ claims }: TokenContent): string {
  const issuer: unknown = claims.iss;
  if (issuer === undefined) throw missingClaim('iss');
  if (typeof issuer !== 'string') throw invalidClaim('iss', 'is not a text');
  return issuer;
}

/** Returns the facts of a verified token. */
export function factsOf(method: IssuerMethod, issuer: string, content: TokenClaims): TokenFacts {
  const { claims } = content;
  const { settings, subjects, issuers } = method;
  const { mapped, roles } = method.identify(content);
  const { exp: expiresAt } = effectiveTimes(claims, method.rules.leeways);
  const client = method.clientOf?.(claims);
  const sharesIds = issuers.only === undefined || issuers.only.hasTenants;
  return { method: settings.name, issuer, claims, mapped, roles, expiresAt, client, subjects, sharesIds };
}

/** Verifies everything that the issuer record decides about a token. */
async function verifyToken(method: IssuerMethod, record: IssuerRecord, token: CompactToken): Promise<VerifiedToken> {
  const { header, claims, heldBytes } = token;
  assertAlgorithm(header, record.algorithms);
  assertClaims(claims, method.rules);
  assertAudience(claims, record.audiences);
  const key = await verifyWithSource(token, record.keys);
  if (!record.isConsistent(claims)) throw unknownIssuer(claims.iss, record.issuers);
  method.assertKind(token, record);
  const facts = factsOf(method, issuerNamedBy(token), token);
  return {
    header,
    claims,
    heldBytes: heldBytes + mappedBytes(facts.mapped),
    record,
    key,
    facts,
    authenticated: undefined,
  };
}

/** Whether a cached token is still valid: its times pass, and its record and key are still in use. */
function stillHolds(
  remembered: VerifiedToken | undefined,
  record: IssuerRecord,
  { rules }: IssuerMethod,
): Awaitable<boolean> {
  if (remembered === undefined || remembered.record !== record) return false;
  assertTimely(remembered.claims, rules);
  return stillHasKey(record.keys, remembered.header, remembered.key);
}

function authenticatedBy(token: VerifiedToken): Authenticated {
  token.authenticated ??= identified(token.facts);
  return token.authenticated;
}

/** Runs the per-request checks (age, validators, revocation, API key) and returns the authenticated result. */
function principalAfterChecks(
  method: IssuerMethod,
  token: VerifiedToken,
  presented: PresentedToken,
  req: AuthRequest,
): Awaitable<Authenticated> {
  const { header, claims, facts } = token;
  method.assertAge?.(claims);
  const checked = assertTokenChecks(method.checks, { token: presented.token, header, claims, req });
  // The API key is looked up on every request, because it may be revoked at any time.
  const holder = after(checked, () => method.keyHolder?.(facts));
  return after(holder, (found) => (found ? { principal: found, identity: undefined } : authenticatedBy(token)));
}

/** Verifies a token of the method. Only what follows from the token alone is cached. */
function verifyPresented(
  method: IssuerMethod,
  cache: TokenCache | undefined,
  presented: PresentedToken,
  req: AuthRequest,
): Awaitable<Authenticated> {
  method.admits?.(req);
  const remembered = cache?.get(presented);
  async function verifyAnew(record: IssuerRecord): Promise<Authenticated> {
    const token = await verifyToken(method, record, presented.read(method.dialect));
    const authenticated = await principalAfterChecks(method, token, presented, req);
    cache?.set(presented, token);
    return authenticated;
  }
  const issuer = issuerNamedBy(remembered ?? presented.read(method.dialect));
  return after(method.issuers.find(issuer), (record) => {
    if (record === undefined) throw unknownIssuer(issuer, method.issuers.only?.issuers ?? []);
    return after(stillHolds(remembered, record, method), (holds) =>
      holds && remembered !== undefined ? principalAfterChecks(method, remembered, presented, req) : verifyAnew(record),
    );
  });
}

/** Makes the members by which `jwtAuth` finds the method of a token. */
function routing(
  { issuers, dialect }: IssuerMethod,
  cache: TokenCache | undefined,
): Pick<Authenticator, 'claims' | 'scope' | 'known'> {
  return {
    scope: issuers.only ?? { issuers: 'resolved' },
    claims(presented) {
      const content = dialect === undefined ? presented.content : presented.read(dialect);
      return after(issuers.find(issuerNamedBy(content)), (record) => {
        if (record === undefined) return 'no';
        const { audiences, algorithms } = record;
        // Where two methods have one issuer, the algorithm decides.
        if (!algorithms.some((algorithm) => algorithm === content.header.alg)) return 'maybe';
        return audiences === undefined || isForAudience(content.claims, audiences) ? 'mine' : 'maybe';
      });
    },
    // A token parsed in a dialect is not shared with methods that do not accept the dialect.
    known: dialect === undefined ? cache : undefined,
  };
}

/** Makes the authenticator of a method whose tokens come from configured issuers. */
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
    vouching: vouchingOf(issuers),
    forget: (issuer) => issuers.forget?.(issuer),
    verify: (presented, req) => verifyPresented(method, cache, presented, req),
    ready: async () => void (await Promise.all(issuers.all().map(({ keys }) => keys.ready()))),
    health: () => issuers.all().map(({ keys }) => keys.health()),
    async close() {
      cache?.clear();
      issuers.close();
    },
  };
}
