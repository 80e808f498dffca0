import { Moment } from '../clock/moment.js';
import { ServiceUnavailableError } from '../errors/auth-error.js';
import type { OutageErrorCode } from '../errors/error-codes.js';
import { AttemptPace } from './attempt-pace.js';

/** A loaded value, and for how many seconds it is fresh. */
export interface Loaded<T> {
  readonly value: T;
  readonly freshFor: number;
}

/** How something remote is kept up to date. All times are in seconds. */
export interface RefreshOptions<T> {
  /** Loads the value. `signal` ends a load that takes too long, or that nobody waits for any more. */
  load(signal: AbortSignal): Promise<Loaded<T>>;
  /**
   * A value to begin with. Requests are served with it at once, and while the origin fails; the first loaded value
   * replaces it. It is trusted as configuration is, so `maxStale` does not end it.
   * @default none
   */
  readonly initial?: Loaded<T> | undefined;
  /** How long the last loaded value serves after its freshness while the origin fails; 0 turns that off. */
  readonly maxStale: number;
  /** Least time between two attempts once a load has succeeded, counted from the start of an attempt. */
  readonly cooldown: number;
  /**
   * The code of an outage.
   * @default 'keys_unavailable'
   */
  readonly outage?: OutageErrorCode;
  onLoaded(value: T): void;
  onFailed(error: Error, servingStale: boolean): void;
}

/** Seconds for one load in all, however many documents it fetches. */
const TIME_LIMIT = 5;
/** Part of the freshness after which a value in use is refreshed in the background. */
const AHEAD = 0.8;
/** Part of that time that is left to chance, so that many processes do not ask together. */
const JITTER = 0.1;

/**
 * A remote value that is loaded on first use, refreshed ahead of its expiry off the request path, and kept through
 * outages. Only one load runs at a time; {@link AttemptPace} says when the next one may begin.
 */
export class Refreshing<T> {
  readonly #options: RefreshOptions<T>;
  readonly #pace: AttemptPace;
  #current: (Loaded<T> & { readonly since: Moment }) | undefined;
  #inFlight: Promise<void> | undefined;
  #usedSinceLoad = false;
  /** The time to refresh came while nobody used the value; the next use starts the refresh. */
  #overdue = false;
  #timer: NodeJS.Timeout | undefined;
  #abort: AbortController | undefined;
  #closed = false;

  constructor(options: RefreshOptions<T>) {
    this.#options = options;
    this.#pace = new AttemptPace(options.cooldown);
    if (options.initial !== undefined) this.#current = { ...options.initial, since: new Moment() };
  }

  /** The value, where nothing needs to be waited for or begun. */
  get fresh(): T | undefined {
    if (this.#overdue || !this.#isFresh()) return undefined;
    this.#usedSinceLoad = true;
    return this.#current?.value;
  }

  /**
   * Returns the value, loaded if need be.
   * @throws {ServiceUnavailableError} when there is no value, and it cannot be loaded.
   */
  async get(): Promise<T> {
    this.#usedSinceLoad = true;
    if (this.#isFresh()) {
      if (this.#overdue) void this.#attempt();
      return this.#serve();
    }
    const attempt = this.#attempt();
    // Nobody waits for an initial value's first load, nor for an outage that is known: what is there serves meanwhile.
    const waits = this.#pace.everLoaded ? !this.#pace.isFailing : this.#current === undefined;
    if (waits || !this.#isUsable()) await attempt;
    return this.#serve();
  }

  /** Asks the origin once more, unless the last attempt is too recent, and returns the value. Fails where that attempt failed. */
  async getAfresh(): Promise<T> {
    this.#usedSinceLoad = true;
    await this.#attempt();
    if (this.#pace.isFailing) throw this.#unavailable();
    return this.#serve();
  }

  /** The value as it is now, fresh or not. */
  get current(): T | undefined {
    return this.#current?.value;
  }

  get health(): { lastSuccess?: Date; lastError?: { at: Date; message: string }; age?: number } {
    const { since } = (this.#pace.everLoaded && this.#current) || {};
    const { lastFailure } = this.#pace;
    return {
      ...(since === undefined ? {} : { lastSuccess: since.at, age: since.age }),
      ...(lastFailure === undefined
        ? {}
        : { lastError: { at: lastFailure.at.at, message: lastFailure.error.message } }),
    };
  }

  /** Stops loads in the background, and ends one under way. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#abort?.abort(new Error('the key source was closed'));
  }

  #isFresh(): boolean {
    return this.#current !== undefined && this.#current.since.age < this.#current.freshFor;
  }

  #isUsable(): boolean {
    if (this.#current === undefined) return false;
    return !this.#pace.everLoaded || this.#current.since.age < this.#current.freshFor + this.#options.maxStale;
  }

  #serve(): T {
    if (this.#current === undefined || !this.#isUsable()) throw this.#unavailable();
    return this.#current.value;
  }

  #unavailable(): ServiceUnavailableError {
    const { lastFailure, wait } = this.#pace;
    const code = this.#options.outage ?? 'keys_unavailable';
    return new ServiceUnavailableError(code, { cause: lastFailure?.error, retryAfter: wait });
  }

  /** Joins the load under way, starts one, or does nothing where it is too early for one. Never rejects. */
  async #attempt(): Promise<void> {
    if (this.#inFlight === undefined) {
      if (this.#pace.wait > 0) return;
      this.#inFlight = this.#load().finally(() => {
        this.#inFlight = undefined;
      });
    }
    await this.#inFlight;
  }

  async #load(): Promise<void> {
    const { cooldown } = this.#options;
    this.#pace.begin();
    this.#overdue = false;
    try {
      const { value, freshFor } = await this.#loadInTime();
      // Fresh for the cooldown at least, because it cannot be loaded again before that.
      this.#current = { value, freshFor: Math.max(freshFor, cooldown), since: new Moment() };
      this.#pace.succeeded();
      this.#usedSinceLoad = false;
      this.#options.onLoaded(value);
      this.#schedule(Math.max(cooldown, freshFor * AHEAD * (1 - JITTER * Math.random())));
    } catch (thrown) {
      const error = this.#pace.failed(thrown);
      if (this.#closed) return;
      this.#options.onFailed(error, this.#isUsable());
      this.#schedule(this.#pace.backOff());
    }
  }

  async #loadInTime(): Promise<Loaded<T>> {
    const abort = new AbortController();
    this.#abort = abort;
    const tooLong = () => abort.abort(new Error(`no complete answer within ${TIME_LIMIT} seconds`));
    const limit = setTimeout(tooLong, TIME_LIMIT * 1000);
    try {
      return await this.#options.load(abort.signal);
    } finally {
      clearTimeout(limit);
    }
  }

  /** Loads again in the background, if anybody used the value meanwhile or still waits for the first one. */
  #schedule(seconds: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      if (this.#usedSinceLoad) void this.#attempt();
      else this.#overdue = true;
    }, seconds * 1000);
    this.#timer.unref();
  }
}
