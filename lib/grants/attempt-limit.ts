import { LRUCache } from 'lru-cache';
import { RateLimit } from '../clock/rate-limit.js';
import { AttemptLimitError } from '../errors/rate-limit-errors.js';
import { keyedDigest } from './keyed-digest.js';

/** Largest number of pairs of credential id and peer that are counted at the same time. */
const MAX_PAIRS = 10_000;

/** A counted attempt. */
export interface Attempt {
  /** Takes the attempt off the count: the secret was right, or the provider could not be asked. */
  cancel(): void;
}

/** Limits how many secrets per minute a peer may try for a credential id. */
export class AttemptLimit {
  readonly #perMinute: number;
  readonly #limits = new LRUCache<string, RateLimit>({ max: MAX_PAIRS });
  readonly #digest = keyedDigest();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /**
   * Counts an attempt when it begins, before its outcome is known, so that concurrent guesses are counted as well.
   * @throws {AttemptLimitError} when the limit is reached.
   */
  begin(id: string, peer: string): Attempt {
    const key = this.#digest(id, peer);
    const limit = this.#limits.get(key) ?? new RateLimit(this.#perMinute);
    this.#limits.set(key, limit);
    if (!limit.take()) throw new AttemptLimitError(limit.wait);
    return { cancel: () => limit.giveBack() };
  }
}
