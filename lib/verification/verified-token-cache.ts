import { LRUCache } from 'lru-cache';
import { ConfigurationError } from '../errors/configuration-error.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import type { PresentedToken } from '../tokens/presented-token.js';

/** Bounds of the cache of verified tokens. */
export interface TokenCacheOptions {
  /**
   * Tokens kept at most.
   * @default 10000
   */
  maxEntries?: number | undefined;
  /**
   * Bytes kept at most, as far as they can be estimated from the tokens' length.
   * @default 33554432 (32 MiB)
   */
  maxBytes?: number | undefined;
}

const MAX_ENTRIES = 10_000;
const MAX_BYTES = 33_554_432;
/** Parsed claims, a principal and bookkeeping take about this much beside what grows with the token. */
const ENTRY_BYTES = 1_024;
const BYTES_PER_CHARACTER = 4;

interface Entry<T> {
  readonly digest: string;
  readonly value: T;
}

/** With two bits set for each of them, one new token in a thousand, at most, is taken for one that passed before. */
const BYTES_PER_ONCE = 8;
const MAX_ONCE = 1_048_576;

/** Characters at the end of a signature: two tokens that differ agree in them by chance alone. */
const TAIL = 16;

/** A number for the end of a token (FNV-1a). It says where to look, and never that two tokens are one. */
function tailOf(token: string): number {
  let hash = 0x811c9dc5;
  for (let index = Math.max(0, token.length - TAIL); index < token.length; index += 1) {
    hash = Math.imul(hash ^ token.charCodeAt(index), 0x01000193);
  }
  return hash;
}

/**
 * What was worked out about tokens that passed every check, and follows from the token alone: its parsed form, the
 * key that its signature matched, what its claims mean. Whatever can change is looked at again on every hit by the
 * same code as on a miss: times, revocation, the presence of that key, the state of the credential, the user. Each
 * method has a cache of its own, so one method's policy never answers for another's; refusals are never kept.
 *
 * A token is remembered when it passes for the second time. Clients that make a token for each request would
 * otherwise fill the cache with what nobody asks for again, push out what is, and keep the collector busy; of theirs
 * not even a digest is made.
 */
export class VerifiedTokenCache<T extends object> {
  /**
   * By their ends, so that a token like none of them is known to be new without its digest. Of two that end alike by
   * chance (one pair in four thousand million) the later one stays.
   */
  readonly #entries: LRUCache<number, Entry<T>>;
  /** Which ends have passed once, two bits for each; after as many as may be remembered, from the start. */
  readonly #once: Uint8Array;
  #passedOnce = 0;
  readonly #maxOnce: number;

  constructor({ maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES }: TokenCacheOptions) {
    this.#entries = new LRUCache({ max: maxEntries, maxSize: maxBytes });
    this.#maxOnce = Math.min(MAX_ONCE, maxEntries);
    this.#once = new Uint8Array(2 ** Math.ceil(Math.log2(this.#maxOnce * BYTES_PER_ONCE)));
  }

  get(presented: PresentedToken): T | undefined {
    const entry = this.#entries.get(tailOf(presented.token));
    return entry !== undefined && entry.digest === presented.digest ? entry.value : undefined;
  }

  /** Of a token that passed; kept from the second time on. */
  set(presented: PresentedToken, value: T): void {
    const { token } = presented;
    const tail = tailOf(token);
    if (!this.#passesAgain(tail)) return;
    const size = ENTRY_BYTES + token.length * BYTES_PER_CHARACTER;
    this.#entries.set(tail, { digest: presented.digest, value }, { size });
  }

  clear(): void {
    this.#entries.clear();
    this.#forgetOnce();
  }

  /** Notes that a token passes. @returns whether it did before, as far as is still known. */
  #passesAgain(tail: number): boolean {
    const mixed = Math.imul(tail, 0x9e3779b1);
    // The upper half of a product depends on all bits of its factors, so it goes where places are read.
    const other = (mixed >>> 16) | (mixed << 16);
    if (this.#isMarked(tail) && this.#isMarked(other)) return true;
    if (this.#passedOnce >= this.#maxOnce) this.#forgetOnce();
    this.#passedOnce += 1;
    this.#mark(tail);
    this.#mark(other);
    return false;
  }

  #isMarked(hash: number): boolean {
    return (((this.#once[(hash >>> 3) & (this.#once.length - 1)] ?? 0) >>> (hash & 7)) & 1) === 1;
  }

  #mark(hash: number): void {
    const place = (hash >>> 3) & (this.#once.length - 1);
    this.#once[place] = (this.#once[place] ?? 0) | (1 << (hash & 7));
  }

  #forgetOnce(): void {
    this.#once.fill(0);
    this.#passedOnce = 0;
  }
}

/** @throws ConfigurationError */
export function resolveTokenCache(
  option: string,
  cache: boolean | TokenCacheOptions = true,
): TokenCacheOptions | undefined {
  if (cache === false) return undefined;
  if (cache === true) return {};
  checkOptionNames(option, cache, namesOf<TokenCacheOptions>()({ maxEntries: true, maxBytes: true }));
  for (const [name, value] of Object.entries(cache)) {
    if (value !== undefined && !(Number.isInteger(value) && value > 0))
      throw new ConfigurationError(`${option}.${name}`, 'expects a whole number above 0');
  }
  return cache;
}
