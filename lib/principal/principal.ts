import type { IncomingMessage } from 'node:http';
import type { JWTPayload } from 'jose';
import type { Consumer } from '../consumers/consumer.js';
import { UnauthorizedError } from '../errors/auth-error.js';
import { deepFreeze } from '../tokens/strict-json.js';
import type { SallyportTypes } from './sallyport-types.js';

/** User type of the application, set by augmenting {@link SallyportTypes}; `unknown` until then. */
export type RegisteredUser = SallyportTypes extends { user: infer User } ? User : unknown;

/** Kind of party that a request comes from. */
export type PrincipalType = 'consumer' | 'user' | 'client' | 'api-key' | 'anonymous';

/**
 * Principal: who a request comes from, the one result of every auth method. It is deep-frozen, and contains no token
 * and no secret.
 */
export interface Principal<U = RegisteredUser> {
  /** Kind of party that the request comes from. */
  readonly type: PrincipalType;
  /** Id of the consumer, user, client or API key; `issuer|subject` for persons where no store is configured. */
  readonly id: string;
  /** Name of the auth method that verified the credential. */
  readonly method: string;
  /** Issuer of the token, where it names one. */
  readonly issuer?: string;
  /** Subject of the token, where it names one. */
  readonly subject?: string;
  /** Username, by the claim mapping, the consumer's record or the owner of the API key. */
  readonly username?: string;
  /** E-mail address as the token writes it; check `emailVerified` before trusting it. */
  readonly email?: string;
  /** Whether the issuer verified the address; `undefined` where the token says nothing. */
  readonly emailVerified?: boolean;
  /** Full name of a person. */
  readonly name?: string;
  /** Groups of the principal, for `requireGroups`. */
  readonly groups: readonly string[];
  /** Roles of the principal, for `requireRoles`. */
  readonly roles: readonly string[];
  /** Scopes of the credential, for `requireScopes`. */
  readonly scopes: readonly string[];
  /** Single values by the names that the claim mapping gives them (Consul's `ClaimMappings`). */
  readonly attributes: Readonly<Record<string, string>>;
  /** Lists by the names that the claim mapping gives them (Consul's `ListClaimMappings`). */
  readonly listAttributes: Readonly<Record<string, readonly string[]>>;
  /** Verified claims, as they were signed. */
  readonly claims: Readonly<JWTPayload>;
  /** Credential that was presented. A date's time cannot be frozen: copy `expiresAt` before changing it. */
  readonly credential: { readonly id?: string; readonly kind: string; readonly expiresAt?: Date };
  /** Consumer record, where a consumer presented the credential. */
  readonly consumer?: Consumer;
  /** User record of the application, where users are configured. */
  readonly user?: U;
  /** Whether this request registered the user. */
  readonly created?: boolean;
}

/** Members of a principal that a method must set; lists and records are empty by default. */
export type PrincipalFields = Pick<Principal, 'type' | 'id' | 'method' | 'credential'> & Partial<Principal>;

/** Empty list, shared because it is frozen. */
export const NONE: readonly string[] = Object.freeze([]);

/** Empty record, shared because it is frozen. */
export const NOTHING: Readonly<Record<string, never>> = Object.freeze({});

/** Joins two lists, each member once. */
export function union(a: readonly string[] = [], b: readonly string[] = []): readonly string[] {
  return a.length === 0 && b.length === 0 ? NONE : [...new Set([...a, ...b])];
}

/** Consumers that were deep-frozen before, because one record stands behind many principals. */
const frozenConsumers = new WeakSet<Consumer>();

function freezeConsumer(consumer: Consumer): void {
  if (frozenConsumers.has(consumer)) return;
  deepFreeze(consumer);
  frozenConsumers.add(consumer);
}

type SaidName = 'subject' | 'username' | 'email' | 'emailVerified' | 'name' | 'groups' | 'scopes';

/** Members of a principal that come from claims. */
type SaidFields = {
  readonly [Name in SaidName | 'attributes' | 'listAttributes']?: Principal[Name] | undefined;
};

type Unfinished = { -readonly [Name in keyof Principal]: Principal[Name] };

/**
 * Completes the members of a principal one by one: it is made for every new token, and a spread would cost as much as
 * all other work on it.
 */
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
 * Completes and deep-freezes a principal. The application's `user` object is not frozen.
 * @param said members that come from claims, where they are not among `fields`.
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

declare global {
  namespace Express {
    interface Request {
      /** Principal of the request; set by `jwtAuth()` and the single auth methods. */
      principal?: Principal;
    }
  }
}

/** Request with a principal. */
export type WithPrincipal = IncomingMessage & { principal?: Principal };

/** A request behind an auth method and a guard, whose principal is there. `Req` is the framework's own type of requests. */
export type AuthenticatedRequest<Req extends IncomingMessage = IncomingMessage> = Req & { principal: Principal };

/** Sets the principal of a request, the only property that Sallyport writes on it. */
export function setPrincipal(req: WithPrincipal, principal: Principal): void {
  req.principal = principal;
}

/** Returns the principal of a request; `undefined` where no method set one. */
export function findPrincipal(req: WithPrincipal): Principal | undefined {
  return req.principal;
}

/**
 * Returns the principal of a request, typed, in handlers behind an auth method. A Fastify request keeps Node's own
 * under `raw`, whose principal is returned.
 * @throws {UnauthorizedError} `credentials_missing` when there is none, so that a forgotten middleware is a 401.
 */
export function principalOf(req: IncomingMessage | { readonly raw: IncomingMessage }): Principal {
  // Cast: both members are only read, and a framework's own value under these names has no principal.
  const { raw, principal = raw?.principal } = req as WithPrincipal & { readonly raw?: WithPrincipal | null };
  if (principal === undefined) throw new UnauthorizedError('credentials_missing');
  return principal;
}
