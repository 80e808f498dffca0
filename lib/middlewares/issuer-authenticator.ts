import type { JWTPayload } from 'jose';
import { InvalidTokenError } from '../errors/auth-error.js';
import { type TokenFacts, tokenPrincipal } from '../principal/token-identity.js';
import type { CompactToken } from '../tokens/compact-token.js';
import type { AuthRequest } from '../tokens/request.js';
import { tieIdentity } from '../users/user-identity.js';
import { assertAudience, isForAudience } from '../verification/audience.js';
import { assertClaims } from '../verification/claim-rules.js';
import { effectiveTimes } from '../verification/effective-times.js';
import { assertTokenChecks } from '../verification/token-checks.js';
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

/** Everything that an issuer's record decides about a token. */
async function assertIssuedBy(record: IssuerRecord, token: CompactToken, method: IssuerMethod): Promise<void> {
  assertAlgorithm(token.header, record.algorithms);
  assertClaims(token.claims, method.rules);
  assertAudience(token.claims, record.audiences);
  await verifyWithSource(token, record.keys);
  if (!record.isConsistent(token.claims)) throw new InvalidTokenError('issuer_unknown');
  method.assertKind(token, record);
}

/** The authenticator of a method whose tokens come from issuers that the configuration names. */
export function issuerAuthenticator(method: IssuerMethod): Authenticator {
  const { door, book, checks, identify, read } = method;
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
    async verify(presented, req) {
      method.admits?.(req);
      const token = read(presented);
      const { header, claims } = token;
      const issuer = issuerNamedBy(token);
      const record = await book.find(issuer);
      if (record === undefined) throw new InvalidTokenError('issuer_unknown');
      await assertIssuedBy(record, token, method);
      const { mapped, roles } = identify(claims);
      await assertTokenChecks(checks, { token: presented.token, header, claims, req });
      const { exp: expiresAt } = effectiveTimes(claims, method.rules.leeways);
      const client = method.clientOf?.(claims);
      const facts: TokenFacts = { method: door.name, issuer, claims, mapped, roles, expiresAt, client };
      const holder = await method.keyHolder?.(facts);
      if (holder !== undefined) return holder;
      const principal = tokenPrincipal(facts);
      if (principal.type === 'user') tieIdentity(principal, { issuer, ...mapped });
      return principal;
    },
    ready: async () => void (await Promise.all(book.records().map(({ keys }) => keys.ready()))),
    health: () => book.records().map(({ keys }) => keys.health()),
    close: async () => book.close(),
  };
}
