import { types } from 'node:util';
import { tokenIntrospection } from 'openid-client';
import { Moment } from '../clock/moment.js';
import type { BoundedAnswer } from '../http/bounded-request.js';
import type { KeySourceHealth } from '../keys/key-source.js';
import { type Answer, AnswerCache, type Question } from './answer-cache.js';
import type { ProviderClient } from './client-authentication.js';
import { type ActiveToken, type AnswerRules, activeTokenIn, readIntrospection } from './introspection-answer.js';
import { keyedDigest } from './keyed-digest.js';
import type { Provider } from './provider.js';
import type { SharedCache } from './shared-cache.js';

export interface IntrospectionClientOptions {
  readonly provider: Provider;
  /** The address that is asked, where it is configured. */
  readonly endpoint: string | undefined;
  readonly client: ProviderClient;
  readonly rules: AnswerRules;
  readonly keep: boolean;
  /** Seconds for which an answer is believed at most. */
  readonly ttl: number;
  readonly shared: SharedCache | undefined;
}

/** What openid-client is shown of an answer that was read: that it is one. */
const READ = {
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"active":false}'),
} satisfies Partial<BoundedAnswer>;

/** Seconds until the token ends by itself; what is no time is for the claim rules to refuse, and not kept. */
function lifeOf({ claims }: ActiveToken): number {
  const exp: unknown = claims.exp;
  if (exp === undefined) return Number.POSITIVE_INFINITY;
  return typeof exp === 'number' ? exp - Date.now() / 1000 : 0;
}

function messageOf(thrown: unknown): string {
  const cause = types.isNativeError(thrown) ? thrown.cause : undefined;
  return types.isNativeError(cause) ? cause.message : 'the endpoint cannot be asked';
}

/** Asks an introspection endpoint about tokens (RFC 7662), one question at a time per token, and remembers answers briefly. */
export class IntrospectionClient {
  readonly #options: IntrospectionClientOptions;
  readonly #answers: AnswerCache<ActiveToken>;
  readonly #digest = keyedDigest();
  readonly #sharedDigest: (token: string) => string;
  #lastAnswer: Moment | undefined;
  #lastError: { readonly at: Date; readonly message: string } | undefined;

  constructor(options: IntrospectionClientOptions) {
    this.#options = options;
    const { rules, endpoint, client, keep, ttl, shared } = options;
    // Two clients may be told different things, and who asks for signed answers does not believe others.
    this.#sharedDigest = keyedDigest(JSON.stringify([rules.issuer, endpoint, client.id, rules.signed]));
    this.#answers = new AnswerCache({
      keep,
      maxTtl: ttl,
      shared,
      encode: ({ text }) => text,
      decode: (text) => activeTokenIn(text, rules.issuer),
    });
  }

  /** What the provider says of a token; `undefined`: it is not active. @throws ServiceUnavailableError */
  ask(token: string): Promise<ActiveToken | undefined> {
    const question: Question = {
      key: this.#digest(token),
      sharedKey: () => `introspection:${this.#sharedDigest(token)}`,
    };
    return this.#answers.get(question, () => this.#watch(() => this.#ask(token)));
  }

  /** Reads the provider's document, where that says what its endpoint is. @throws ServiceUnavailableError */
  ready(): Promise<void> {
    return this.#watch(() => this.#options.provider.ready());
  }

  health(): KeySourceHealth {
    const { endpoint, rules } = this.#options;
    return {
      source: `introspection ${endpoint ?? rules.issuer}`,
      keyCount: 0,
      ...(this.#lastAnswer === undefined ? {} : { lastSuccess: this.#lastAnswer.at, age: this.#lastAnswer.age }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }

  close(): void {
    this.#answers.clear();
    this.#options.provider.close();
  }

  async #ask(token: string): Promise<Answer<ActiveToken>> {
    const { provider, client, rules } = this.#options;
    const asked = { token, at: Date.now() / 1000 };
    const found: { active?: ActiveToken | undefined } = {};
    await provider.ask({
      client,
      // Asks for a signed answer; which algorithms may sign it, the issuer's record says.
      metadata: rules.signed ? { introspection_signed_response_alg: 'RS256' } : {},
      async read(answer) {
        // Why it was not answered, openid-client finds out.
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
