import type { JWTPayload } from 'jose';
import type { Consumer } from '../consumers/consumer.js';
import { deepFreeze } from '../tokens/deep-freeze.js';
import type { SallyportTypes } from './sallyport-types.js';
import { NONE, NOTHING } from './union.js';

/** The application's user type, as it augmented {@link SallyportTypes}; `unknown` until then. */
export type RegisteredUser = SallyportTypes extends { user: infer User } ? User : unknown;

/** What kind of party a request comes from. */
export type PrincipalType = 'consumer' | 'user' | 'client' | 'api-key' | 'anonymous';

/** Who a request is: the one result of every auth method. Deep-frozen; carries no token and no secret. */
export interface Principal<U = RegisteredUser> {
  readonly type: PrincipalType;
  /** Consumer id, user id, client id or API key id; `issuer|subject` where no store is plugged in. */
  readonly id: string;
  /** Name of the auth method that verified the credential. */
  readonly method: string;
  readonly issuer?: string;
  readonly subject?: string;
  readonly username?: string;
  readonly email?: string;
  readonly emailVerified?: boolean;
  readonly name?: string;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** Single values by the names that the mapping gave them (Consul's `ClaimMappings`). */
  readonly attributes: Readonly<Record<string, string>>;
  /** Lists by the names that the mapping gave them (Consul's `ListClaimMappings`). */
  readonly listAttributes: Readonly<Record<string, readonly string[]>>;
  /** The verified claims as they were signed. */
  readonly claims: Readonly<JWTPayload>;
  /** What was presented. The time of a date cannot be frozen: copy `expiresAt` before you change it. */
  readonly credential: { readonly id?: string; readonly kind: string; readonly expiresAt?: Date };
  readonly consumer?: Consumer;
  readonly user?: U;
  /** Whether this very request registered the user. */
  readonly created?: boolean;
}

/** The part of a principal that a method must say; lists and records default to empty. */
export type PrincipalFields = Pick<Principal, 'type' | 'id' | 'method' | 'credential'> & Partial<Principal>;

/** Consumers that are frozen all the way down: one record stands behind many principals. */
const frozenConsumers = new WeakSet<Consumer>();

function freezeConsumer(consumer: Consumer): void {
  if (frozenConsumers.has(consumer)) return;
  deepFreeze(consumer);
  frozenConsumers.add(consumer);
}

type SaidName = 'subject' | 'username' | 'email' | 'emailVerified' | 'name' | 'groups' | 'scopes';

/** The part of a principal that claims may say. */
type SaidFields = {
  readonly [Name in SaidName | 'attributes' | 'listAttributes']?: Principal[Name] | undefined;
};

type Unfinished = { -readonly [Name in keyof Principal]: Principal[Name] };

/** Member by member: made for every new token, and a spread costs as much as all the rest that is done for one. */
function completed(fields: PrincipalFields, said: SaidFields): Unfinished {
  const { type, id, method, issuer, roles = NONE, claims = NOTHING, credential, consumer, user, created } = fields;
  const { subject, username, email, emailVerified, name } = said;
  const { groups = NONE, scopes = NONE, attributes = NOTHING, listAttributes = NOTHING } = said;
  const principal: Unfinished = {
    type,
    id,
    method,
    groups,
    roles,
    scopes,
    attributes,
    listAttributes,
    claims,
    credential,
  };
  if (issuer !== undefined) principal.issuer = issuer;
  if (subject !== undefined) principal.subject = subject;
  if (username !== undefined) principal.username = username;
  if (email !== undefined) principal.email = email;
  if (emailVerified !== undefined) principal.emailVerified = emailVerified;
  if (name !== undefined) principal.name = name;
  if (consumer !== undefined) principal.consumer = consumer;
  if (user !== undefined) principal.user = user;
  if (created !== undefined) principal.created = created;
  return principal;
}

/**
 * Completes and deep-freezes a principal. The application's own `user` object is left as it is.
 * @param said what claims say, where it does not stand among the fields.
 */
export function createPrincipal(fields: PrincipalFields, said: SaidFields = fields): Principal {
  const principal = completed(fields, said);
  const { groups, roles, scopes, attributes, listAttributes, claims, credential, consumer } = principal;
  for (const part of [groups, roles, scopes, attributes, listAttributes, claims, credential]) {
    if (part !== NONE && part !== NOTHING) deepFreeze(part);
  }
  if (consumer !== undefined) freezeConsumer(consumer);
  return Object.freeze(principal);
}
