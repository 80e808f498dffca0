import { LRUCache } from 'lru-cache';
import { Moment } from '../clock/moment.js';
import { AuthError } from '../errors/auth-error.js';
import { untilAborted } from '../http/until-aborted.js';
import type { SharedCache } from './shared-cache.js';

/** What a provider answered. */
export interface Answer<T> {
  /** `undefined`: it said no. */
  readonly value: T | undefined;
  /** Seconds for which a yes holds. Nothing is kept where this is 0 or less. */
  readonly ttl: number;
}

/** How answers are kept. */
export interface AnswerCacheOptions<T> {
  /** `false`: nothing is kept, and questions that are asked at the same time are one all the same. */
  readonly keep: boolean;
  /** Seconds for which a yes is kept at most. */
  readonly maxTtl: number;
  readonly shared: SharedCache | undefined;
  /** An answer as a text, for the shared cache; its length also counts against the bounds here. */
  encode(value: T): string;
  /** The answer again; `undefined`, or a throw, for what is none. */
  decode(text: string): T | undefined;
}

/** The name of a question in this process, and how it is called among several. */
export interface Question {
  readonly key: string;
  readonly sharedKey: () => string;
}

const MAX_ENTRIES = 10_000;
const MAX_BYTES = 33_554_432;
const ENTRY_BYTES = 512;
/** Parsed, a text takes about this much per character. */
const BYTES_PER_CHARACTER = 4;
/** Seconds for which a no is believed: long enough against a flood, short enough for a corrected mistake. */
const NO_TTL = 10;
/** Milliseconds that a shared cache may take which sets itself no limit. */
const SHARED_LIMIT = 1_000;

/** A yes, and for how many seconds it holds. */
interface Kept<T> {
  readonly value: T;
  readonly since: Moment;
  readonly seconds: number;
}

/**
 * What a provider said, within bounds: one question at a time under each name, a yes kept for as long as it holds, a
 * no briefly and apart, so that a flood of wrong questions pushes no right answer out. Outages are never kept.
 */
export class AnswerCache<T extends object> {
  readonly #options: AnswerCacheOptions<T>;
  readonly #kept = new LRUCache<string, Kept<T>>({ max: MAX_ENTRIES, maxSize: MAX_BYTES });
  readonly #refused = new LRUCache<string, Moment>({ max: MAX_ENTRIES });
  readonly #flights = new Map<string, Promise<T | undefined>>();

  constructor(options: AnswerCacheOptions<T>) {
    this.#options = options;
  }

  /** What is known, or what the provider says now; `undefined`: no. Rejects as `ask` does. */
  async get(question: Question, ask: () => Promise<Answer<T>>): Promise<T | undefined> {
    const { key } = question;
    const known = this.#known(key);
    if (known !== undefined || this.#isRefused(key)) return known;
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      flight = this.#find(question, ask).finally(() => this.#flights.delete(key));
      this.#flights.set(key, flight);
    }
    return flight;
  }

  /** Drops an answer that turned out to be of no use, here and among all processes. */
  async forget({ key, sharedKey }: Question, value: T): Promise<void> {
    // What stands there by now may be newer.
    if (this.#kept.peek(key)?.value === value) this.#kept.delete(key);
    await this.#withShared((shared) => shared.delete(sharedKey()));
  }

  clear(): void {
    this.#kept.clear();
    this.#refused.clear();
  }

  #known(key: string): T | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined || kept.since.age < kept.seconds) return kept?.value;
    this.#kept.delete(key);
    return undefined;
  }

  #isRefused(key: string): boolean {
    const since = this.#refused.get(key);
    return since !== undefined && since.age < NO_TTL;
  }

  async #find(question: Question, ask: () => Promise<Answer<T>>): Promise<T | undefined> {
    const found = await this.#fromShared(question);
    if (found !== undefined) return found;
    const { value, ttl } = await ask();
    if (value === undefined) {
      if (this.#options.keep && ttl > 0) this.#refused.set(question.key, new Moment());
      return undefined;
    }
    const seconds = Math.min(ttl, this.#options.maxTtl);
    if (seconds > 0) {
      this.#keep(question.key, value, seconds);
      const text = `${Date.now() + seconds * 1000}\n${this.#options.encode(value)}`;
      await this.#withShared((shared) => shared.set(question.sharedKey(), text, seconds));
    }
    return value;
  }

  #keep(key: string, value: T, seconds: number): void {
    if (!this.#options.keep) return;
    const size = ENTRY_BYTES + this.#options.encode(value).length * BYTES_PER_CHARACTER;
    this.#kept.set(key, { value, since: new Moment(), seconds }, { size });
  }

  async #fromShared({ key, sharedKey }: Question): Promise<T | undefined> {
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

  /** An outage of the cache is a miss, unless the cache itself says that it is to be a refusal. */
  async #withShared<R>(use: (shared: SharedCache) => Promise<R>): Promise<R | undefined> {
    const { shared, keep } = this.#options;
    if (shared === undefined || !keep) return undefined;
    try {
      const used = use(shared);
      // A limit of ours would hide what the cache makes of an outage.
      return await (shared.isBounded === true ? used : untilAborted(used, AbortSignal.timeout(SHARED_LIMIT)));
    } catch (thrown) {
      if (AuthError.is(thrown)) throw thrown;
      return undefined;
    }
  }
}
