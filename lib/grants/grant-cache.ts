import { Moment } from '../clock/moment.js';
import { type Answer, AnswerCache, type Question } from './answer-cache.js';
import type { AttemptLimit } from './attempt-limit.js';
import type { BasicCredentials } from './basic-credentials.js';
import { keyedDigest } from './keyed-digest.js';
import type { SharedCache } from './shared-cache.js';
import type { GrantedToken } from './token-client.js';

/** A token that an id and a secret were swapped for. */
export interface Grant {
  readonly token: string;
  /** Since when this process has it from the provider itself; `undefined`: it came out of the shared cache. */
  readonly since: Moment | undefined;
}

export interface GrantCacheOptions {
  readonly exchange: (pair: BasicCredentials) => Promise<GrantedToken | undefined>;
  readonly attempts: AttemptLimit | undefined;
  readonly keep: boolean;
  readonly maxTtl: number;
  readonly shared: SharedCache | undefined;
  /** Keeps the entries of differently configured methods apart in the shared cache. */
  readonly policy: string;
}

/** Seconds for which a token of an unknown lifetime is kept. */
const UNKNOWN_LIFETIME = 60;
/** Seconds, and part of the lifetime, before its end at which a token is no longer handed out. */
const MARGIN = 30;
const MARGIN_SHARE = 0.1;
/** Seconds after which it makes sense to ask for another token in place of one that is not good. */
const RENEWABLE_AFTER = 10;

function ttlOf(expiresIn: number = UNKNOWN_LIFETIME): number {
  return expiresIn - Math.min(MARGIN, expiresIn * MARGIN_SHARE);
}

/** Whether it makes sense to ask for another token in place of this one. */
export function isOld({ since }: Grant): boolean {
  return since === undefined || since.age >= RENEWABLE_AFTER;
}

/**
 * Tokens by the credentials that they were swapped for: one exchange at a time per pair of id and secret, kept until
 * shortly before they end. Names are keyed digests; what is kept under them is no credential.
 */
export class GrantCache {
  readonly #options: GrantCacheOptions;
  readonly #answers: AnswerCache<Grant>;
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
      decode: (token) => (token === '' ? undefined : { token, since: undefined }),
    });
  }

  /**
   * The token of a pair; `undefined`: the provider does not accept it.
   * @throws ServiceUnavailableError, AttemptLimitError
   */
  get(pair: BasicCredentials, peer: string): Promise<Grant | undefined> {
    return this.#answers.get(this.#questionOf(pair), () => this.#ask(pair, peer));
  }

  /** Another token in place of one that is not good: keys were rotated, or it was revoked. Only where {@link isOld}. */
  async renew(pair: BasicCredentials, peer: string, grant: Grant): Promise<Grant | undefined> {
    await this.#answers.forget(this.#questionOf(pair), grant);
    return this.get(pair, peer);
  }

  clear(): void {
    this.#answers.clear();
  }

  #questionOf({ id, secret }: BasicCredentials): Question {
    return { key: this.#digest(id, secret), sharedKey: () => `grant:${this.#sharedDigest(id, secret)}` };
  }

  async #ask(pair: BasicCredentials, peer: string): Promise<Answer<Grant>> {
    const attempt = this.#options.attempts?.begin(pair.id, peer);
    let granted: GrantedToken | undefined;
    try {
      granted = await this.#options.exchange(pair);
    } catch (thrown) {
      attempt?.callOff();
      throw thrown;
    }
    if (granted === undefined) return { value: undefined, ttl: 1 };
    attempt?.callOff();
    return { value: { token: granted.token, since: new Moment() }, ttl: ttlOf(granted.expiresIn) };
  }
}
