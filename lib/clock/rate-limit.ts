import { Moment } from './moment.js';

/** A bucket that holds one minute's places, at least one, and fills up steadily. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #size: number;
  #places: number;
  #since = new Moment();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
    this.#size = Math.max(1, perMinute);
    this.#places = this.#size;
  }

  /** Takes a place, if one is left. */
  take(): boolean {
    this.#put((this.#since.age * this.#perMinute) / 60);
    this.#since = new Moment();
    if (this.#places < 1) return false;
    this.#places -= 1;
    return true;
  }

  /** Puts a place back, where nothing came of it after all. */
  giveBack(): void {
    this.#put(1);
  }

  /** Seconds until there is a place again. */
  get wait(): number {
    return ((1 - this.#places) * 60) / this.#perMinute;
  }

  #put(places: number): void {
    this.#places = Math.min(this.#size, this.#places + places);
  }
}
