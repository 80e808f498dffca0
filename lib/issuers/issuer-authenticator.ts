import { type Awaitable, after } from '../clock/awaitable.js';
import type { InvalidTokenError } from '../errors/auth-error.js';
import { invalidClaim, missingClaim, unknownIssuer } from '../errors/token-refusals.js';
import type { VerificationKey } from '../keys/verification-key.js';
import type { Authenticator } from '../pipeline/auth-method.js';
import type { Authenticated } from '../principal/authenticated.js';
import { mappedBytes } from '../principal/claim-mapping.js';
import { identified, type TokenFacts } from '../principal/token-identity.js';
import type { CompactToken, TokenContent } from '../tokens/compact-token.js';
import type { PresentedToken } from '../tokens/presented-token.js';
import type { AuthRequest } from '../tokens/request.js';
import { assertClient } from '../verification/audience-rules.js';
import { assertAudience, assertClaims, assertTimely, isForAudience } from '../verification/claim-rules.js';
import { assertTokenChecks } from '../verification/token-checks.js';
import { VerifiedTokenCache } from '../verification/verified-token-cache.js';
import { assertAlgorithm, stillHasKey, verifyWithSource } from '../verification/verify-with-source.js';
import { factsOf, type IssuerMethod, identityIssuer } from './issuer-method.js';
import type { IssuerRecord } from './issuer-record.js';
import { type IssuerRecords, vouchingOf } from './issuer-resolver.js';

/** Facts that follow from a token and its issuer record alone, as they are cached. */
interface VerifiedToken extends TokenContent {
  readonly record: IssuerRecord;
  readonly key: VerificationKey;
  readonly facts: TokenFacts;
  /** Authenticated result, made on first use; never where an API key in the token names the principal. */
  authenticated: Authenticated | undefined;
}

type TokenCache = VerifiedTokenCache<VerifiedToken>;

/** Returns the issuer of a token, if it has one. It only chooses a configured record; nothing is verified yet. */
function issuerNamedBy({ claims }: TokenContent): string | undefined {
  const issuer: unknown = claims.iss;
  if (issuer !== undefined && typeof issuer !== 'string') throw invalidClaim('iss', 'is not a text');
  return issuer;
}

const NAMELESS = 'The method is for tokens without iss (issuer: null).';

/** The refusal of a token whose issuer, or whose lack of one, is not what the method is for. */
function notOurs(issuer: string | undefined, { only }: IssuerRecords): InvalidTokenError {
  if (issuer === undefined) return missingClaim('iss');
  return unknownIssuer(issuer, only?.issuers ?? [], only?.isNameless === true ? NAMELESS : undefined);
}

/** Verifies everything that the issuer record decides about a token. */
async function verifyToken(method: IssuerMethod, record: IssuerRecord, token: CompactToken): Promise<VerifiedToken> {
  const { header, claims, heldBytes } = token;
  const { policy = method } = record;
  assertAlgorithm(header, record.algorithms);
  assertClaims(claims, policy.rules);
  assertAudience(claims, record.audiences);
  if (record.clients !== undefined) assertClient(claims, record.clients);
  const key = await verifyWithSource(token, record.keys);
  if (record.isConsistent?.(claims) === false) throw unknownIssuer(claims.iss, record.issuers);
  method.assertKind(token, record);
  const issuer = identityIssuer(record, issuerNamedBy(token));
  const elsewhere = method.completeClaims?.(token, issuer);
  const content = elsewhere === undefined ? token : { ...token, complete: await elsewhere };
  const facts = factsOf(method, issuer, content, policy);
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
  method: IssuerMethod,
): Awaitable<boolean> {
  // Another record is another answer of issuers(), whose rules the token has not met yet.
  if (remembered === undefined || remembered.record !== record) return false;
  assertTimely(remembered.claims, (record.policy ?? method).rules);
  return stillHasKey(record.keys, remembered.header, remembered.key);
}

function authenticatedBy(token: VerifiedToken): Authenticated {
  token.authenticated ??= identified(token.facts);
  return token.authenticated;
}

/** Runs the per-request checks (audience, validators, revocation, API key) and returns the authenticated result. */
function principalAfterChecks(
  method: IssuerMethod,
  token: VerifiedToken,
  presented: PresentedToken,
  req: AuthRequest,
): Awaitable<Authenticated> {
  const { header, claims, facts, record } = token;
  const { checks } = record.policy ?? method;
  const checked = after(record.assertAudienceOf?.(claims), () =>
    assertTokenChecks(checks, { token: presented.token, header, claims, issuer: facts.issuer, req }),
  );
  // The API key is looked up on every request, because it may be revoked at any time.
  const holder = after(checked, () => method.keyHolder?.(facts));
  return after(holder, (found) => (found ? { principal: found, identity: undefined } : authenticatedBy(token)));
}

/** Whether the application answered with a record whose name another method gives to its own people. */
function isReserved({ identity }: IssuerRecord, { only, ids }: IssuerRecords): boolean {
  return only === undefined && identity !== undefined && ids.reserved?.has(identity) === true;
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
    if (record === undefined || isReserved(record, method.issuers)) throw notOurs(issuer, method.issuers);
    return after(stillHolds(remembered, record, method), (holds) =>
      holds && remembered !== undefined ? principalAfterChecks(method, remembered, presented, req) : verifyAnew(record),
    );
  });
}

/** The name under which an issuer's people are known, by any of its names. */
function knownName(issuers: IssuerRecords, issuer: string): string | undefined {
  const record = issuers.all().find(({ names }) => names.has(issuer));
  return record?.names.get(issuer);
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
    givenName: issuers.only?.isNameless === true ? issuers.only.identity : undefined,
    reserve(name) {
      issuers.ids.reserved ??= new Set();
      issuers.ids.reserved.add(name);
    },
    amongIssuers() {
      issuers.ids.areShared = true;
      // Cached results may have the ids from before.
      cache?.clear();
    },
    forget: (issuer) => issuers.forget?.(issuer),
    nameOf: (issuer) => knownName(issuers, issuer),
    verify: (presented, req) => verifyPresented(method, cache, presented, req),
    ready: async () => void (await Promise.all(issuers.all().map(({ keys }) => keys.ready()))),
    health: () => issuers.all().map(({ keys }) => keys.health()),
    async close() {
      cache?.clear();
      issuers.close();
    },
  };
}
