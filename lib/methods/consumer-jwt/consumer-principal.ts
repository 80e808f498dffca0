import type { JWTPayload } from 'jose';
import type { Consumer, ConsumerCredential } from '../../consumers/consumer.js';
import type { Identified } from '../../pipeline/token-options.js';
import type { Authenticated } from '../../principal/authenticated.js';
import { createPrincipal, type Principal } from '../../principal/principal.js';
import { type SubjectRule, subjectKind } from '../../principal/subject-kind.js';
import { union } from '../../principal/union.js';
import { consumerIssuer, VerifiedIdentity } from '../../principal/user-identity.js';

interface Found {
  readonly credential: ConsumerCredential;
  readonly consumer: Consumer;
}

const END_OF_TIME = Number.POSITIVE_INFINITY;

/** The earlier of the token's and the credential's end. */
function expiryOf({ exp }: JWTPayload, { expiresAt }: ConsumerCredential): Date | undefined {
  if (exp === undefined && !expiresAt) return undefined;
  return new Date(Math.min(exp === undefined ? END_OF_TIME : exp * 1000, expiresAt?.getTime() ?? END_OF_TIME));
}

/** Named one by one here and below, because nothing is spread that is made for every new token. */
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

/** Who a verified consumer is; with users, the person that its token names. */
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
  // A consumer vouches for people in a name space of its own, and for no e-mail.
  const said = { ...identified.mapped, emailVerified: false };
  return { principal, identity: VerifiedIdentity.of(issuer, said, claims) };
}
