import { LRUCache } from 'lru-cache';
import { identityDigest, type UserIdentity } from '../principal/user-identity.js';
import type { CachePlace, ResolvedUser } from './resolved-user.js';
import { copierOf } from './user-copy.js';
import type { Invalidation } from './user-store.js';

/** Seconds for which a resolved user is cached. */
const TTL = 60;
const MAX_ENTRIES = 10_000;
/** Most different tokens of one person that one cached answer serves. */
const MAX_VARIANTS = 16;

/**
 * Answer of a source, with a function that copies its user. Without `copy`, the answer serves only the request that
 * asked.
 */
interface Answer {
  readonly resolved: ResolvedUser;
  readonly copy: (() => unknown) | undefined;
}

/** Newest cached answer about an identity, and the variants of tokens that it holds for. */
interface Entry {
  readonly identity: UserIdentity;
  readonly variants: ReadonlySet<string>;
  readonly resolved: ResolvedUser;
  readonly copy: () => unknown;
}

/** Request to a source that is in flight. */
interface Flight {
  readonly place: CachePlace;
  readonly generation: number;
  readonly answer: Promise<Answer>;
}

/** Request for a user, by one HTTP request. */
interface Query {
  readonly identity: UserIdentity;
  readonly place: CachePlace;
  /** End of the token's life, beyond which its answer is not cached. */
  readonly expiresAt: Date | undefined;
  readonly ask: (seenBefore: boolean) => Promise<ResolvedUser>;
}

/**
 * Copies a shared answer for another request. `created` becomes `false`, because only one request registered the user.
 */
function seenAgain(resolved: ResolvedUser, copy: () => unknown): ResolvedUser {
  return { ...resolved, user: copy(), created: resolved.created === true ? false : resolved.created };
}

/** Cache of resolved users, for 60 seconds. Only one request per identity is in flight at a time. */
export class UserCache {
  readonly #tenant: string;
  readonly #entries = new LRUCache<string, Entry>({ max: MAX_ENTRIES });
  readonly #met = new LRUCache<string, true>({ max: MAX_ENTRIES });
  readonly #flights = new Map<string, Flight>();
  /** Number of invalidations. Answers to requests that started under an older number are neither cached nor shared. */
  #generation = 0;

  /**
   * Creates an empty cache.
   *
   * @param tenant tenant of identities in invalidations that name none.
   */
  constructor(tenant: string) {
    this.#tenant = tenant;
  }

  /**
   * Returns the user from the cache, from the request in flight, or from the source. The returned user is a copy of its
   * own.
   */
  async resolve(query: Query): Promise<ResolvedUser> {
    const { place, identity } = query;
    const { slot, variant, keeps } = place;
    for (;;) {
      const known = this.#entries.get(slot);
      if (known?.variants.has(variant)) return seenAgain(known.resolved, known.copy);
      const underWay = this.#flights.get(identity.key);
      if (underWay === undefined) break;
      const isOurs =
        keeps &&
        underWay.place.slot === slot &&
        underWay.place.variant === variant &&
        underWay.generation === this.#generation;
      const answer = isOurs ? await underWay.answer : await underWay.answer.catch(() => undefined);
      if (isOurs && answer?.copy !== undefined) return seenAgain(answer.resolved, answer.copy);
    }
    const answer = this.#load(query).finally(() => this.#flights.delete(identity.key));
    this.#flights.set(identity.key, { place, generation: this.#generation, answer });
    const { resolved, copy } = await answer;
    return copy === undefined ? resolved : { ...resolved, user: copy() };
  }

  /** Removes the answers about a user, an identity or all people of an issuer. */
  invalidate(change: Invalidation): void {
    this.#generation += 1;
    const isMeant = this.#matcher(change);
    for (const [slot, entry] of this.#entries.entries()) if (isMeant(entry)) this.#entries.delete(slot);
  }

  /** Removes all answers. */
  clear(): void {
    this.#generation += 1;
    this.#entries.clear();
  }

  #matcher(change: Invalidation): (entry: Entry) => boolean {
    if ('issuer' in change) return ({ identity }) => identity.issuer === change.issuer;
    if ('user' in change) return ({ resolved }) => resolved.id === String(change.user);
    const { tenant = this.#tenant, issuer, subject } = change.identity;
    const key = identityDigest({ tenant, issuer, subject });
    return ({ identity }) => identity.key === key;
  }

  async #load({ identity, place, expiresAt, ask }: Query): Promise<Answer> {
    const { slot, variant, met, keeps } = place;
    const generation = this.#generation;
    const resolved = await ask(met !== undefined && this.#met.has(met));
    if (met !== undefined) this.#met.set(met, true);
    const copy = copierOf(resolved.user);
    const left = expiresAt === undefined ? TTL : (expiresAt.getTime() - Date.now()) / 1000;
    if (copy !== undefined && keeps && generation === this.#generation && left > 0) {
      const variants = [...(this.#entries.get(slot)?.variants ?? [])].slice(1 - MAX_VARIANTS);
      const entry = { identity, variants: new Set([...variants, variant]), resolved, copy };
      this.#entries.set(slot, entry, { ttl: Math.min(TTL, left) * 1000 });
    }
    return { resolved, copy };
  }
}
