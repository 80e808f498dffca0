import { types } from 'node:util';
import { LRUCache } from 'lru-cache';
import { tokenIntrospection } from 'openid-client';
import { Moment } from '../clock/moment.js';
import { ServiceUnavailableError } from '../errors/auth-error.js';
import type { BoundedAnswer } from '../http/bounded-request.js';
import { ConcurrencyLimit } from '../http/concurrency-limit.js';
import type { KeySourceHealth } from '../keys/key-source.js';
import { type Answer, AnswerCache, type AnswerKey } from './answer-cache.js';
import type { ProviderClient } from './client-authentication.js';
import { type ActiveToken, type AnswerRules, activeTokenIn, readIntrospection } from './introspection-answer.js';
import { keyedDigest } from './keyed-digest.js';
import type { Provider } from './provider.js';
import type { SharedCache } from './shared-cache.js';

/** Tokens that are remembered as active. */
const MAX_SEEN = 10_000;
/** Most concurrent requests about tokens that were never active: half of the connections to a provider. */
const MAX_STRANGERS = 32;
/** Seconds for which such a request waits for others, before it is an outage. */
const MAX_WAIT = 5;

/** Options of {@link IntrospectionClient}. */
export interface IntrospectionClientOptions {
  readonly provider: Provider;
  /** URL of the introspection endpoint; `undefined` when the provider's document names it. */
  readonly endpoint: string | undefined;
  readonly client: ProviderClient;
  readonly rules: AnswerRules;
  readonly keep: boolean;
  /** Longest time in seconds for which an answer is cached. */
  readonly ttl: number;
  readonly shared: SharedCache | undefined;
}

/** Replaces an answer that was read here, so that openid-client accepts it without reading the claims. */
const READ = {
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"active":false}'),
} satisfies Partial<BoundedAnswer>;

/** Seconds until a token expires. An `exp` that is not a number gives 0: not cached, and refused by the claim rules. */
function lifeOf({ claims }: ActiveToken): number {
  const exp: unknown = claims.exp;
  if (exp === undefined) return Number.POSITIVE_INFINITY;
  return typeof exp === 'number' ? exp - Date.now() / 1000 : 0;
}

function messageOf(thrown: unknown): string {
  const cause = types.isNativeError(thrown) ? thrown.cause : undefined;
  return types.isNativeError(cause) ? cause.message : 'the endpoint cannot be asked';
}

/** Client of an introspection endpoint (RFC 7662), with one request at a time per token and a cache of answers. `Derived`: what the method works out of them. */
export class IntrospectionClient<Derived = unknown> {
  readonly #options: IntrospectionClientOptions;
  readonly #answers: AnswerCache<ActiveToken<Derived>>;
  /** Digests of tokens that were active before. They do not wait behind tokens that never were. */
  readonly #seen = new LRUCache<string, true>({ max: MAX_SEEN });
  readonly #strangers = new ConcurrencyLimit(MAX_STRANGERS);
  readonly #digest = keyedDigest();
  readonly #sharedDigest: (token: string) => string;
  #lastAnswer: Moment | undefined;
  #lastError: { readonly at: Date; readonly message: string } | undefined;

  constructor(options: IntrospectionClientOptions) {
    this.#options = options;
    const { rules, endpoint, client, keep, ttl, shared } = options;
    // Part of the key: two clients may get different answers, and a method that requires signed ones accepts no others.
    this.#sharedDigest = keyedDigest(JSON.stringify([rules.issuers[0], endpoint, client.id, rules.signed]));
    this.#answers = new AnswerCache({
      keep,
      maxTtl: ttl,
      shared,
      encode: ({ text }) => text,
      // The text itself is kept twice, once for its numbers; claims are read into a principal.
      weigh: ({ text, heldBytes }) => 2 * (text.length + heldBytes),
      decode: (text) => activeTokenIn(text, rules.issuers[0]),
    });
  }

  /**
   * Introspects a token. Resolves to `undefined` when it is not active.
   * @throws {ServiceUnavailableError} when the endpoint cannot be asked.
   */
  ask(token: string): Promise<ActiveToken<Derived> | undefined> {
    const answerKey: AnswerKey = {
      key: this.#digest(token),
      sharedKey: () => `introspection:${this.#sharedDigest(token)}`,
    };
    return this.#answers.get(answerKey, () => this.#watch(() => this.#askInTurn(token, answerKey.key)));
  }

  /**
   * Loads the provider's document, unless the endpoint is configured.
   * @throws {ServiceUnavailableError} when it cannot be loaded.
   */
  ready(): Promise<void> {
    return this.#watch(() => this.#options.provider.ready());
  }

  health(): KeySourceHealth {
    const { endpoint, rules } = this.#options;
    return {
      source: `introspection ${endpoint ?? rules.issuers[0]}`,
      keyCount: 0,
      ...(this.#lastAnswer === undefined ? {} : { lastSuccess: this.#lastAnswer.at, age: this.#lastAnswer.age }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }

  close(): void {
    this.#answers.clear();
    this.#seen.clear();
    this.#options.provider.close();
  }

  /** Asks at once about a token that was active before, and about others while they leave connections for those. */
  async #askInTurn(token: string, key: string): Promise<Answer<ActiveToken<Derived>>> {
    const answer = this.#seen.has(key) ? await this.#ask(token) : await this.#askAsStranger(token);
    if (answer.value === undefined) this.#seen.delete(key);
    else this.#seen.set(key, true);
    return answer;
  }

  async #askAsStranger(token: string): Promise<Answer<ActiveToken<Derived>>> {
    const signal = AbortSignal.timeout(MAX_WAIT * 1000);
    try {
      return await this.#strangers.run(() => this.#ask(token), signal);
    } catch (thrown) {
      if (thrown !== signal.reason) throw thrown;
      throw new ServiceUnavailableError('introspection_unavailable', { cause: new Error('too many unknown tokens') });
    }
  }

  async #ask(token: string): Promise<Answer<ActiveToken<Derived>>> {
    const { provider, client, rules } = this.#options;
    const asked = { token, at: Date.now() / 1000 };
    const found: { active?: ActiveToken<Derived> | undefined } = {};
    await provider.ask({
      client,
      // Makes openid-client ask for a signed answer. The issuer record decides which algorithms are accepted.
      metadata: rules.signed ? { introspection_signed_response_alg: 'RS256' } : {},
      async read(answer) {
        // openid-client reads the error in an answer with another status.
        if (answer.status !== 200) return answer;
        found.active = await readIntrospection(answer, asked, rules);
        return { ...answer, ...READ };
      },
      run: (config) => tokenIntrospection(config, token, { token_type_hint: 'access_token' }),
    });
    return { value: found.active, ttl: found.active === undefined ? 1 : lifeOf(found.active) };
  }

  async #watch<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#lastAnswer = new Moment();
      return result;
    } catch (thrown) {
      this.#lastError = { at: new Date(), message: messageOf(thrown) };
      throw thrown;
    }
  }
}
