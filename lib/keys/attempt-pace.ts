import { types } from 'node:util';
import { Moment } from '../clock/moment.js';

/** Seconds before a first load that failed is repeated; doubles with every failure, up to the cooldown. */
const FIRST_DELAY = 1;
/** Longest back-off in the background, in seconds. */
const MAX_BACK_OFF = 300;
/** Part of a delay that is left to chance, so that many processes do not ask together. */
const JITTER = 0.1;

/** A failed attempt: when it ended, and why it failed. */
export interface FailedAttempt {
  readonly at: Moment;
  readonly error: Error;
}

/**
 * Decides when an origin may be asked again, and when it is asked again in the background.
 *
 * Once a load has succeeded, the cooldown protects the origin: it is counted from the start of an attempt, whatever its
 * outcome. Until then everybody waits for the first load, so a failed one is repeated after 1, 2, 4 … seconds.
 */
export class AttemptPace {
  readonly #cooldown: number;
  #lastAttempt: Moment | undefined;
  #lastFailure: FailedAttempt | undefined;
  #failures = 0;
  #everLoaded = false;

  /** @param cooldown seconds */
  constructor(cooldown: number) {
    this.#cooldown = cooldown;
  }

  /** The last attempt that failed, even if a later one succeeded. */
  get lastFailure(): FailedAttempt | undefined {
    return this.#lastFailure;
  }

  /** Whether the last attempt failed. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  /** Whether any attempt has succeeded. */
  get everLoaded(): boolean {
    return this.#everLoaded;
  }

  /** Seconds until the next attempt is allowed; 0 or less: now. */
  get wait(): number {
    if (this.#everLoaded) return this.#cooldown - (this.#lastAttempt?.age ?? this.#cooldown);
    if (this.#lastFailure === undefined) return 0;
    return Math.min(this.#cooldown, this.#firstDelay) - this.#lastFailure.at.age;
  }

  get #firstDelay(): number {
    return FIRST_DELAY * 2 ** (this.#failures - 1);
  }

  begin(): void {
    this.#lastAttempt = new Moment();
  }

  succeeded(): void {
    this.#failures = 0;
    this.#everLoaded = true;
  }

  /** Notes a failure and returns what was thrown as an `Error`. */
  failed(thrown: unknown): Error {
    // Not `instanceof`: Node's own errors are of another realm where the application runs in a VM, as under Jest.
    const error = types.isNativeError(thrown) ? thrown : new Error('the load failed');
    this.#lastFailure = { at: new Moment(), error };
    this.#failures += 1;
    return error;
  }

  /** Seconds after a failure until the next attempt in the background. Doubles with every failure. */
  backOff(): number {
    const base = Math.max(1, this.#cooldown);
    const limit = this.#everLoaded ? Math.max(base, MAX_BACK_OFF) : base;
    const delay = this.#everLoaded ? base * 2 ** (this.#failures - 1) : this.#firstDelay;
    return Math.min(limit, delay) * (1 + JITTER * Math.random());
  }
}
