import { LRUCache } from 'lru-cache';
import { Moment } from '../clock/moment.js';
import { AuthError } from '../errors/auth-error.js';
import { untilAborted } from '../http/until-aborted.js';
import type { SharedCache } from './shared-cache.js';

/** An answer of a provider: a value, or a refusal. */
export interface Answer<T> {
  /** The value; `undefined` for a refusal. */
  readonly value: T | undefined;
  /** Seconds for which the answer is valid. It is not cached when this is 0 or less. */
  readonly ttl: number;
}

/** Options of {@link AnswerCache}. */
export interface AnswerCacheOptions<T> {
  /** Whether answers are cached. With `false`, concurrent calls for one key still share one request. */
  readonly keep: boolean;
  /** Longest time in seconds for which a value is cached. */
  readonly maxTtl: number;
  readonly shared: SharedCache | undefined;
  /** Writes a value as a text for the shared cache. */
  encode(value: T): string;
  /** Estimates the memory of a value in bytes. */
  weigh(value: T): number;
  /** Reads a text of `encode`. Returns `undefined`, or throws, for any other text. */
  decode(text: string): T | undefined;
}

/** Key of an answer: in this process, and in the shared cache. */
export interface AnswerKey {
  readonly key: string;
  readonly sharedKey: () => string;
}

const MAX_ENTRIES = 10_000;
const MAX_BYTES = 33_554_432;
const ENTRY_BYTES = 512;
/** Seconds for which a refusal is cached: long enough against a flood, short enough for a corrected mistake. */
const REFUSAL_TTL = 10;
/** Time limit in milliseconds for a shared cache that sets none itself. */
const SHARED_LIMIT = 1_000;

/** A cached value, and for how many seconds from `since` on it is valid. */
interface CachedValue<T> {
  readonly value: T;
  readonly since: Moment;
  readonly seconds: number;
}

/**
 * Bounded cache of a provider's answers, with one request at a time per key. Values are cached for as long as they are
 * valid. Refusals are cached briefly and apart, so that a flood of wrong credentials evicts no value. Outages are never
 * cached.
 */
export class AnswerCache<T extends object> {
  readonly #options: AnswerCacheOptions<T>;
  readonly #values = new LRUCache<string, CachedValue<T>>({ max: MAX_ENTRIES, maxSize: MAX_BYTES });
  readonly #refusals = new LRUCache<string, Moment>({ max: MAX_ENTRIES });
  readonly #inFlight = new Map<string, Promise<T | undefined>>();

  constructor(options: AnswerCacheOptions<T>) {
    this.#options = options;
  }

  /**
   * Returns the cached value, or asks the provider with `ask`. Resolves to `undefined` for a refusal, and rejects when
   * `ask` does.
   */
  async get(answerKey: AnswerKey, ask: () => Promise<Answer<T>>): Promise<T | undefined> {
    const { key } = answerKey;
    const cached = this.#cached(key);
    if (cached !== undefined || this.#isRefused(key)) return cached;
    let request = this.#inFlight.get(key);
    if (request === undefined) {
      request = this.#find(answerKey, ask).finally(() => this.#inFlight.delete(key));
      this.#inFlight.set(key, request);
    }
    return request;
  }

  /** Deletes a value that proved useless, in this process and in the shared cache. */
  async delete({ key, sharedKey }: AnswerKey, value: T): Promise<void> {
    // The entry may have been replaced by a newer value meanwhile.
    if (this.#values.peek(key)?.value === value) this.#values.delete(key);
    await this.#withShared((shared) => shared.delete(sharedKey()));
  }

  clear(): void {
    this.#values.clear();
    this.#refusals.clear();
  }

  #cached(key: string): T | undefined {
    const cached = this.#values.get(key);
    if (cached === undefined || cached.since.age < cached.seconds) return cached?.value;
    this.#values.delete(key);
    return undefined;
  }

  #isRefused(key: string): boolean {
    const since = this.#refusals.get(key);
    return since !== undefined && since.age < REFUSAL_TTL;
  }

  async #find(answerKey: AnswerKey, ask: () => Promise<Answer<T>>): Promise<T | undefined> {
    const found = await this.#fromShared(answerKey);
    if (found !== undefined) return found;
    const { value, ttl } = await ask();
    if (value === undefined) {
      if (this.#options.keep && ttl > 0) this.#refusals.set(answerKey.key, new Moment());
      return undefined;
    }
    const seconds = Math.min(ttl, this.#options.maxTtl);
    if (seconds > 0) {
      this.#keep(answerKey.key, value, seconds);
      const text = `${Date.now() + seconds * 1000}\n${this.#options.encode(value)}`;
      await this.#withShared((shared) => shared.set(answerKey.sharedKey(), text, seconds));
    }
    return value;
  }

  #keep(key: string, value: T, seconds: number): void {
    if (!this.#options.keep) return;
    const size = ENTRY_BYTES + this.#options.weigh(value);
    this.#values.set(key, { value, since: new Moment(), seconds }, { size });
  }

  async #fromShared({ key, sharedKey }: AnswerKey): Promise<T | undefined> {
    const text = await this.#withShared((shared) => shared.get(sharedKey()));
    if (typeof text !== 'string') return undefined;
    const end = text.indexOf('\n');
    const left = Math.min((Number(text.slice(0, end)) - Date.now()) / 1000, this.#options.maxTtl);
    if (!(left > 0)) return undefined;
    try {
      const value = this.#options.decode(text.slice(end + 1));
      if (value !== undefined) this.#keep(key, value, left);
      return value;
    } catch {
      return undefined;
    }
  }

  /** Uses the shared cache. Its outage is a miss, unless it rejects with an `AuthError` (`onOutage: 'refuse'`). */
  async #withShared<R>(use: (shared: SharedCache) => Promise<R>): Promise<R | undefined> {
    const { shared, keep } = this.#options;
    if (shared === undefined || !keep) return undefined;
    try {
      const used = use(shared);
      // No time limit here when the cache has its own, because it decides what its outage means.
      return await (shared.isBounded === true ? used : untilAborted(used, AbortSignal.timeout(SHARED_LIMIT)));
    } catch (thrown) {
      if (AuthError.is(thrown)) throw thrown;
      return undefined;
    }
  }
}
