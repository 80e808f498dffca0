import { Moment } from './moment.js';

/** A token bucket that holds one minute's requests, at least one, and refills steadily. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #size: number;
  #left: number;
  #since = new Moment();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
    this.#size = Math.max(1, perMinute);
    this.#left = this.#size;
  }

  /** Takes one request out of the bucket. Returns whether there was one. */
  take(): boolean {
    this.#put((this.#since.age * this.#perMinute) / 60);
    this.#since = new Moment();
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Puts a request back that was not made after all. */
  giveBack(): void {
    this.#put(1);
  }

  /** Seconds until the next request is possible. */
  get wait(): number {
    return ((1 - this.#left) * 60) / this.#perMinute - this.#since.age;
  }

  #put(count: number): void {
    this.#left = Math.min(this.#size, this.#left + count);
  }
}
