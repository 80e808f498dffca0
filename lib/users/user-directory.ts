import type { IncomingMessage } from 'node:http';
import { LRUCache } from 'lru-cache';
import { createPrincipal, type Principal } from '../principal/principal.js';
import { callbackSource } from './callback-source.js';
import type { ResolvedUser, UserSource } from './resolved-user.js';
import { storeSource } from './store-source.js';
import { identityDigest, identityOf, inTenant, passIdentityOn, type UserIdentity } from './user-identity.js';
import type { Invalidation } from './user-store.js';
import type { UsersOption } from './users-options.js';

/** Seconds for which a resolved user is believed without asking again. */
const TTL = 60;
const MAX_ENTRIES = 10_000;

/** One answer per identity: the one that its latest token got. */
interface Entry {
  readonly variant: string;
  readonly resolved: ResolvedUser;
}

interface Flight {
  readonly variant: string;
  readonly answer: Promise<ResolvedUser>;
}

/** Puts the application's user behind a principal: one question at a time per identity, answers kept for a minute. */
export class UserDirectory {
  readonly #source: UserSource;
  readonly #entries = new LRUCache<string, Entry>({ max: MAX_ENTRIES });
  readonly #seen = new LRUCache<string, true>({ max: MAX_ENTRIES });
  readonly #flights = new Map<string, Flight>();
  readonly #unsubscribe: (() => void) | undefined;
  /** A load that began before an invalidation must not fill the cache after it. */
  #generation = 0;

  constructor(option: string, users: UsersOption) {
    this.#source =
      typeof users === 'object' && users !== null && 'store' in users
        ? storeSource(option, users)
        : callbackSource(option, users);
    this.#unsubscribe = this.#source.subscribe?.((change) => this.invalidate(change));
  }

  /** The principal with its user; as it is, where it is nobody's. @throws ForbiddenError, ServiceUnavailableError */
  async attach(principal: Principal, req: IncomingMessage): Promise<Principal> {
    const tied = identityOf(principal);
    if (tied === undefined) return principal;
    const identity = inTenant(tied, this.#source.tenant);
    const { id, user, groups, created } = await this.#resolve(identity, principal, req);
    const isPerson = principal.type === 'user';
    const attached = createPrincipal({
      ...principal,
      ...(isPerson && id !== undefined ? { id } : {}),
      ...(groups === undefined ? {} : { groups: [...groups] }),
      user: user as NonNullable<Principal['user']>,
      created,
    });
    passIdentityOn(principal, attached);
    return attached;
  }

  /** Forgets what is known of a user or an identity, so that the next request asks again. */
  invalidate(change: Invalidation): void {
    this.#generation += 1;
    if ('identity' in change) {
      this.#entries.delete(identityDigest(change.identity));
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

  async #resolve(identity: UserIdentity, principal: Principal, req: IncomingMessage): Promise<ResolvedUser> {
    const variant = this.#source.variantOf(identity);
    for (;;) {
      const known = this.#entries.get(identity.key);
      if (known?.variant === variant) return known.resolved;
      const underWay = this.#flights.get(identity.key);
      if (underWay === undefined) break;
      // Only the request whose question registered somebody says so.
      if (underWay.variant === variant) return { ...(await underWay.answer), created: false };
      await underWay.answer.catch(() => undefined);
    }
    const answer = this.#load(variant, identity, principal, req).finally(() => this.#flights.delete(identity.key));
    this.#flights.set(identity.key, { variant, answer });
    return answer;
  }

  async #load(
    variant: string,
    identity: UserIdentity,
    { credential }: Principal,
    req: IncomingMessage,
  ): Promise<ResolvedUser> {
    const generation = this.#generation;
    const resolved = await this.#source.resolve(identity, { req, seenBefore: this.#seen.has(identity.key) });
    this.#seen.set(identity.key, true);
    const left = credential.expiresAt === undefined ? TTL : (credential.expiresAt.getTime() - Date.now()) / 1000;
    if (generation === this.#generation && left > 0) {
      const entry = { variant, resolved: { ...resolved, created: false } };
      this.#entries.set(identity.key, entry, { ttl: Math.min(TTL, left) * 1000 });
    }
    return resolved;
  }
}
