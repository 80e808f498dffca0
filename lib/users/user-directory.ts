import type { IncomingMessage } from 'node:http';
import { LRUCache } from 'lru-cache';
import { invalidClaim } from '../errors/token-refusals.js';
import { type Authenticated, withPrincipal } from '../principal/authenticated.js';
import type { Principal } from '../principal/principal.js';
import { identityDigest, type UserIdentity } from '../principal/user-identity.js';
import { callbackSource } from './callback-source.js';
import { isStoreForm } from './resolve-users-options.js';
import type { ResolvedUser, UserSource } from './resolved-user.js';
import { storeSource } from './store-source.js';
import type { Invalidation } from './user-store.js';
import type { UsersOption } from './users-options.js';

/** Seconds for which a resolved user is believed without asking again. */
const TTL = 60;
const MAX_ENTRIES = 10_000;
/** How many different tokens of one person are remembered as dealt with. */
const MAX_VARIANTS = 16;
/** A subject has at most 255 characters (OpenID Connect Core section 2); no index takes much more. */
const MAX_SUBJECT_LENGTH = 255;

/** The newest answer about an identity, and the tokens that were taken into account for it. */
interface Entry {
  readonly variants: ReadonlySet<string>;
  readonly resolved: ResolvedUser;
}

interface Flight {
  readonly variant: string;
  readonly generation: number;
  readonly answer: Promise<ResolvedUser>;
}

/** What one request asks. */
interface Query {
  readonly identity: UserIdentity;
  readonly variant: string;
  readonly expiresAt: Date | undefined;
  readonly req: IncomingMessage;
}

/** The groups of people are what is stored; a consumer keeps those of its own record beside them. */
function groupsOf({ consumer }: Principal, stored: readonly string[] | undefined): Partial<Pick<Principal, 'groups'>> {
  return stored === undefined ? {} : { groups: [...new Set([...(consumer?.groups ?? []), ...stored])] };
}

/** Puts the application's user behind a principal: one question at a time per identity, answers kept for a minute. */
export class UserDirectory {
  readonly #source: UserSource;
  readonly #entries = new LRUCache<string, Entry>({ max: MAX_ENTRIES });
  readonly #seen = new LRUCache<string, true>({ max: MAX_ENTRIES });
  readonly #flights = new Map<string, Flight>();
  readonly #unsubscribe: (() => void) | undefined;
  /** What began before an invalidation must neither fill the cache after it nor answer who asks after it. */
  #generation = 0;

  constructor(option: string, users: UsersOption) {
    this.#source = isStoreForm(users) ? storeSource(option, users) : callbackSource(option, users);
    this.#unsubscribe = this.#source.subscribe?.((change) => this.invalidate(change));
  }

  /**
   * Puts its user behind a principal; leaves it as it is where it is no person's.
   * @throws InvalidTokenError, ForbiddenError, RegistrationLimitError, ServiceUnavailableError
   */
  async attach(authenticated: Authenticated, req: IncomingMessage): Promise<Authenticated> {
    const { principal } = authenticated;
    const identity = authenticated.identity?.inTenant(this.#source.tenant);
    if (identity === undefined) return authenticated;
    if (identity.subject.length > MAX_SUBJECT_LENGTH)
      throw invalidClaim('sub', `has more than ${MAX_SUBJECT_LENGTH} characters`);
    const { expiresAt } = principal.credential;
    const variant = this.#source.variantOf(identity.user);
    const { id, user, groups, created } = await this.#resolve({ identity: identity.user, variant, expiresAt, req });
    return withPrincipal(
      { ...authenticated, identity },
      {
        ...(principal.type === 'user' && id !== undefined ? { id } : {}),
        ...groupsOf(principal, groups),
        user: user as NonNullable<Principal['user']>,
        ...(created === undefined ? {} : { created }),
      },
    );
  }

  /** Forgets what is known of a user or an identity, so that the next request asks again. */
  invalidate(change: Invalidation): void {
    this.#generation += 1;
    if ('identity' in change) {
      this.#entries.delete(identityDigest({ tenant: this.#source.tenant, ...change.identity }));
      return;
    }
    for (const [key, { resolved }] of this.#entries.entries()) {
      if (resolved.id === change.user) this.#entries.delete(key);
    }
  }

  close(): void {
    this.#unsubscribe?.();
    this.#entries.clear();
  }

  async #resolve(query: Query): Promise<ResolvedUser> {
    const { variant } = query;
    const { key } = query.identity;
    for (;;) {
      const known = this.#entries.get(key);
      if (known?.variants.has(variant)) return known.resolved;
      const underWay = this.#flights.get(key);
      if (underWay === undefined) break;
      const isOurs = underWay.variant === variant && underWay.generation === this.#generation;
      // Only the request whose question registered somebody says so.
      if (isOurs) return seenAgain(await underWay.answer);
      await underWay.answer.catch(() => undefined);
    }
    const answer = this.#load(query).finally(() => this.#flights.delete(key));
    this.#flights.set(key, { variant, generation: this.#generation, answer });
    return answer;
  }

  async #load({ identity, variant, expiresAt, req }: Query): Promise<ResolvedUser> {
    const { key } = identity;
    const generation = this.#generation;
    const resolved = await this.#source.resolve(identity, { req, seenBefore: this.#seen.has(key) });
    this.#seen.set(key, true);
    const left = expiresAt === undefined ? TTL : (expiresAt.getTime() - Date.now()) / 1000;
    if (generation !== this.#generation || left <= 0) return resolved;
    const variants = [...(this.#entries.get(key)?.variants ?? [])].slice(1 - MAX_VARIANTS);
    const entry = { variants: new Set([...variants, variant]), resolved: seenAgain(resolved) };
    this.#entries.set(key, entry, { ttl: Math.min(TTL, left) * 1000 });
    return resolved;
  }
}

function seenAgain(resolved: ResolvedUser): ResolvedUser {
  return resolved.created === true ? { ...resolved, created: false } : resolved;
}
