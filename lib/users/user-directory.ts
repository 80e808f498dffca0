import type { IncomingMessage } from 'node:http';
import { ForbiddenError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { invalidClaim } from '../errors/token-refusals.js';
import { warnOnce } from '../errors/warnings.js';
import { type Authenticated, type Session, withPrincipal } from '../principal/authenticated.js';
import type { Principal } from '../principal/principal.js';
import type { VerifiedIdentity } from '../principal/user-identity.js';
import { callbackSource } from './callback-source.js';
import { assertInvalidation } from './invalidation.js';
import { storeSource } from './provisioning.js';
import { isStoreForm } from './resolve-users-options.js';
import type { ResolvedUser, UserSource } from './resolved-user.js';
import type { Vouching } from './store-reach.js';
import { UserCache } from './user-cache.js';
import type { Invalidation } from './user-store.js';
import type { UsersOption } from './users-options.js';

/** Longest subject in characters (OpenID Connect Core section 2); database indexes take little more. */
const MAX_SUBJECT_LENGTH = 255;
const NOBODY: ResolvedUser = { id: undefined, user: undefined, groups: undefined, created: undefined };

/** Groups of a principal after provisioning: the stored ones, and beside them those of a consumer's record. */
function groupsOf({ consumer }: Principal, stored: readonly string[] | undefined): Partial<Pick<Principal, 'groups'>> {
  return stored === undefined ? {} : { groups: [...new Set([...(consumer?.groups ?? []), ...stored])] };
}

/** Adds a resolved user to the principal of an authenticated result. */
function withUser(authenticated: Authenticated, { id, user, groups, created }: ResolvedUser): Authenticated {
  const { principal } = authenticated;
  return withPrincipal(authenticated, {
    ...(principal.type === 'user' && id !== undefined ? { id } : {}),
    ...groupsOf(principal, groups),
    // Cast: `Principal['user']` has the type that the application declares for it, and the value is the application's
    // own.
    user: user as NonNullable<Principal['user']>,
    ...(created === undefined ? {} : { created }),
  });
}

/**
 * Checks that the identity of a session still belongs to the user that the session was opened for.
 * @throws {ForbiddenError} `user_not_registered` when it does not.
 */
function assertStillTheirs({ isRegistered }: Session, { type, id }: Principal, found: ResolvedUser): void {
  const isAnother = found.id === undefined || (type === 'user' && found.id !== id);
  if (isRegistered && isAnother) throw new ForbiddenError('user_not_registered');
}

/** Adds the application's users to principals, and caches them for 60 seconds. */
export class UserDirectory {
  readonly #source: UserSource;
  readonly #cache: UserCache;
  readonly #unsubscribe: (() => void) | undefined;

  constructor(option: string, users: UsersOption) {
    this.#source = isStoreForm(users) ? storeSource(option, users) : callbackSource(option, users);
    this.#cache = new UserCache(this.#source.tenant);
    this.#unsubscribe = this.#subscribe(option);
  }

  /** Whether users come from a store, which can be asked for a user without registering one. */
  get hasStore(): boolean {
    return this.#source.find !== undefined;
  }

  /**
   * Registers the issuers of a method that uses this directory.
   * @throws {ConfigurationError} when the policy does not allow that these issuers reach the store.
   */
  reachedBy(issuers: Vouching | undefined): void {
    if (issuers !== undefined) this.#source.reachedBy?.(issuers);
  }

  /**
   * Adds its user to a principal. A principal that stands for no person stays unchanged.
   * @throws {InvalidTokenError} `claim_invalid` when the subject is too long, or a group name is.
   * @throws {ForbiddenError} when the user may not be admitted.
   * @throws {RegistrationLimitError} when too many users register.
   * @throws {ServiceUnavailableError} `provisioning_unavailable` when the store or callback fails.
   */
  async attach(authenticated: Authenticated, req: IncomingMessage): Promise<Authenticated> {
    const { principal, session } = authenticated;
    const identity = authenticated.identity?.inTenant(this.#source.tenant);
    if (identity === undefined)
      return session === undefined ? authenticated : this.#confirm(authenticated, session, req);
    if (identity.subject.length > MAX_SUBJECT_LENGTH)
      throw invalidClaim('sub', `has more than ${MAX_SUBJECT_LENGTH} characters`);
    const resolved = await this.#resolve(identity, principal, req);
    return withUser({ ...authenticated, identity }, resolved);
  }

  #resolve(identity: VerifiedIdentity, { credential }: Principal, req: IncomingMessage): Promise<ResolvedUser> {
    const { user } = identity;
    const place = this.#source.placeOf(identity, req);
    const ask = (seenBefore: boolean) => this.#source.resolve(user, { req, place, seenBefore });
    return this.#cache.resolve({ identity: user, place, expiresAt: credential.expiresAt, ask });
  }

  /** Checks that the person behind a session is still admitted. A session links and registers nobody. */
  async #confirm(authenticated: Authenticated, session: Session, req: IncomingMessage): Promise<Authenticated> {
    const { principal } = authenticated;
    const { find } = this.#source;
    const identity = session.identity.inTenant(this.#source.tenant);
    if (find === undefined) {
      if (!session.asksCallback) return authenticated;
      return withUser(authenticated, await this.#resolve(identity, principal, req));
    }
    const { user } = identity;
    const { expiresAt } = principal.credential;
    const place = { slot: `session:${user.key}`, variant: '', name: user.key, met: undefined, keeps: true };
    const ask = async () => (await find(user)) ?? NOBODY;
    const found = await this.#cache.resolve({ identity: user, place, expiresAt, ask });
    assertStillTheirs(session, principal, found);
    return found.id === undefined ? authenticated : withUser(authenticated, found);
  }

  /**
   * Removes cached answers about a user, an identity or all people of an issuer, so that the next request asks again.
   */
  invalidate(change: Invalidation): void {
    this.#cache.invalidate(change);
  }

  /** Ends the subscription and empties the cache. */
  close(): void {
    this.#unsubscribe?.();
    this.#source.close?.();
    this.#cache.clear();
  }

  #subscribe(option: string): (() => void) | undefined {
    const place = { option: `${option}.store.subscribe` };
    const end: unknown = this.#source.subscribe?.((change) => {
      try {
        assertInvalidation(place.option, change);
        this.#cache.invalidate(change);
      } catch (thrown) {
        // An unreadable change may concern anybody, so the whole cache is emptied.
        warnOnce(place.option, place, thrown);
        this.#cache.clear();
      }
    });
    if (end === undefined && this.#source.subscribe === undefined) return undefined;
    if (typeof end === 'function') return () => void end();
    // The factory throws below, so a later rejection of an async `subscribe` must not end the process.
    Promise.resolve(end).catch(() => undefined);
    throw new ConfigurationError(
      place.option,
      'must return the function that ends the subscription, and no promise of it',
    );
  }
}
