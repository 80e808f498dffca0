import type { JWTPayload } from 'jose';
import { clientOf } from '../tokens/client-claims.js';
import type { Authenticated } from './authenticated.js';
import { ComposedPath } from './claim-path.js';
import type { ClaimMapping, MappedClaims } from './mapped-claims.js';
import { createPrincipal, type Principal } from './principal.js';
import { type SubjectRule, subjectKind } from './subject-kind.js';
import { VerifiedIdentity } from './user-identity.js';

/** Path to the first of two claims that is there. A function would be wrapped and guarded as code of the application. */
const firstOf = (...paths: readonly [string, string]) => new ComposedPath(paths, ([first, second]) => first ?? second);

/** Default claim mapping for identity providers (OpenID Connect Core section 5.1, RFC 9068 section 2.2). */
export const DEFAULT_CLAIMS: ClaimMapping = {
  subject: 'sub',
  username: 'preferred_username',
  email: 'email',
  emailVerified: 'email_verified',
  name: 'name',
  groups: 'groups',
  roles: 'roles',
  scopes: firstOf('scope', 'scp'),
};

/** Default claim mapping for introspection endpoints, which name the user in `username` (RFC 7662 section 2.2). */
export const INTROSPECTED_CLAIMS: ClaimMapping = {
  ...DEFAULT_CLAIMS,
  username: firstOf('preferred_username', 'username'),
};

/** Facts of a verified token of an identity provider. */
export interface TokenFacts {
  readonly method: string;
  readonly issuer: string;
  readonly claims: JWTPayload;
  readonly mapped: MappedClaims;
  readonly roles: readonly string[];
  /** End of the token, in seconds since the epoch. */
  readonly expiresAt: number | undefined;
  /** Client of the token, where the standard claims do not name it. */
  readonly client?: string | undefined;
  /**
   * Whether the subject is a person or a program.
   * @default 'auto'
   */
  readonly subjects?: SubjectRule | undefined;
  /** Whether the method has several issuers, so that a client's id needs its issuer beside it. */
  readonly sharesIds?: boolean | undefined;
  /**
   * Kind of the token.
   * @default 'jwt'
   */
  readonly kind?: 'jwt' | 'opaque';
}

function withoutSubject({ subject: _empty, ...others }: MappedClaims): MappedClaims {
  return others;
}

/**
 * Makes the credential of a principal. Members are set one by one, because spreading costs time for every new token.
 */
function credentialOf({ claims, expiresAt, kind = 'jwt' }: TokenFacts): Principal['credential'] {
  const credential: { kind: string; id?: string; expiresAt?: Date } = { kind };
  if (typeof claims.jti === 'string') credential.id = claims.jti;
  if (expiresAt !== undefined) credential.expiresAt = new Date(expiresAt * 1000);
  return credential;
}

/**
 * Returns the id of a principal: a program's is its client, with the issuer where several issuers may have one client
 * id.
 */
function idOf({ issuer, sharesIds = false }: TokenFacts, client: string | undefined, subject: string): string {
  if (client === undefined) return `${issuer}|${subject}`;
  return sharesIds ? `${issuer}|${client}` : client;
}

/**
 * Makes the principal of a verified token, before users are looked up.
 * @throws {InvalidTokenError} `claim_missing` when a person's token has no subject, `claim_invalid` when its subject is
 * everybody's.
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

/** Makes the authenticated result of a verified token, without any store. */
export function identified(facts: TokenFacts): Authenticated {
  const { issuer, mapped, claims } = facts;
  const principal = tokenPrincipal(facts);
  return { principal, identity: principal.type === 'user' ? VerifiedIdentity.of(issuer, mapped, claims) : undefined };
}
