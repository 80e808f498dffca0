import type { JWTPayload } from 'jose';
import { received } from '../errors/error-detail.js';
import { invalidClaim, missingClaim } from '../errors/token-refusals.js';
import type { TokenContent } from '../tokens/compact-token.js';
import type { JoseHeader } from '../tokens/jose-header.js';
import { isAccessByClaims, kindByClaims, kindByWord } from './token-words.js';

/**
 * Profile of access tokens. `at+jwt`: exactly as RFC 9068 defines them. `any`: every token that is not plainly of
 * another kind.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2 | RFC 9068 section 2}
 */
export type TokenProfile = 'any' | 'at+jwt';

/** Kinds of tokens that clients of an issuer may present. */
export type AcceptedTokens = 'access-token' | 'id-token' | 'any';

/** Claims that an access token must have (RFC 9068 section 2.2). */
const ACCESS_TOKEN_CLAIMS = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'] as const;

/**
 * Media types of explicitly typed tokens (RFC 8725 section 3.11) that are no access tokens: logout tokens, security
 * events, DPoP proofs, client assertions, signed requests, introspection answers, credentials, and later ones of this
 * form.
 */
const TYPED = /(\+jwt|\+sd-jwt|-assertion)$/;

/** Media type of access tokens (RFC 9068 section 2.1). */
const ACCESS_TYPE = 'at+jwt';

/** Media types that some providers write into ID tokens. */
const ID_TYPES: readonly unknown[] = ['id', 'id_token', 'id-token', 'id+jwt', 'id_token+jwt'];

