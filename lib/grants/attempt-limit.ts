import { LRUCache } from 'lru-cache';
import { RateLimit } from '../clock/rate-limit.js';
import { AuthError } from '../errors/auth-error.js';
import { AttemptLimitError } from '../errors/rate-limit-errors.js';
import { warnOnce } from '../errors/warnings.js';
import { untilAborted } from '../http/until-aborted.js';
import { keyedDigest } from './keyed-digest.js';

/** Most names of one kind that are counted at the same time. */
const MAX_COUNTED = 10_000;
/** Time limit in milliseconds for a store that sets none itself. */
const STORE_LIMIT = 1_000;

/** Most failed attempts per minute. */
export interface AttemptLimits {
  /** By one peer for one credential id; left out where a credential has none. */
  readonly perMinute?: number;
  /** By one peer, whatever the ids. */
  readonly perPeer: number;
  /** For one id, whoever the peers; left out where a credential has none. */
  readonly perId?: number;
  readonly overall: number;
}

/** Counter of attempts under one name: a digest, and never an id or an address. */
export interface AttemptCount {
  readonly name: string;
  /** Most attempts per minute. */
  readonly limit: number;
}

/**
 * Counts attempts for several processes; {@link https://redis.io | Redis} has one in `sallyport/redis`. Each process
 * counts its own attempts as well. A rejection means that only those count, and a warning of the process says so once;
 * an `AuthError` answers the request.
 */
export interface AttemptStore {
  /**
   * Counts one attempt under each name, or under none of them if one has reached its limit. Resolves to the seconds
   * until the next attempt, 0 if this one may be made.
   */
  take(counts: readonly AttemptCount[]): Promise<number>;
  /** Takes an attempt off again under each name. */
  giveBack(counts: readonly AttemptCount[]): Promise<void>;
  /**
   * Whether the store limits the time of its operations itself. Otherwise one that takes more than a second counts as
   * a rejection.
   * @default false
   */
  readonly isBounded?: boolean;
}

/** Attempt that is counted. */
export interface Attempt {
  /** Takes the attempt off the count: the secret was right, or nobody could tell. */
  cancel(): Promise<void>;
}

type Kind = 'pair' | 'peer' | 'id' | 'overall';
type Counts = readonly (readonly [Kind, AttemptCount])[];

/** Limits how many secrets per minute may be tried: by a peer for an id, by a peer, for an id, and in all. */
export class AttemptLimit {
  readonly #limits: AttemptLimits;
  readonly #store: AttemptStore | undefined;
  readonly #digest: (...parts: readonly string[]) => string;
  // A cache for each kind of name: invented ids and peers push out no other kind.
  readonly #counted: Readonly<Record<Kind, LRUCache<string, RateLimit>>> = {
    pair: new LRUCache<string, RateLimit>({ max: MAX_COUNTED }),
    peer: new LRUCache<string, RateLimit>({ max: MAX_COUNTED }),
    id: new LRUCache<string, RateLimit>({ max: MAX_COUNTED }),
    overall: new LRUCache<string, RateLimit>({ max: 1 }),
  };

  /** @param namespace of the names in a shared store, equal in all processes that share limits. */
  constructor(limits: AttemptLimits, store: AttemptStore | undefined, namespace: string) {
    this.#limits = limits;
    this.#store = store;
    this.#digest = keyedDigest(store === undefined ? undefined : namespace);
  }

  /**
   * Counts an attempt when it begins, before its outcome is known, so that concurrent guesses are counted as well.
   * @param id empty where a credential has none.
   * @throws {AttemptLimitError} when a limit is reached.
   */
  async begin(id: string, peer: string): Promise<Attempt> {
    const counts = this.#countsOf(id, peer);
    const giveBack = this.#takeOwn(counts);
    const shared = counts.map(([, count]) => count);
    const cancel = async () => {
      giveBack();
      await this.#withStore((store) => store.giveBack(shared)).catch(() => undefined);
    };
    const wait = await this.#takeShared(shared, giveBack);
    if (wait > 0) {
      giveBack();
      throw new AttemptLimitError(wait);
    }
    return { cancel };
  }

  /** Counts in this process, under all names or none. Returns what takes the attempt off again. */
  #takeOwn(counts: Counts): () => void {
    const taken: RateLimit[] = [];
    const giveBack = () => {
      for (const limit of taken.splice(0)) limit.giveBack();
    };
    for (const [kind, count] of counts) {
      const limit = this.#counted[kind].get(count.name) ?? new RateLimit(count.limit);
      this.#counted[kind].set(count.name, limit);
      if (limit.take()) taken.push(limit);
      else {
        giveBack();
        throw new AttemptLimitError(limit.wait);
      }
    }
    return giveBack;
  }

  async #takeShared(shared: readonly AttemptCount[], giveBack: () => void): Promise<number> {
    try {
      return (await this.#withStore((store) => store.take(shared))) ?? 0;
    } catch (thrown) {
      giveBack();
      throw thrown;
    }
  }

  /** Uses the store. Its outage leaves the counts of this process, unless it rejects with an `AuthError`. */
  async #withStore<T>(use: (store: AttemptStore) => Promise<T>): Promise<T | undefined> {
    const store = this.#store;
    if (store === undefined) return undefined;
    try {
      const used = use(store);
      return await (store.isBounded === true ? used : untilAborted(used, AbortSignal.timeout(STORE_LIMIT)));
    } catch (thrown) {
      if (AuthError.is(thrown)) throw thrown;
      warnOnce('attemptLimit.store', store, thrown, 'each process counts attempts for itself');
      return undefined;
    }
  }

  #countsOf(id: string, peer: string): Counts {
    const { perMinute, perPeer, perId, overall } = this.#limits;
    const limits: readonly (readonly [Kind, limit: number | undefined, ...names: readonly string[]])[] = [
      ['pair', perMinute, id, peer],
      ['peer', perPeer, peer],
      ['id', perId, id],
      ['overall', overall],
    ];
    return limits.flatMap(([kind, limit, ...names]) =>
      limit === undefined ? [] : [[kind, { name: this.#digest(kind, ...names), limit }] as const],
    );
  }
}
