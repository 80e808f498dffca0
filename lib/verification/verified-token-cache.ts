import { LRUCache } from 'lru-cache';
import { ConfigurationError } from '../errors/configuration-error.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import type { TokenContent } from '../tokens/compact-token.js';
import type { PresentedToken } from '../tokens/presented-token.js';

/** Options of the cache of verified tokens. */
export interface TokenCacheOptions {
  /**
   * Most tokens in the cache.
   * @default 10000
   */
  maxEntries?: number | undefined;
  /**
   * Most bytes of the cache, estimated from what the claims of its tokens take in memory.
   * @default 33554432 (32 MiB)
   */
  maxBytes?: number | undefined;
}

const MAX_ENTRIES = 10_000;
const MAX_BYTES = 33_554_432;
/** Estimated bytes of an entry beside its claims: a principal and bookkeeping. */
const ENTRY_BYTES = 1_024;

interface Entry<T> {
  readonly digest: string;
  readonly value: T;
}

/**
 * Bytes per token in the filter of tokens that passed once. With two bits set for each, at most one new token in a
 * thousand counts as seen before.
 */
const BYTES_PER_ONCE = 8;
const MAX_ONCE = 1_048_576;

/**
 * Characters at the end of a token that are hashed. They belong to the signature, so two tokens agree in them by chance
 * only.
 */
const TAIL = 16;

/**
 * Hashes the end of a token (FNV-1a). The hash only finds an entry; the digest decides whether the tokens are equal.
 */
function tailOf(token: string): number {
  let hash = 0x811c9dc5;
  for (let index = Math.max(0, token.length - TAIL); index < token.length; index += 1) {
    hash = Math.imul(hash ^ token.charCodeAt(index), 0x01000193);
  }
  return hash;
}

/**
 * Cache of what follows from a verified token alone: its parsed form, the key that matched, the mapped claims. Whatever
 * can change is checked on every hit as on a miss: times, revocation, the presence of that key, the state of the
 * credential, the user. Each method has a cache of its own, so that its policy never answers for another's. Refusals
 * are not cached.
 *
 * A token is stored when it passes for the second time. Clients that make a token for each request would otherwise push
 * out useful entries and keep the garbage collector busy; for their tokens not even a digest is computed.
 */
export class VerifiedTokenCache<T extends TokenContent> {
  /**
   * Entries by the hash of the token's end, which shows a new token to be new without its digest. If two tokens have
   * the same hash (one pair in four thousand million), the later one stays.
   */
  readonly #entries: LRUCache<number, Entry<T>>;
  /** Filter of hashes that passed once, two bits for each; emptied when full. */
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

  /** Stores what was found out about a token that passed, from its second time on. */
  set(presented: PresentedToken, value: T): void {
    const tail = tailOf(presented.token);
    if (!this.#passesAgain(tail)) return;
    const size = ENTRY_BYTES + value.heldBytes;
    this.#entries.set(tail, { digest: presented.digest, value }, { size });
  }

  clear(): void {
    this.#entries.clear();
    this.#forgetOnce();
  }

  /** Marks a hash as passed, and returns whether it was marked before. */
  #passesAgain(tail: number): boolean {
    const mixed = Math.imul(tail, 0x9e3779b1);
    // The upper half of a product depends on all bits of its factors, so it moves to the lower bits, which are the
    // index.
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

/**
 * Resolves the option `cache`; `undefined` where it is `false`.
 * @throws {ConfigurationError} when an option is unknown or wrong.
 */
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
