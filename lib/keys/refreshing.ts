import { types } from 'node:util';
import { Moment } from '../clock/moment.js';
import { ServiceUnavailableError } from '../errors/auth-error.js';
import type { OutageErrorCode } from '../errors/error-codes.js';

/** What a load brings: a value, and for how many seconds it is fresh. */
export interface Loaded<T> {
  readonly value: T;
  readonly freshFor: number;
}

/** How something remote is kept up to date. All times in seconds. */
export interface RefreshOptions<T> {
  /** `signal` ends a load that takes too long, or that nobody waits for any more. */
  load(signal: AbortSignal): Promise<Loaded<T>>;
  /** How long the last good value serves after its freshness while the origin fails; 0 turns that off. */
  readonly maxStale: number;
  /** Least time between two attempts, counted from the start of an attempt, whatever its outcome. */
  readonly cooldown: number;
  /** The code of an outage. Default `keys_unavailable`. */
  readonly outage?: OutageErrorCode;
  onLoaded(value: T): void;
  onFailed(error: Error, servingStale: boolean): void;
}

/** In all, however many documents a load fetches. */
const TIME_LIMIT = 5;
/** Part of the freshness after which a value in use is refreshed in the background. */
const AHEAD = 0.8;
/** Part of a delay that is left to chance, so that many processes do not ask together. */
const JITTER = 0.1;
const MAX_BACK_OFF = 300;
/** Seconds before a first load that failed is repeated; doubles with every failure, up to the cooldown. */
const FIRST_DELAY = 1;

/**
 * A remote value that is loaded on first use, refreshed ahead of its expiry off the request path, and kept
 * through outages. One load at a time; a cooldown that successes and failures stamp alike.
 */
export class Refreshing<T> {
  readonly #options: RefreshOptions<T>;
  #current: (Loaded<T> & { readonly since: Moment }) | undefined;
  #lastAttempt: Moment | undefined;
  #lastError: { readonly at: Moment; readonly error: Error } | undefined;
  #inFlight: Promise<void> | undefined;
  #failures = 0;
  /** Whether any load ever succeeded. Until then the back-off of {@link FIRST_DELAY} counts, not the cooldown. */
  #everLoaded = false;
  #usedSinceLoad = false;
  /** The time to refresh came while nobody used the value; whoever does next starts it. */
  #overdue = false;
  #timer: NodeJS.Timeout | undefined;
  #looking: AbortController | undefined;
  #closed = false;

  constructor(options: RefreshOptions<T>) {
    this.#options = options;
  }

