import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { ConfigurationError } from '../errors/configuration-error.js';
import { checkOptionNames } from '../options/check-options.js';

/** Bounds of the cache of verified tokens. */
export interface TokenCacheOptions {
  /** Tokens kept at most. Default 10000. */
  maxEntries?: number;
  /** Bytes kept at most, as far as they can be estimated from the tokens' length. Default 33554432 (32 MiB). */
  maxBytes?: number;
}

const MAX_ENTRIES = 10_000;
const MAX_BYTES = 33_554_432;
/** Parsed claims, a principal and bookkeeping take about this much beside what grows with the token. */
const ENTRY_BYTES = 1_024;
const BYTES_PER_CHARACTER = 4;

/** The key of a token in a cache: its SHA-256, so that no cache holds or compares a credential. */
export function tokenDigest(token: string): string {
  return hash('sha256', token, 'base64');
}

/**
 * What was worked out about tokens that passed every check, and follows from the token alone: its parsed form, the
 * key that its signature matched, what its claims mean. Whatever can change is looked at again on every hit by the
 * same code as on a miss: times, revocation, the presence of that key, the state of the credential, the user. Each
 * method has a cache of its own, so one method's policy never answers for another's; refusals are never kept.
 *
 * A token is remembered when it passes for the second time. Clients that make a token for each request would
 * otherwise fill the cache with what nobody asks for again, push out what is, and keep the collector busy.
 */
export class VerifiedTokenCache<T extends object> {
  readonly #entries: LRUCache<string, T>;
  /** Tokens that passed once; as many as may be remembered, then from the start. */
  readonly #once = new Set<string>();
  readonly #maxOnce: number;

  constructor({ maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES }: TokenCacheOptions) {
    this.#entries = new LRUCache({ max: maxEntries, maxSize: maxBytes });
    this.#maxOnce = maxEntries;
  }

  get(digest: string): T | undefined {
    return this.#entries.get(digest);
  }

  /** Of a token that passed; kept from the second time on. */
  set(digest: string, token: string, value: T): void {
    if (!this.#entries.has(digest) && !this.#once.delete(digest)) {
      if (this.#once.size >= this.#maxOnce) this.#once.clear();
      this.#once.add(digest);
      return;
    }
    this.#entries.set(digest, value, { size: ENTRY_BYTES + token.length * BYTES_PER_CHARACTER });
  }

  clear(): void {
    this.#entries.clear();
    this.#once.clear();
  }
}

/** @throws ConfigurationError */
export function resolveTokenCache(
  option: string,
  cache: boolean | TokenCacheOptions = true,
): TokenCacheOptions | undefined {
  if (cache === false) return undefined;
  if (cache === true) return {};
  checkOptionNames(option, cache, ['maxEntries', 'maxBytes']);
  for (const [name, value] of Object.entries(cache)) {
    if (value !== undefined && !(Number.isInteger(value) && value > 0))
      throw new ConfigurationError(`${option}.${name}`, 'expects a whole number above 0');
  }
  return cache;
}
