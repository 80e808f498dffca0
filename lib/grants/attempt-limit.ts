import { LRUCache } from 'lru-cache';
import { RateLimit } from '../clock/rate-limit.js';
import { keyedDigest } from './keyed-digest.js';

/** Pairs of a credential and a peer that are remembered at once. */
const MAX_KNOWN = 10_000;

/** Bounds how often somebody may try secrets for one credential id. */
export class AttemptLimit {
  readonly #perMinute: number;
  readonly #limits = new LRUCache<string, RateLimit>({ max: MAX_KNOWN });
  readonly #digest = keyedDigest();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /**
   * Begins an attempt, and returns how to call it off; `undefined`: there have been too many. Counted before it is
   * known how it ends, so that a thousand guesses at once are a thousand attempts.
   */
  begin(id: string, peer: string): { callOff(): void } | undefined {
    const key = this.#digest(id, peer);
    const limit = this.#limits.get(key) ?? new RateLimit(this.#perMinute);
    this.#limits.set(key, limit);
    return limit.take() ? { callOff: () => limit.giveBack() } : undefined;
  }
}