/** Returns the media type without the optional `application/`, in lower case (RFC 7515 section 4.1.9). */
function mediaType(typ: string | undefined): string | undefined {
  if (typ === 'JWT') return 'jwt';
  return typ?.toLowerCase().replace(/^application\//, '');
}

const withoutParameters = (typ: string | undefined): string | undefined => typ?.replace(/;.*$/s, '').trim();

/** Returns the claim that marks an ID token; `undefined` where there is none. */
function idTokenMark(claims: JWTPayload, said = kindByClaims(claims)): string | undefined {
  if (claims.at_hash !== undefined) return 'at_hash';
  if (claims.c_hash !== undefined) return 'c_hash';
  if (said?.kind === 'id') return said.claim;
  const hasScope = claims.scope !== undefined || claims.scp !== undefined;
  return claims.nonce !== undefined && !hasScope && claims.client_id === undefined ? 'nonce' : undefined;
}

const ID_TOKEN =
  'This is an ID token, which tells a client about a sign-in; an API is to be sent the access token, which the client got beside it.';

/** Returns a hint for a refused token that is an ID token. */
export function idTokenHint(claims: JWTPayload): string | undefined {
  return idTokenMark(claims) === undefined ? undefined : ID_TOKEN;
}

const OTHER_KIND = 'names another kind of token';

/**
 * Refuses a token whose header names another type than an access token's, or, where `mayBeId` is set, an ID token's.
 * Other members that name a kind, such as `token_type`, count beside `typ`.
 */
function assertType(header: JoseHeader, mayBeId: boolean): void {
  const { typ: _, ...others } = header;
  const said = kindByClaims(others);
  if (said !== undefined && !(mayBeId && said.kind === 'id')) throw invalidClaim(said.claim, OTHER_KIND);
  const type = mediaType(withoutParameters(header.typ));
  if (type === undefined || type === ACCESS_TYPE || (mayBeId && ID_TYPES.includes(type))) return;
  if (!TYPED.test(type) && kindByWord(type) === undefined) return;
  const hint = ID_TYPES.includes(type) ? ID_TOKEN : undefined;
  throw invalidClaim('typ', OTHER_KIND, { received: received(type), hint });
}

/**
 * Refuses a token whose claims mark another kind: a refresh, offline or logout token, a security event, or an ID token.
 * An ID token tells a client about a sign-in; accepted as an access token, it would admit every client of the provider.
 */
function assertClaimedKind(claims: JWTPayload, mayBeId: boolean): void {
  if (claims.events !== undefined) throw invalidClaim('events', 'marks a logout token or a security event');
  const said = kindByClaims(claims);
  if (said !== undefined && said.kind !== 'id') {
    throw invalidClaim(said.claim, OTHER_KIND, said.claim === 'ati' ? {} : { received: received(claims[said.claim]) });
  }
  const mark = mayBeId ? undefined : idTokenMark(claims, said);
  if (mark !== undefined) throw invalidClaim(mark, 'marks an ID token', { hint: ID_TOKEN });
}

/**
 * Refuses a token with a binding (`cnf`, RFC 7800), because this method does not check it: accepted as a bearer token,
 * it would lose the protection that its owner relies on.
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

/**
 * Refuses a token that is plainly an access token: by its type, by a claim, or by a scope without a mark of an ID
 * token.
 */
function assertNoAccessToken(type: string | undefined, claims: JWTPayload): void {
  if (type === ACCESS_TYPE) throw invalidClaim('typ', 'is that of an access token', { hint: ACCESS_TOKEN });
  const isMarked = idTokenMark(claims) !== undefined || claims.nonce !== undefined;
  const isScoped = claims.scope !== undefined || claims.scp !== undefined;
  if (isAccessByClaims(claims) || (isScoped && !isMarked))
    throw invalidClaim('scope', 'marks an access token, or another claim does', { hint: ACCESS_TOKEN });
}

/** Rules of an issuer for the kinds of its tokens. */
export interface KindRules {
  readonly profile: TokenProfile;
  readonly accepts: AcceptedTokens;
}

/**
 * Refuses a genuine token of another kind than the issuer's clients may present, and a token with a binding, which is
 * not checked.
 * @throws {InvalidTokenError} `claim_invalid`, or `claim_missing` under the profile `at+jwt`.
 */
export function assertTokenKind(
  { header, claims }: Pick<TokenContent, 'header' | 'claims'>,
  { profile, accepts }: KindRules,
): void {
  const type = mediaType(header.typ);
  const mayBeId = accepts !== 'access-token';
  assertType(header, mayBeId);
  assertClaimedKind(claims, mayBeId);
  assertUnbound(claims);
  if (profile === 'at+jwt') assertAccessToken(type, claims);
  if (accepts === 'id-token') assertNoAccessToken(type, claims);
}

/**
 * Refuses a WAF assertion of another kind. ID tokens are accepted, because a WAF may send them to the application
 * behind it.
 * @throws {InvalidTokenError} `claim_invalid`.
 */
export function assertWafKind(header: JoseHeader, claims: JWTPayload): void {
  assertTokenKind({ header, claims }, { profile: 'any', accepts: 'any' });
}

/**
 * Refuses a consumer's token that marks itself as another kind.
 * @throws {InvalidTokenError} `claim_invalid`.
 */
export function assertConsumerKind(header: JoseHeader, claims: JWTPayload): void {
  assertType(header, false);
  assertClaimedKind(claims, false);
}

/** Values by which introspection endpoints mark a bearer access token. */
const BEARER_TYPES: readonly unknown[] = [undefined, null, 'bearer', 'access_token', 'access-token', 'access'];

const lowerCase = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

/**
 * Refuses a token that an introspection endpoint describes as another kind (RFC 7662 section 2.2). Endpoints answer
 * about refresh tokens too, which Keycloak marks by `typ` and Ory by `token_use`; a `token_type` such as `DPoP` is a
 * binding.
 * @throws {InvalidTokenError} `claim_invalid`.
 */
export function assertIntrospectedKind(claims: JWTPayload): void {
  for (const name of ['token_type', 'token_use'] as const) {
    const isBearer = BEARER_TYPES.includes(lowerCase(claims[name]));
    if (!isBearer) throw invalidClaim(name, OTHER_KIND, { received: received(claims[name]) });
  }
  assertClaimedKind(claims, false);
  assertUnbound(claims);
}
