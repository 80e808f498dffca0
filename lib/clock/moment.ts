import { performance } from 'node:perf_hooks';

/**
 * A moment whose age is the greater of what the wall clock and the monotonic clock say: a clock that is set back
 * cannot keep old keys alive, and one that jumps ahead only makes us look again too early.
 */
export class Moment {
  readonly at = new Date();
  readonly #monotonic = performance.now();

  /** Seconds since this moment. */
  get age(): number {
    return Math.max(Date.now() - this.at.getTime(), performance.now() - this.#monotonic) / 1000;
  }
}
