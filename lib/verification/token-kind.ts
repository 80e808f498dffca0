import type { JWTPayload } from 'jose';
import { received } from '../errors/error-detail.js';
import { invalidClaim, missingClaim } from '../errors/token-refusals.js';
import type { JoseHeader } from '../tokens/jose-header.js';
import { isAccessByClaims, kindByClaims, kindByWord } from './token-words.js';

/** `at+jwt`: RFC 9068 to the letter. `any`: whatever is not plainly another kind of token. */
export type TokenProfile = 'any' | 'at+jwt';

/** Which kinds of tokens an issuer's callers may present. */
export type AcceptedTokens = 'access-token' | 'id-token' | 'any';

/** RFC 9068 section 2.2. */
const ACCESS_TOKEN_CLAIMS = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'] as const;

/**
 * Whatever is typed (RFC 8725 section 3.11) and is not an access token: logout tokens, security events, DPoP
 * proofs, client assertions, signed requests and introspection answers, credentials, and what comes after them.
 */
const TYPED = /(\+jwt|\+sd-jwt|-assertion)$/;

/** Media types of access tokens: RFC 9068 section 2.1. */
const ACCESS_TYPE = 'at+jwt';

/** Media types of ID tokens, as some providers write them. */
const ID_TYPES: readonly unknown[] = ['id', 'id_token', 'id-token', 'id+jwt', 'id_token+jwt'];

