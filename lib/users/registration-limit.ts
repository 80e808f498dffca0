import { Moment } from '../clock/moment.js';
import { RegistrationLimitError } from '../errors/auth-error.js';

/** A bucket that holds one minute's registrations and fills up steadily. */
export class RegistrationLimit {
  readonly #perMinute: number;
  #tokens: number;
  #since = new Moment();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
    this.#tokens = perMinute;
  }

  /** Takes a place; the returned function gives it back if nobody was registered after all. @throws RegistrationLimitError 429 */
  reserve(): () => void {
    this.#refill();
    if (this.#tokens < 1) throw new RegistrationLimitError(((1 - this.#tokens) * 60) / this.#perMinute);
    this.#tokens -= 1;
    return () => {
      this.#tokens = Math.min(this.#perMinute, this.#tokens + 1);
    };
  }

  #refill(): void {
    this.#tokens = Math.min(this.#perMinute, this.#tokens + (this.#since.age * this.#perMinute) / 60);
    this.#since = new Moment();
  }
}
