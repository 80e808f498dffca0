import { performance } from 'node:perf_hooks';

/**
 * A point in time whose age is the greater one of wall clock and monotonic clock. A wall clock that is set back cannot
 * keep old keys alive; one that jumps ahead causes a refresh too early, and nothing worse.
 */
export class Moment {
  readonly at = new Date();
  readonly #monotonic = performance.now();

  /** Seconds since this moment. */
  get age(): number {
    return Math.max(Date.now() - this.at.getTime(), performance.now() - this.#monotonic) / 1000;
  }
}
