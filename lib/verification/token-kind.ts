import type { JWTPayload } from 'jose';
import { InvalidTokenError } from '../errors/auth-error.js';
import type { JoseHeader } from '../tokens/jose-header.js';

/** `at+jwt`: RFC 9068 to the letter. `any`: whatever is not plainly another kind of token. */
export type TokenProfile = 'any' | 'at+jwt';

/** RFC 9068 section 2.2. */
const ACCESS_TOKEN_CLAIMS = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'] as const;

/** Media types of other tokens (RFC 8725 section 3.11): logout tokens, security events, DPoP proofs, assertions, … */
const OTHER_KINDS =
  /^(id|logout\+jwt|secevent\+jwt|dpop\+jwt|oauth-authz-req\+jwt|token-introspection\+jwt|client-authentication\+jwt|.*-assertion(\+jwt)?)$/;

/** The media type without its optional `application/` and in lower case (RFC 7515 section 4.1.9). */
function mediaType(typ: string | undefined): string | undefined {
  return typ?.toLowerCase().replace(/^application\//, '');
}

/**
 * An ID token speaks to a client about a sign-in; as an access token it would let every client of the provider in.
 * It is told by `at_hash`, by Keycloak's `typ: ID`, or by a `nonce` beside neither a scope nor a client.
 */
function isIdToken(claims: JWTPayload): boolean {
  if (claims.at_hash !== undefined || claims.c_hash !== undefined || claims.typ === 'ID') return true;
  const hasScope = claims.scope !== undefined || claims.scp !== undefined;
  return claims.nonce !== undefined && !hasScope && claims.client_id === undefined;
}

/**
 * Refuses tokens that are genuine but of another kind, and tokens bound to a key whose binding we cannot check
 * (`cnf`, RFC 7800): taken as plain bearers they would lose the protection that their owner relies on.
 * @throws InvalidTokenError `claim_invalid`, or `claim_missing` under the profile `at+jwt`.
 */
export function assertTokenKind(header: JoseHeader, claims: JWTPayload, profile: TokenProfile): void {
  const type = mediaType(header.typ);
  const isOther = (type !== undefined && OTHER_KINDS.test(type)) || claims.events !== undefined || isIdToken(claims);
  if (isOther || claims.cnf !== undefined) throw new InvalidTokenError('claim_invalid');
  if (profile === 'any') return;
  if (type !== 'at+jwt') throw new InvalidTokenError('claim_invalid');
  if (ACCESS_TOKEN_CLAIMS.some((name) => claims[name] === undefined)) throw new InvalidTokenError('claim_missing');
}
