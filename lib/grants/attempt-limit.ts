import { LRUCache } from 'lru-cache';
import { RateLimit } from '../clock/rate-limit.js';
import { AttemptLimitError } from '../errors/rate-limit-errors.js';
import { keyedDigest } from './keyed-digest.js';

/** Pairs of a credential and a peer that are remembered at once. */
const MAX_KNOWN = 10_000;

/** Something that was begun, and may turn out not to have been an attempt at all. */
export interface Attempt {
  callOff(): void;
}

/** Bounds how often somebody may try secrets for one credential id. */
export class AttemptLimit {
  readonly #perMinute: number;
  readonly #limits = new LRUCache<string, RateLimit>({ max: MAX_KNOWN });
  readonly #digest = keyedDigest();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /**
   * Begins an attempt. Counted before it is known how it ends, so that a thousand guesses at once are a thousand
   * attempts.
   * @throws AttemptLimitError after too many.
   */
  begin(id: string, peer: string): Attempt {
    const key = this.#digest(id, peer);
    const limit = this.#limits.get(key) ?? new RateLimit(this.#perMinute);
    this.#limits.set(key, limit);
    if (!limit.take()) throw new AttemptLimitError(limit.wait);
    return { callOff: () => limit.giveBack() };
  }
}
