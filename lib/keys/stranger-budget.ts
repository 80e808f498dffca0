import { Moment } from '../clock/moment.js';
import { ServiceUnavailableError } from '../errors/auth-error.js';

/** Keys never seen before that may be asked for within one cooldown: enough for rotations, too few for a flood. */
const STRANGERS_PER_COOLDOWN = 10;

/** Bounds what invented key ids can cost the origin. */
export class StrangerBudget {
  readonly #cooldown: number;
  #window = new Moment();
  #spent = 0;

  constructor(cooldown: number) {
    this.#cooldown = cooldown;
  }

  /** @throws ServiceUnavailableError: whether the next key exists cannot be told just now. */
  spend(): void {
    if (this.#window.age >= this.#cooldown) {
      this.#window = new Moment();
      this.#spent = 0;
    }
    this.#spent += 1;
    if (this.#spent > STRANGERS_PER_COOLDOWN) {
      throw new ServiceUnavailableError('keys_unavailable', { retryAfter: this.#cooldown - this.#window.age });
    }
  }
}
