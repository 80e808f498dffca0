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
import { isStoreForm } from './resolve-users-options.js';
import type { ResolvedUser, UserSource } from './resolved-user.js';
import type { Vouching } from './store-reach.js';
import { storeSource } from './store-source.js';
import { UserCache } from './user-cache.js';
import type { Invalidation } from './user-store.js';
import type { UsersOption } from './users-options.js';

/** A subject has at most 255 characters (OpenID Connect Core section 2); no index takes much more. */
const MAX_SUBJECT_LENGTH = 255;
const NOBODY: ResolvedUser = { id: undefined, user: undefined, groups: undefined, created: undefined };

/** The groups of people are what is stored; a consumer keeps those of its own record beside them. */
function groupsOf({ consumer }: Principal, stored: readonly string[] | undefined): Partial<Pick<Principal, 'groups'>> {
  return stored === undefined ? {} : { groups: [...new Set([...(consumer?.groups ?? []), ...stored])] };
}

/** Puts a resolved user behind a principal. */
function withUser(authenticated: Authenticated, { id, user, groups, created }: ResolvedUser): Authenticated {
  const { principal } = authenticated;
  return withPrincipal(authenticated, {
    ...(principal.type === 'user' && id !== undefined ? { id } : {}),
    ...groupsOf(principal, groups),
    // The application's own type, which only the application knows.
    user: user as NonNullable<Principal['user']>,
    ...(created === undefined ? {} : { created }),
  });
}

/** Checks that a session's user is still the one whom it was opened for. @throws {ForbiddenError} when it is not. */
function assertStillTheirs({ isRegistered }: Session, { type, id }: Principal, found: ResolvedUser): void {
  const isAnother = found.id === undefined || (type === 'user' && found.id !== id);
  if (isRegistered && isAnother) throw new ForbiddenError('user_not_registered');
}

/** Puts the application's users behind principals, and remembers them for a minute. */
export class UserDirectory {
  readonly #source: UserSource;
  readonly #cache: UserCache;
  readonly #unsubscribe: (() => void) | undefined;

  constructor(option: string, users: UsersOption) {
    this.#source = isStoreForm(users) ? storeSource(option, users) : callbackSource(option, users);
    this.#cache = new UserCache(this.#source.tenant);
    this.#unsubscribe = this.#subscribe(option);
  }

  /** Whether its users are in a store, which can be asked for a person's status alone. */
  get hasStore(): boolean {
    return this.#source.find !== undefined;
  }

  /** Notes that the tokens of a method come here. @throws {ConfigurationError} when its policy forbids their issuers. */
  reachedBy(issuers: Vouching | undefined): void {
    if (issuers !== undefined) this.#source.reachedBy?.(issuers);
  }

  /**
   * Puts its user behind a principal; leaves it as it is where it is no person's.
   * @throws {InvalidTokenError}
   * @throws {ForbiddenError}
   * @throws {RegistrationLimitError}
   * @throws {ServiceUnavailableError}
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

  /** Looks whether the person behind a session may still come in. Nobody is linked or registered by a session. */
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

  /** Forgets what is known of a user, an identity or an issuer's people, so that the next request asks again. */
  invalidate(change: Invalidation): void {
    this.#cache.invalidate(change);
  }

  /** Ends the subscription, and forgets everybody. */
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
        // Something has changed, and nobody knows what.
        warnOnce(place.option, place, thrown);
        this.#cache.clear();
      }
    });
    if (end === undefined && this.#source.subscribe === undefined) return undefined;
    if (typeof end === 'function') return () => void end();
    // What an async one does later is nobody's any more.
    Promise.resolve(end).catch(() => undefined);
    throw new ConfigurationError(
      place.option,
      'must return the function that ends the subscription, and no promise of it',
    );
  }
}
