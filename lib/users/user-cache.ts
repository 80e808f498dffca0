import { LRUCache } from 'lru-cache';
import { identityDigest, type UserIdentity } from '../principal/user-identity.js';
import type { CachePlace, ResolvedUser } from './resolved-user.js';
import { copierOf } from './user-copy.js';
import type { Invalidation } from './user-store.js';

/** Seconds for which a resolved user is believed without asking again. */
const TTL = 60;
const MAX_ENTRIES = 10_000;
/** How many different tokens of one person are remembered as dealt with. */
const MAX_VARIANTS = 16;

/** An answer, and how to hand a copy of its user out; without a copier it is for the request that asked, and for no other. */
interface Answer {
  readonly resolved: ResolvedUser;
  readonly copy: (() => unknown) | undefined;
}

/** The newest answer about an identity, and the tokens that were taken into account for it. */
interface Entry {
  readonly identity: UserIdentity;
  readonly variants: ReadonlySet<string>;
  readonly resolved: ResolvedUser;
  readonly copy: () => unknown;
}

/** A question that is being answered. */
interface Flight {
  readonly place: CachePlace;
  readonly generation: number;
  readonly answer: Promise<Answer>;
}

/** A question of one request. */
interface Query {
  readonly identity: UserIdentity;
  readonly place: CachePlace;
  /** End of the token: no answer is kept beyond it. */
  readonly expiresAt: Date | undefined;
  readonly ask: (seenBefore: boolean) => Promise<ResolvedUser>;
}

/** Only the request whose question registered somebody says so. */
function seenAgain(resolved: ResolvedUser, copy: () => unknown): ResolvedUser {
  return { ...resolved, user: copy(), created: resolved.created === true ? false : resolved.created };
}

/** Resolved users: one question at a time per identity, and answers that are kept for a minute. */
export class UserCache {
  readonly #tenant: string;
  readonly #entries = new LRUCache<string, Entry>({ max: MAX_ENTRIES });
  readonly #met = new LRUCache<string, true>({ max: MAX_ENTRIES });
  readonly #flights = new Map<string, Flight>();
  /** Counts invalidations. What began before one neither fills the cache after it nor answers who asks after it. */
  #generation = 0;

  /** @param tenant the one that is meant where an invalidation names none. */
  constructor(tenant: string) {
    this.#tenant = tenant;
  }

  /** Answers from what is kept, from a question under way, or by asking. The user of the answer is the caller's alone. */
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

  /** Forgets the answers about a user, an identity or an issuer's people. */
  invalidate(change: Invalidation): void {
    this.#generation += 1;
    const isMeant = this.#matcher(change);
    for (const [slot, entry] of this.#entries.entries()) if (isMeant(entry)) this.#entries.delete(slot);
  }

  /** Forgets all answers. */
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
