import type { JWTPayload } from 'jose';
import type { ClaimMapping, MappedClaims } from './claim-mapping.js';
import { createPrincipal, type Principal } from './principal.js';
import { clientOf } from './program-marks.js';
import { type SubjectRule, subjectKind } from './subject-kind.js';

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

/** Where an introspection endpoint writes claims: it has a name of its own for the user's (RFC 7662 section 2.2). */
export const INTROSPECTED_CLAIMS: ClaimMapping = {
  ...DEFAULT_CLAIMS,
  username: ({ preferred_username: preferred, username }) => preferred ?? username,
};

/** Everything that a verified token of an identity provider says. */
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
  /** Whether the token's subject is a person or a program. Default `auto`. */
  readonly subjects?: SubjectRule | undefined;
  /** Whether the method knows several issuers, so that a client's id needs its issuer beside it. */
  readonly sharesIds?: boolean | undefined;
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

/** A program is known by its client; where several issuers are accepted, one client id may be two programs. */
function idOf({ issuer, sharesIds = false }: TokenFacts, client: string | undefined, subject: string): string {
  if (client === undefined) return `${issuer}|${subject}`;
  return sharesIds ? `${issuer}|${client}` : client;
}

/**
 * Makes the principal of an (issuer, subject) pair where no user store is plugged in.
 * @throws InvalidTokenError `claim_missing` if the token is a person's and does not say whose, `claim_invalid` if its
 * subject is everybody's.
 */
export function tokenPrincipal(facts: TokenFacts): Principal {
  const { method, issuer, claims, mapped, roles, subjects = 'auto' } = facts;
  const { subject = '', email } = mapped;
  const type = subjectKind(subjects, { issuer, claims, subject, email });
  const client = type === 'client' ? (facts.client ?? clientOf(claims)) : undefined;
  const id = idOf(facts, client, subject);
  const said = mapped.subject === '' ? withoutSubject(mapped) : mapped;
  return createPrincipal({ type, id, method, issuer, roles, claims, credential: credentialOf(facts) }, said);
}
