import { LRUCache } from 'lru-cache';
import { RateLimit } from '../clock/rate-limit.js';
import { AttemptLimitError } from '../errors/rate-limit-errors.js';
import { keyedDigest } from './keyed-digest.js';

/** Most names of one kind that are counted at the same time. */
const MAX_COUNTED = 10_000;

/** Most failed attempts per minute. */
export interface AttemptLimits {
  /** By one peer for one credential id. */
  readonly perMinute: number;
  /** By one peer, whatever the ids. */
  readonly perPeer: number;
  /** For one id, whoever the peers. */
  readonly perId: number;
  readonly overall: number;
}

/** Counter of attempts under one name: a digest, and never an id or an address. */
export interface AttemptCount {
  readonly name: string;
  /** Most attempts per minute. */
  readonly limit: number;
}

/** Counts attempts for several processes; {@link https://redis.io | Redis} has one in `sallyport/redis`. */
export interface AttemptStore {
  /**
   * Counts one attempt under each name, or under none of them if one has reached its limit. Resolves to the seconds
   * until the next attempt, 0 if this one may be made.
   */
  take(counts: readonly AttemptCount[]): Promise<number>;
  /** Takes an attempt off again under each name. */
  giveBack(counts: readonly AttemptCount[]): Promise<void>;
}

/** Attempt that is counted. */
export interface Attempt {
  /** Takes the attempt off the count: the secret was right, or the provider could not be asked. */
  cancel(): Promise<void>;
}

/** Limits how many secrets per minute may be tried: by a peer for an id, by a peer, for an id, and in all. */
export class AttemptLimit {
  readonly #limits: AttemptLimits;
  readonly #store: AttemptStore | undefined;
  readonly #digest: (...parts: readonly string[]) => string;
  // A cache for each kind of name: invented ids and peers push out no other kind.
  readonly #counted = {
    pair: new LRUCache<string, RateLimit>({ max: MAX_COUNTED }),
    peer: new LRUCache<string, RateLimit>({ max: MAX_COUNTED }),
    id: new LRUCache<string, RateLimit>({ max: MAX_COUNTED }),
    overall: new LRUCache<string, RateLimit>({ max: 1 }),
  } as const;

  /** @param namespace of the names in a shared store, equal in all processes that share limits. */
  constructor(limits: AttemptLimits, store: AttemptStore | undefined, namespace: string) {
    this.#limits = limits;
    this.#store = store;
    this.#digest = keyedDigest(store === undefined ? undefined : namespace);
  }

  /**
   * Counts an attempt when it begins, before its outcome is known, so that concurrent guesses are counted as well.
   * @throws {AttemptLimitError} when a limit is reached.
   */
  async begin(id: string, peer: string): Promise<Attempt> {
    const counts = this.#countsOf(id, peer);
    const taken: RateLimit[] = [];
    const giveBack = () => void taken.splice(0).map((limit) => limit.giveBack());
    for (const [kind, count] of counts) {
      const limit = this.#counted[kind].get(count.name) ?? new RateLimit(count.limit);
      this.#counted[kind].set(count.name, limit);
      if (limit.take()) taken.push(limit);
      else {
        giveBack();
        throw new AttemptLimitError(limit.wait);
      }
    }
    const shared = counts.map(([, count]) => count);
    const wait = (await this.#store?.take(shared)) ?? 0;
    if (wait > 0) {
      giveBack();
      throw new AttemptLimitError(wait);
    }
    return {
      cancel: async () => {
        giveBack();
        await this.#store?.giveBack(shared);
      },
    };
  }

  #countsOf(id: string, peer: string): readonly (readonly ['pair' | 'peer' | 'id' | 'overall', AttemptCount])[] {
    const { perMinute, perPeer, perId, overall } = this.#limits;
    return [
      ['pair', { name: this.#digest('pair', id, peer), limit: perMinute }],
      ['peer', { name: this.#digest('peer', peer), limit: perPeer }],
      ['id', { name: this.#digest('id', id), limit: perId }],
      ['overall', { name: this.#digest('overall'), limit: overall }],
    ];
  }
}
