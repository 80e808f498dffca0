import { LRUCache } from 'lru-cache';
import { Moment } from '../clock/moment.js';
import { ServiceUnavailableError } from '../errors/auth-error.js';

/** Fetches per cooldown for key ids that are new: enough for rotations, too few for a flood. */
const FIRST_FETCHES = 10;
/** Fetches per cooldown and level for key ids that come again, see {@link levelOf}. */
const FETCHES_PER_LEVEL = 4;
/** Refused key ids that are counted. */
const MAX_COUNTED = 10_000;

/**
 * The level of a key id that was asked for `count` times: 2, 3, 4, 6, 8, 12, 16 … times are the levels 1, 2, 3 …
 * Every level has fetches of its own, so an attacker who wants to use up those of an id that honest clients send n times
 * must send several ids that often in each cooldown.
 */
function levelOf(count: number): number {
  return count < 2 ? 0 : Math.floor(2 * Math.log2(count)) - 1;
}

/**
 * Bounds what invented key ids can cost an origin that has an address for each id. Some fetches per cooldown are for
 * ids that are new; others are for ids that come again after they were refused, which the ids of a flood do not.
 */
export class UnknownKidBudget {
  readonly #cooldown: number;
  readonly #counts = new LRUCache<string, number>({ max: MAX_COUNTED });
  readonly #spentOn = new Map<number, number>();
  #window = new Moment();
  #spentOnNew = 0;

  /** @param cooldown seconds */
  constructor(cooldown: number) {
    this.#cooldown = cooldown;
  }

  /**
   * Takes a fetch for a key id that is not known.
   * @throws {ServiceUnavailableError} where none is left: whether the key exists cannot be told just now.
   */
  spend(kid: string): void {
    this.#renew();
    const count = (this.#counts.get(kid) ?? 0) + 1;
    this.#counts.set(kid, count);
    if (this.#takeFirst() || this.#takeFrom(levelOf(count))) return;
    throw new ServiceUnavailableError('keys_unavailable', { retryAfter: this.#cooldown - this.#window.age });
  }

  /** Forgets how often a key id was asked for: its key is there, or known not to be. */
  settle(kid: string): void {
    this.#counts.delete(kid);
  }

  #renew(): void {
    if (this.#window.age < this.#cooldown) return;
    this.#window = new Moment();
    this.#spentOnNew = 0;
    this.#spentOn.clear();
  }

  #takeFirst(): boolean {
    if (this.#spentOnNew >= FIRST_FETCHES) return false;
    this.#spentOnNew += 1;
    return true;
  }

  /** Takes one of the lowest level that has one left, up to the id's own. */
  #takeFrom(highest: number): boolean {
    for (let level = 1; level <= highest; level += 1) {
      const spent = this.#spentOn.get(level) ?? 0;
      if (spent >= FETCHES_PER_LEVEL) continue;
      this.#spentOn.set(level, spent + 1);
      return true;
    }
    return false;
  }
}
