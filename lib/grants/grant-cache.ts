import { LRUCache } from 'lru-cache';
import { Moment } from '../clock/moment.js';
import { type Answer, AnswerCache, type AnswerKey } from './answer-cache.js';
import type { AttemptLimit } from './attempt-limit.js';
import type { BasicCredentials } from './basic-credentials.js';
import { keyedDigest } from './keyed-digest.js';
import type { SharedCache } from './shared-cache.js';
import type { GrantedToken } from './token-client.js';

/** An access token that was exchanged for an id and a secret. */
export interface Grant {
  readonly token: string;
  /** When this process got the token from the provider; `undefined` for a token from the shared cache. */
  readonly since: Moment | undefined;
  /** Whether the token passed its verification before. */
  hasPassed?: boolean;
}

/** Options of {@link GrantCache}. */
export interface GrantCacheOptions {
  readonly exchange: (pair: BasicCredentials) => Promise<GrantedToken | undefined>;
  readonly attempts: AttemptLimit | undefined;
  readonly keep: boolean;
  readonly maxTtl: number;
  readonly shared: SharedCache | undefined;
  /** Namespace in the shared cache: methods with equal settings share entries. */
  readonly policy: string;
}

/** Most pairs that are remembered as right. */
const MAX_PROVEN = 10_000;
/** Seconds for which a token without `expires_in` is cached. */
const UNKNOWN_LIFETIME = 60;
/** A cached token is replaced this many seconds before its end, or this part of its lifetime if that is less. */
const MARGIN = 30;
const MARGIN_SHARE = 0.1;
/** Age in seconds from which a refused token is exchanged again; a younger one would be refused again. */
const RENEWABLE_AFTER = 10;

function ttlOf(expiresIn: number = UNKNOWN_LIFETIME): number {
  return expiresIn - Math.min(MARGIN, expiresIn * MARGIN_SHARE);
}

/**
 * Whether a refused token is exchanged again: it was valid before, or is old enough for a rotation of keys. A young one
 * that was never valid would be refused again.
 */
export function isRenewable({ since, hasPassed = false }: Grant): boolean {
  return hasPassed || since === undefined || since.age >= RENEWABLE_AFTER;
}

/**
 * Cache of access tokens by the Basic credentials they were exchanged for, with one exchange at a time per pair. A
 * token is cached until shortly before its end. Keys are keyed digests, so the cache contains no id and no secret.
 */
export class GrantCache {
  readonly #options: GrantCacheOptions;
  readonly #answers: AnswerCache<Grant>;
  /** Digests of pairs that the provider accepted. They are not held up by the guesses of others. */
  readonly #proven = new LRUCache<string, true>({ max: MAX_PROVEN });
  readonly #digest = keyedDigest();
  readonly #sharedDigest: (...parts: readonly string[]) => string;

  constructor(options: GrantCacheOptions) {
    this.#options = options;
    const { keep, maxTtl, shared, policy } = options;
    this.#sharedDigest = keyedDigest(policy);
    this.#answers = new AnswerCache({
      keep,
      maxTtl,
      shared,
      encode: ({ token }) => token,
      weigh: ({ token }) => token.length,
      decode: (token) => (token === '' ? undefined : { token, since: undefined }),
    });
  }

  /**
   * Returns the token for a pair, cached or from the provider. Resolves to `undefined` when the provider refuses the
   * pair.
   * @throws {ServiceUnavailableError} when the provider cannot be asked.
   * @throws {AttemptLimitError} when the peer has tried too many secrets for this id.
   */
  get(pair: BasicCredentials, peer: string): Promise<Grant | undefined> {
    return this.#answers.get(this.#keyOf(pair), () => this.#ask(pair, peer));
  }

  /** Exchanges a pair again after its cached token was refused. Call it only for a token that {@link isRenewable}. */
  async renew(pair: BasicCredentials, peer: string, grant: Grant): Promise<Grant | undefined> {
    await this.#answers.delete(this.#keyOf(pair), grant);
    return this.get(pair, peer);
  }

  clear(): void {
    this.#answers.clear();
    this.#proven.clear();
  }

  #keyOf({ id, secret }: BasicCredentials): AnswerKey {
    return { key: this.#digest(id, secret), sharedKey: () => `grant:${this.#sharedDigest(id, secret)}` };
  }

  async #ask(pair: BasicCredentials, peer: string): Promise<Answer<Grant>> {
    const { key } = this.#keyOf(pair);
    const attempt = this.#proven.has(key) ? undefined : await this.#options.attempts?.begin(pair.id, peer);
    let granted: GrantedToken | undefined;
    try {
      granted = await this.#options.exchange(pair);
    } catch (thrown) {
      await attempt?.cancel();
      throw thrown;
    }
    if (granted === undefined) {
      this.#proven.delete(key);
      return { value: undefined, ttl: 1 };
    }
    this.#proven.set(key, true);
    await attempt?.cancel();
    return { value: { token: granted.token, since: new Moment() }, ttl: ttlOf(granted.expiresIn) };
  }
}