/** The media type without its optional `application/` and in lower case (RFC 7515 section 4.1.9). */
function mediaType(typ: string | undefined): string | undefined {
  return typ?.toLowerCase().replace(/^application\//, '');
}

/** The claim by which an ID token shows; `undefined` where none does. */
function idTokenMark(claims: JWTPayload): string | undefined {
  if (claims.at_hash !== undefined) return 'at_hash';
  if (claims.c_hash !== undefined) return 'c_hash';
  const said = kindByClaims(claims);
  if (said?.kind === 'id') return said.claim;
  const hasScope = claims.scope !== undefined || claims.scp !== undefined;
  return claims.nonce !== undefined && !hasScope && claims.client_id === undefined ? 'nonce' : undefined;
}

const ID_TOKEN =
  'This is an ID token, which tells a client about a sign-in; an API is to be sent the access token, which the client got beside it.';

/** What to say of a token that was refused for another reason, where it is an ID token. */
export function idTokenHint(claims: JWTPayload): string | undefined {
  return idTokenMark(claims) === undefined ? undefined : ID_TOKEN;
}

const OTHER_KIND = 'names another kind of token';

/** Refuses a type in the header that is another's than those given and than the access token's. */
function assertType(type: string | undefined, mayBeId: boolean): void {
  if (type === undefined || type === ACCESS_TYPE || (mayBeId && ID_TYPES.includes(type))) return;
  if (!TYPED.test(type) && kindByWord(type) === undefined) return;
  const hint = ID_TYPES.includes(type) ? ID_TOKEN : undefined;
  throw invalidClaim('typ', OTHER_KIND, { received: received(type), hint });
}

/**
 * Refuses what the claims show to be another kind of token: a refresh, offline or logout token, a security event. An ID
 * token speaks to a client about a sign-in; as an access token it would let every client of the provider in.
 */
function assertClaimedKind(claims: JWTPayload, mayBeId: boolean): void {
  if (claims.events !== undefined) throw invalidClaim('events', 'marks a logout token or a security event');
  const said = kindByClaims(claims);
  if (said !== undefined && said.kind !== 'id') {
    throw invalidClaim(said.claim, OTHER_KIND, said.claim === 'ati' ? {} : { received: received(claims[said.claim]) });
  }
  const mark = mayBeId ? undefined : idTokenMark(claims);
  if (mark !== undefined) throw invalidClaim(mark, 'marks an ID token', { hint: ID_TOKEN });
}

/**
 * Refuses a token that is bound to a key whose binding is not checked (RFC 7800): taken as a plain bearer it would lose
 * the protection that its owner relies on.
 */
function assertUnbound(claims: JWTPayload): void {
  if (claims.cnf === undefined) return;
  throw invalidClaim('cnf', 'binds the token to a key or certificate, and this method checks no such binding');
}

function assertAccessToken(type: string | undefined, claims: JWTPayload): void {
  if (type !== ACCESS_TYPE) {
    throw invalidClaim('typ', 'is not that of an access token', { expected: ACCESS_TYPE, received: received(type) });
  }
  const missing = ACCESS_TOKEN_CLAIMS.find((name) => (claims[name] ?? '') === '');
  if (missing !== undefined) throw missingClaim(missing, { hint: 'RFC 9068 asks for it.' });
  if (typeof claims.client_id !== 'string') throw invalidClaim('client_id', 'is not a text');
}

const ACCESS_TOKEN =
  "This is an access token, and the method says accepts: 'id-token'; 'any' takes both where the provider gives both.";

/** Refuses what is plainly an access token: by its type, by what it says of itself, or by a scope without a mark of an ID token. */
function assertNoAccessToken(type: string | undefined, claims: JWTPayload): void {
  if (type === ACCESS_TYPE) throw invalidClaim('typ', 'is that of an access token', { hint: ACCESS_TOKEN });
  const isMarked = idTokenMark(claims) !== undefined || claims.nonce !== undefined;
  const isScoped = claims.scope !== undefined || claims.scp !== undefined;
  if (isAccessByClaims(claims) || (isScoped && !isMarked))
    throw invalidClaim('scope', 'marks an access token, or another claim does', { hint: ACCESS_TOKEN });
}

/** What an issuer's record says of the kinds of its tokens. */
export interface KindRules {
  readonly profile: TokenProfile;
  readonly accepts: AcceptedTokens;
}

/**
 * Refuses tokens that are genuine but of another kind than the issuer's callers may present, and tokens bound to a key
 * whose binding is not checked.
 * @throws InvalidTokenError `claim_invalid`, or `claim_missing` under the profile `at+jwt`.
 */
export function assertTokenKind(header: JoseHeader, claims: JWTPayload, { profile, accepts }: KindRules): void {
  const type = mediaType(header.typ);
  const mayBeId = accepts !== 'access-token';
  assertType(type, mayBeId);
  assertClaimedKind(claims, mayBeId);
  assertUnbound(claims);
  if (profile === 'at+jwt') assertAccessToken(type, claims);
  if (accepts === 'id-token') assertNoAccessToken(type, claims);
}

/**
 * Refuses assertions of a WAF that are of another kind. They may well be ID tokens: they speak to the application behind.
 * @throws InvalidTokenError `claim_invalid`
 */
export function assertWafKind(header: JoseHeader, claims: JWTPayload): void {
  assertTokenKind(header, claims, { profile: 'any', accepts: 'any' });
}

/**
 * Refuses tokens of a consumer that say of themselves that they are of another kind.
 * @throws InvalidTokenError `claim_invalid`
 */
export function assertConsumerKind(header: JoseHeader, claims: JWTPayload): void {
  assertType(mediaType(header.typ), false);
  assertClaimedKind(claims, false);
}

/** What introspection endpoints write where a token is an access token that whoever bears it may use. */
const BEARER_TYPES: readonly unknown[] = [undefined, null, 'bearer', 'access_token', 'access-token', 'access'];

const lowerCase = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

/**
 * Refuses what an introspection endpoint says of another kind of token (RFC 7662 section 2.2). Endpoints answer about
 * refresh tokens too, which Keycloak tells by `typ` and Ory by `token_use`; a `token_type` such as `DPoP` is a binding.
 * @throws InvalidTokenError `claim_invalid`
 */
export function assertIntrospectedKind(claims: JWTPayload): void {
  for (const name of ['token_type', 'token_use'] as const) {
    const isBearer = BEARER_TYPES.includes(lowerCase(claims[name]));
    if (!isBearer) throw invalidClaim(name, OTHER_KIND, { received: received(claims[name]) });
  }
  assertClaimedKind(claims, false);
  assertUnbound(claims);
}