  /** The value, where nothing needs to be waited for or begun. */
  get fresh(): T | undefined {
    if (this.#overdue || !this.#isFresh()) return undefined;
    this.#usedSinceLoad = true;
    return this.#current?.value;
  }

  /** The value, loaded if need be. @throws ServiceUnavailableError */
  async get(): Promise<T> {
    this.#usedSinceLoad = true;
    if (this.#isFresh()) {
      if (this.#overdue) void this.#attempt();
      return this.#serve();
    }
    const attempt = this.#attempt();
    // An outage that is known is not waited for again: the last good value serves while we look.
    if (this.#failures === 0 || !this.#isUsable()) await attempt;
    return this.#serve();
  }

  /** One more look at the origin, unless the last one is too recent, and the value after it. Fails where that look failed. */
  async getAfresh(): Promise<T> {
    this.#usedSinceLoad = true;
    await this.#attempt();
    if (this.#failures > 0) throw this.#unavailable();
    return this.#serve();
  }

  get current(): T | undefined {
    return this.#current?.value;
  }

  get health(): { lastSuccess?: Date; lastError?: { at: Date; message: string }; age?: number } {
    const { since } = this.#current ?? {};
    return {
      ...(since === undefined ? {} : { lastSuccess: since.at, age: since.age }),
      ...(this.#lastError === undefined
        ? {}
        : { lastError: { at: this.#lastError.at.at, message: this.#lastError.error.message } }),
    };
  }

  /** Stops looking in the background, and ends a look under way. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#looking?.abort(new Error('the key source was closed'));
  }

  #isFresh(): boolean {
    return this.#current !== undefined && this.#current.since.age < this.#current.freshFor;
  }

  #isUsable(): boolean {
    return this.#current !== undefined && this.#current.since.age < this.#current.freshFor + this.#options.maxStale;
  }

  #serve(): T {
    if (this.#current === undefined || !this.#isUsable()) throw this.#unavailable();
    return this.#current.value;
  }

  #unavailable(): ServiceUnavailableError {
    const retryAfter = this.#secondsToNextAttempt();
    return new ServiceUnavailableError(this.#options.outage ?? 'keys_unavailable', {
      cause: this.#lastError?.error,
      retryAfter,
    });
  }

  /** Seconds that have to pass before the origin may be asked again. The cooldown protects an origin that was loaded from. */
  #secondsToNextAttempt(): number {
    const { cooldown } = this.#options;
    if (this.#everLoaded) return cooldown - (this.#lastAttempt?.age ?? cooldown);
    const failure = this.#lastError?.at;
    return failure === undefined ? 0 : Math.min(cooldown, this.#firstDelay()) - failure.age;
  }

  #firstDelay(): number {
    return FIRST_DELAY * 2 ** (this.#failures - 1);
  }

  /** Joins the load under way, starts one, or does nothing while cooling down. Never rejects. */
  async #attempt(): Promise<void> {
    if (this.#inFlight === undefined) {
      if (this.#secondsToNextAttempt() > 0) return;
      this.#inFlight = this.#load().finally(() => {
        this.#inFlight = undefined;
      });
    }
    await this.#inFlight;
  }

  async #load(): Promise<void> {
    const { cooldown } = this.#options;
    this.#lastAttempt = new Moment();
    this.#overdue = false;
    try {
      const { value, freshFor } = await this.#loadInTime();
      // What may not be looked at again before the cooldown is over stays fresh until then.
      this.#current = { value, freshFor: Math.max(freshFor, cooldown), since: new Moment() };
      this.#failures = 0;
      this.#everLoaded = true;
      this.#usedSinceLoad = false;
      this.#options.onLoaded(value);
      this.#schedule(Math.max(cooldown, freshFor * AHEAD * (1 - JITTER * Math.random())));
    } catch (thrown) {
      // Not `instanceof`: Node's own errors are of another realm where the application runs in a VM, as under Jest.
      const error = types.isNativeError(thrown) ? thrown : new Error('the load failed');
      this.#lastError = { at: new Moment(), error };
      this.#failures += 1;
      if (this.#closed) return;
      this.#options.onFailed(error, this.#isUsable());
      this.#schedule(this.#backOff());
    }
  }

  async #loadInTime(): Promise<Loaded<T>> {
    const looking = new AbortController();
    this.#looking = looking;
    const tooLong = () => looking.abort(new Error(`no complete answer within ${TIME_LIMIT} seconds`));
    const limit = setTimeout(tooLong, TIME_LIMIT * 1000);
    try {
      return await this.#options.load(looking.signal);
    } finally {
      clearTimeout(limit);
    }
  }

  /** Seconds to the next load in the background; doubles with every failure, from the cooldown on, or up to it at first. */
  #backOff(): number {
    const base = Math.max(1, this.#options.cooldown);
    const limit = this.#everLoaded ? Math.max(base, MAX_BACK_OFF) : base;
    const delay = this.#everLoaded ? base * 2 ** (this.#failures - 1) : this.#firstDelay();
    return Math.min(limit, delay) * (1 + JITTER * Math.random());
  }

  /** Looks again in the background, if anybody used the value meanwhile or still waits for the first one. */
  #schedule(seconds: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const delay = seconds * 1000;
    this.#timer = setTimeout(() => {
      if (this.#usedSinceLoad) void this.#attempt();
      else this.#overdue = true;
    }, delay);
    this.#timer.unref();
  }
}
