import { LRUCache } from 'lru-cache';
import { RateLimit } from '../clock/rate-limit.js';
import { ServiceUnavailableError } from '../errors/auth-error.js';
import { ConcurrencyLimit } from '../http/concurrency-limit.js';

/** Most questions per minute about issuers that turn out to be nobody's. */
const NEW_PER_MINUTE = 50;
/** Further ones per minute for issuers that come again after they were refused, which invented ones do not. */
const AGAIN_PER_MINUTE = 10;
/** Most concurrent questions about issuers that were never known. */
const MAX_CONCURRENT = 32;
/** Seconds for which a question may wait for others. */
const TIME_LIMIT = 5;
const MAX_REMEMBERED = 10_000;

/**
 * Bounds how often the application is asked about issuers that it never knew. Tokens with invented issuers cost nothing
 * to make, and each would be a query to its database. Questions about tenants are not counted, so many may start at
 * once.
 */
export class UnseenIssuers {
  readonly #new = new RateLimit(NEW_PER_MINUTE);
  readonly #again = new RateLimit(AGAIN_PER_MINUTE);
  readonly #concurrent = new ConcurrencyLimit(MAX_CONCURRENT);
  readonly #seen = new LRUCache<string, true>({ max: MAX_REMEMBERED });
  readonly #refused = new LRUCache<string, true>({ max: MAX_REMEMBERED });

  /**
   * Asks about an issuer: at once if it was known before, otherwise within the bounds.
   * @param isKnown tells from an answer whether it is somebody's.
   * @throws {ServiceUnavailableError} when no question is left: whether the issuer is known cannot be told just now.
   */
  async ask<T>(issuer: string, question: () => Promise<T>, isKnown: (answer: T) => boolean): Promise<T> {
    const answer = this.#seen.has(issuer) ? await question() : await this.#wait(issuer, question);
    if (isKnown(answer)) {
      this.#seen.set(issuer, true);
      this.#refused.delete(issuer);
    } else {
      // A question that several bounds allow is counted once, from the larger share.
      if (!this.#new.take()) this.#again.take();
      this.#seen.delete(issuer);
    }
    return answer;
  }

  async #wait<T>(issuer: string, question: () => Promise<T>): Promise<T> {
    // Before anything is made for the wait: what a flood is refused with must cost next to nothing.
    this.#assertLeft(issuer);
    const signal = AbortSignal.timeout(TIME_LIMIT * 1000);
    try {
      return await this.#concurrent.run(() => {
        this.#assertLeft(issuer);
        return question();
      }, signal);
    } catch (thrown) {
      throw thrown === signal.reason ? this.#unavailable(1) : thrown;
    }
  }

  #assertLeft(issuer: string): void {
    if (this.#new.wait <= 0 || (this.#refused.has(issuer) && this.#again.wait <= 0)) return;
    this.#refused.set(issuer, true);
    throw this.#unavailable(this.#new.wait);
  }

  #unavailable(retryAfter: number): ServiceUnavailableError {
    return new ServiceUnavailableError('keys_unavailable', { retryAfter });
  }
}
