import type { JWTPayload } from 'jose';
import type { Consumer, ConsumerCredential } from '../../consumers/consumer.js';
import type { Identified } from '../../pipeline/token-policy.js';
import type { Authenticated } from '../../principal/authenticated.js';
import { createPrincipal, type Principal, union } from '../../principal/principal.js';
import { type SubjectRule, subjectKind } from '../../principal/subject-kind.js';
import { consumerIssuer, VerifiedIdentity } from '../../principal/user-identity.js';

interface Found {
  readonly credential: ConsumerCredential;
  readonly consumer: Consumer;
}

const END_OF_TIME = Number.POSITIVE_INFINITY;

/** Returns the earlier end of token and credential. */
function expiryOf({ exp }: JWTPayload, { expiresAt }: ConsumerCredential): Date | undefined {
  if (exp === undefined && !expiresAt) return undefined;
  return new Date(Math.min(exp === undefined ? END_OF_TIME : exp * 1000, expiresAt?.getTime() ?? END_OF_TIME));
}

/**
 * Makes the credential of a principal. Members are named one by one here and below, because spreading costs time for
 * every new token.
 */
function credentialOf(claims: JWTPayload, { credential: found }: Found): Principal['credential'] {
  const expiresAt = expiryOf(claims, found);
  const credential: { kind: string; id?: string; expiresAt?: Date } = { kind: 'jwt' };
  if (found.id !== undefined) credential.id = found.id;
  if (expiresAt !== undefined) credential.expiresAt = expiresAt;
  return credential;
}

function principalWith(method: string, { mapped, roles }: Identified, claims: JWTPayload, found: Found): Principal {
  const { consumer } = found;
  const { subject, username = consumer.username, email, emailVerified, name, scopes } = mapped;
  const { attributes, listAttributes } = mapped;
  return createPrincipal(
    {
      type: 'consumer',
      id: consumer.id,
      method,
      roles: union(consumer.roles, roles),
      claims,
      credential: credentialOf(claims, found),
      consumer,
    },
    {
      subject,
      username,
      email,
      emailVerified,
      name,
      scopes,
      attributes,
      listAttributes,
      groups: union(consumer.groups, mapped.groups),
    },
  );
}

/**
 * Makes the authenticated result of a consumer's token. Its identity is the person that the token names, for methods
 * with users.
 */
export function consumerPrincipal(
  method: string,
  identified: Identified,
  claims: JWTPayload,
  found: Found,
  subjects: SubjectRule,
): Authenticated {
  const principal = principalWith(method, identified, claims, found);
  const { subject, email } = identified.mapped;
  if (subject === undefined || subject === '') return { principal, identity: undefined };
  const issuer = consumerIssuer(found.consumer.id);
  if (subjectKind(subjects, { issuer, claims, subject, email }) === 'client') return { principal, identity: undefined };
  // Each consumer has a name space of its own for people, and its statements on e-mail addresses count as unverified.
  const said = { ...identified.mapped, emailVerified: false };
  return { principal, identity: VerifiedIdentity.of(issuer, said, claims) };
}
