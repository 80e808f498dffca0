import type { JWTPayload } from 'jose';
import { received } from '../errors/error-detail.js';
import { invalidClaim, missingClaim } from '../errors/token-refusals.js';
import type { JoseHeader } from '../tokens/jose-header.js';

/** `at+jwt`: RFC 9068 to the letter. `any`: whatever is not plainly another kind of token. */
export type TokenProfile = 'any' | 'at+jwt';

/** RFC 9068 section 2.2. */
const ACCESS_TOKEN_CLAIMS = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'] as const;

/**
 * Whatever is typed (RFC 8725 section 3.11) and is not an access token: logout tokens, security events, DPoP
 * proofs, client assertions, signed requests and introspection answers, credentials, and what comes after them.
 */
const TYPED = /(\+jwt|\+sd-jwt|-assertion)$|^id(_token)?$/;

/** What Keycloak writes into `typ` where it is not the access token's `Bearer`. */
const KEYCLOAK_KINDS: readonly unknown[] = ['ID', 'Refresh', 'Offline', 'Logout'];

/** The media type without its optional `application/` and in lower case (RFC 7515 section 4.1.9). */
function mediaType(typ: string | undefined): string | undefined {
  return typ?.toLowerCase().replace(/^application\//, '');
}

/**
 * An ID token speaks to a client about a sign-in; as an access token it would let every client of the provider in.
 * It is told by `at_hash` or `c_hash`, by Cognito's `token_use`, or by a `nonce` beside neither a scope nor a client.
 */
function isIdToken(claims: JWTPayload): boolean {
  if (claims.at_hash !== undefined || claims.c_hash !== undefined || claims.token_use === 'id') return true;
  const hasScope = claims.scope !== undefined || claims.scp !== undefined;
  return claims.nonce !== undefined && !hasScope && claims.client_id === undefined;
}

/** The claim by which an ID token shows. */
function idTokenMark({ at_hash, c_hash, token_use }: JWTPayload): string {
  if (at_hash !== undefined) return 'at_hash';
  if (c_hash !== undefined) return 'c_hash';
  return token_use === 'id' ? 'token_use' : 'nonce';
}

const ID_TOKEN =
  'This is an ID token, which tells a client about a sign-in; an API is to be sent the access token, which the client got beside it.';

/** What to say of a token that was refused for another reason, where it is an ID token. */
export function idTokenHint(claims: JWTPayload): string | undefined {
  return isIdToken(claims) ? ID_TOKEN : undefined;
}

const isOtherType = (type: string | undefined): type is string =>
  type !== undefined && type !== 'at+jwt' && TYPED.test(type);

function assertOtherType(type: string | undefined): void {
  if (isOtherType(type)) throw invalidClaim('typ', 'names another kind of token', { received: received(type) });
}

/** Refuses what the claims show to be something else than an access token for whoever bears it. */
function assertNoOtherKind(claims: JWTPayload): void {
  if (claims.events !== undefined) throw invalidClaim('events', 'marks a logout token or a security event');
  if (isIdToken(claims)) throw invalidClaim(idTokenMark(claims), 'marks an ID token', { hint: ID_TOKEN });
  if (KEYCLOAK_KINDS.includes(claims.typ)) {
    const hint = claims.typ === 'ID' ? ID_TOKEN : undefined;
    throw invalidClaim('typ', 'names another kind of token', { received: received(claims.typ), hint });
  }
}

/** A token that is bound to a key whose binding is not checked (RFC 7800). */
function assertUnbound(claims: JWTPayload): void {
  if (claims.cnf === undefined) return;
  throw invalidClaim('cnf', 'binds the token to a key or certificate, and this method checks no such binding');
}

function assertAccessToken(type: string | undefined, claims: JWTPayload): void {
  if (type !== 'at+jwt') {
    throw invalidClaim('typ', 'is not that of an access token', { expected: 'at+jwt', received: received(type) });
  }
  const missing = ACCESS_TOKEN_CLAIMS.find((name) => (claims[name] ?? '') === '');
  if (missing !== undefined) throw missingClaim(missing, { hint: 'RFC 9068 asks for it.' });
  if (typeof claims.client_id !== 'string') throw invalidClaim('client_id', 'is not a text');
}

/**
 * Refuses tokens that are genuine but of another kind, and tokens bound to a key whose binding we cannot check
 * (`cnf`, RFC 7800): taken as plain bearers they would lose the protection that their owner relies on.
 * @throws InvalidTokenError `claim_invalid`, or `claim_missing` under the profile `at+jwt`.
 */
export function assertTokenKind(header: JoseHeader, claims: JWTPayload, profile: TokenProfile): void {
  const type = mediaType(header.typ);
  assertOtherType(type);
  assertNoOtherKind(claims);
  assertUnbound(claims);
  if (profile === 'at+jwt') assertAccessToken(type, claims);
}

/**
 * The same for the assertion of a WAF, which may well be an ID token: it speaks to the application behind. Tokens
 * that are about something else than a sign-in, or bound to a key, are refused all the same.
 * @throws InvalidTokenError `claim_invalid`
 */
export function assertWafKind(header: JoseHeader, claims: JWTPayload): void {
  const type = mediaType(header.typ);
  if (type === undefined || !['id', 'id_token', 'id+jwt'].includes(type)) assertOtherType(type);
  if (claims.events !== undefined) throw invalidClaim('events', 'marks a logout token or a security event');
  assertUnbound(claims);
}

/** What introspection endpoints write where a token is an access token that whoever bears it may use. */
const BEARER_TYPES: readonly unknown[] = [undefined, 'bearer', 'access_token', 'access-token'];

const lowerCase = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

/**
 * The same for what an introspection endpoint says of a token (RFC 7662 section 2.2). Endpoints answer about refresh
 * tokens too, which Keycloak tells by `typ` and Ory by `token_use`; a `token_type` such as `DPoP` is a binding.
 * @throws InvalidTokenError `claim_invalid`
 */
export function assertIntrospectedKind(claims: JWTPayload): void {
  for (const name of ['token_type', 'token_use'] as const) {
    const isBearer = BEARER_TYPES.includes(lowerCase(claims[name]));
    if (!isBearer) throw invalidClaim(name, 'names another kind of token', { received: received(claims[name]) });
  }
  assertNoOtherKind(claims);
  assertUnbound(claims);
}
