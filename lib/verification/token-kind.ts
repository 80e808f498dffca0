import type { JWTPayload } from 'jose';
import { InvalidTokenError } from '../errors/auth-error.js';
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

function isOtherKind(type: string | undefined, claims: JWTPayload): boolean {
  const isTyped = type !== undefined && type !== 'at+jwt' && TYPED.test(type);
  return isTyped || claims.events !== undefined || KEYCLOAK_KINDS.includes(claims.typ) || isIdToken(claims);
}

function assertAccessToken(type: string | undefined, claims: JWTPayload): void {
  if (type !== 'at+jwt') throw new InvalidTokenError('claim_invalid');
  if (ACCESS_TOKEN_CLAIMS.some((name) => (claims[name] ?? '') === '')) throw new InvalidTokenError('claim_missing');
  if (typeof claims.client_id !== 'string') throw new InvalidTokenError('claim_invalid');
}

/**
 * Refuses tokens that are genuine but of another kind, and tokens bound to a key whose binding we cannot check
 * (`cnf`, RFC 7800): taken as plain bearers they would lose the protection that their owner relies on.
 * @throws InvalidTokenError `claim_invalid`, or `claim_missing` under the profile `at+jwt`.
 */
export function assertTokenKind(header: JoseHeader, claims: JWTPayload, profile: TokenProfile): void {
  const type = mediaType(header.typ);
  if (isOtherKind(type, claims) || claims.cnf !== undefined) throw new InvalidTokenError('claim_invalid');
  if (profile === 'at+jwt') assertAccessToken(type, claims);
}

/**
 * The same for the assertion of a WAF, which may well be an ID token: it speaks to the application behind. Tokens
 * that are about something else than a sign-in, or bound to a key, are refused all the same.
 * @throws InvalidTokenError `claim_invalid`
 */
export function assertWafKind(header: JoseHeader, claims: JWTPayload): void {
  const type = mediaType(header.typ);
  const isTyped = type !== undefined && !['at+jwt', 'id', 'id_token', 'id+jwt'].includes(type) && TYPED.test(type);
  if (isTyped || claims.events !== undefined || claims.cnf !== undefined) throw new InvalidTokenError('claim_invalid');
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
  const isBearer = [claims.token_type, claims.token_use].every((type) => BEARER_TYPES.includes(lowerCase(type)));
  if (!isBearer || isOtherKind(undefined, claims) || claims.cnf !== undefined) {
    throw new InvalidTokenError('claim_invalid');
  }
}
