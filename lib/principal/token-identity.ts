import type { JWTPayload } from 'jose';
import { missingClaim } from '../errors/token-refusals.js';
import type { ClaimMapping, MappedClaims } from './claim-mapping.js';
import { createPrincipal, type Principal } from './principal.js';

/** Where the claims of an identity provider stand by default (OpenID Connect Core section 5.1, RFC 9068 section 2.2). */
export const DEFAULT_CLAIMS: ClaimMapping = {
  subject: 'sub',
  username: 'preferred_username',
  email: 'email',
  emailVerified: 'email_verified',
  name: 'name',
  groups: 'groups',
  roles: 'roles',
  scopes: ({ scope, scp }) => scope ?? scp,
};

/** The same for what an introspection endpoint says, which has a name of its own for the user's (RFC 7662 section 2.2). */
export const INTROSPECTED_CLAIMS: ClaimMapping = {
  ...DEFAULT_CLAIMS,
  username: ({ preferred_username: preferred, username }) => preferred ?? username,
};

/** The client that a token was issued to: RFC 9068's `client_id`, OpenID Connect's `azp`, Entra's `appid`, Okta's `cid`. */
function clientOf({ client_id: clientId, azp, appid, cid }: JWTPayload): string | undefined {
  return [clientId, azp, appid, cid].find((id): id is string => typeof id === 'string' && id !== '');
}

/**
 * Whether a token speaks for a program and not for a person: it names nobody, its subject is its own client
 * (RFC 9068 section 2.2), or the provider says so (Entra's `idtyp`, Auth0's `gty`).
 */
function speaksForClient(claims: JWTPayload, { subject = '', email }: MappedClaims, client?: string): boolean {
  const { sub = '', idtyp, gty } = claims;
  if (subject === '' && sub === '') return email === undefined;
  return (client !== undefined && sub === client) || idtyp === 'app' || gty === 'client-credentials';
}

const NAMELESS =
  'The token speaks of a person and does not say who it is; where another claim names people, map it as claims.subject.';

/** What a verified token of an identity provider says, beside whom it names. */
export interface TokenFacts {
  readonly method: string;
  readonly issuer: string;
  readonly claims: JWTPayload;
  readonly mapped: MappedClaims;
  readonly roles: readonly string[];
  /** When the token ends, in seconds since the epoch. */
  readonly expiresAt: number | undefined;
  /** The client, where the standard claims do not name it. */
  readonly client?: string | undefined;
  /** What the token itself is. Default `jwt`. */
  readonly kind?: 'jwt' | 'opaque';
}

function withoutSubject({ subject: _empty, ...others }: MappedClaims): MappedClaims {
  return others;
}

/** Made for every new token, so nothing is spread that can be written. */
function credentialOf({ claims, expiresAt, kind = 'jwt' }: TokenFacts): Principal['credential'] {
  const credential: { kind: string; id?: string; expiresAt?: Date } = { kind };
  if (typeof claims.jti === 'string') credential.id = claims.jti;
  if (expiresAt !== undefined) credential.expiresAt = new Date(expiresAt * 1000);
  return credential;
}

/**
 * The principal of an (issuer, subject) pair where no user store is plugged in.
 * @throws InvalidTokenError `claim_missing` if the token is a person's and does not say whose.
 */
export function tokenPrincipal(facts: TokenFacts): Principal {
  const { method, issuer, claims, mapped, roles } = facts;
  const { subject = '' } = mapped;
  const client = facts.client ?? clientOf(claims);
  const isClient = speaksForClient(claims, mapped, client);
  if (subject === '' && !isClient) throw missingClaim('sub', { hint: NAMELESS });
  const said = mapped.subject === '' ? withoutSubject(mapped) : mapped;
  const type = isClient ? 'client' : 'user';
  const id = (isClient ? client : undefined) ?? `${issuer}|${subject}`;
  return createPrincipal({ type, id, method, issuer, roles, claims, credential: credentialOf(facts) }, said);
}
