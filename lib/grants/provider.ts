import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import {
  allowInsecureRequests,
  ClientError,
  Configuration,
  type CustomFetch,
  customFetch,
  ResponseBodyError,
  type ServerMetadata,
} from 'openid-client';
import { ServiceUnavailableError } from '../errors/auth-error.js';
import type { OutageErrorCode } from '../errors/error-codes.js';
import { type BoundedAnswer, boundedRequest } from '../http/bounded-request.js';
import { untilAborted } from '../http/until-aborted.js';
import {
  DOCUMENT_FRESH,
  documentPlaces,
  fetchIssuerDocument,
  foundUrlProblem,
  type IssuerDocument,
} from '../keys/issuer-document.js';
import { Refreshing } from '../keys/refreshing.js';
import type { ProviderClient } from './client-authentication.js';

/** Where an identity provider is, and how it is reached. */
export interface ProviderOptions {
  readonly issuer: string;
  /** Which of its endpoints is asked. */
  readonly endpoint: 'token' | 'introspection';
  /** The address of that endpoint, where it is configured; its document is not read then. */
  readonly url: URL | undefined;
  readonly discoveryUrl: string | undefined;
  readonly ca: string | undefined;
  readonly allowHttp: boolean;
  /** What it means that the provider cannot be asked. */
  readonly outage: OutageErrorCode;
}

/** Seconds in all for one question, however many requests it takes. */
const TIME_LIMIT = 5;
/** Questions to one provider at a time; the others wait. */
const MAX_SOCKETS = 64;
const DOCUMENT_STALE = 86_400;
const DOCUMENT_COOLDOWN = 5;

/** What openid-client is shown of an answer: a challenge in it would hide the error that the body names. */
function shown({ status, headers, body }: BoundedAnswer): Response {
  const type = headers['content-type'];
  const kept = type === undefined ? {} : { 'content-type': type };
  return new Response(body.length === 0 ? null : new Uint8Array(body), { status, headers: kept });
}

/** Errors of openid-client hold answers, and answers hold tokens: what is said of them is what may be logged. */
function said(thrown: unknown): Error {
  if (thrown instanceof ResponseBodyError) {
    const code = /^[a-z_]{1,64}$/.test(thrown.error) ? thrown.error : 'an error of its own';
    return new Error(`the provider answered ${thrown.status} ${code}`);
  }
  if (!(thrown instanceof ClientError)) return new Error('the provider gave no usable answer');
  const { cause, message } = thrown;
  return new Error(cause instanceof Response ? `the provider answered ${cause.status}` : message);
}

/** Looks at an answer before openid-client does, and may replace it. */
type AnswerReader = (answer: BoundedAnswer) => BoundedAnswer | Promise<BoundedAnswer>;

/** A conversation with a provider: who asks, what, and what else is looked at. */
export interface Conversation<T> {
  readonly client: ProviderClient;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly read?: AnswerReader;
  run(config: Configuration): Promise<T>;
}

/** One identity provider, asked within bounds: 5 s in all, 256 KiB, https, no redirects. */
export class Provider {
  readonly #options: ProviderOptions;
  readonly #document: Refreshing<IssuerDocument> | undefined;
  readonly #agents = {
    'http:': new HttpAgent({ maxSockets: MAX_SOCKETS }),
    'https:': new HttpsAgent({ maxSockets: MAX_SOCKETS }),
  };

  /** @throws ConfigurationError if the issuer is not an address, and nothing else says where its endpoints are. */
  constructor(options: ProviderOptions) {
    this.#options = options;
    const { issuer, url, discoveryUrl, ca, allowHttp, outage } = options;
    if (url !== undefined) return;
    const places = documentPlaces(issuer, discoveryUrl, allowHttp);
    this.#document = new Refreshing({
      load: async (signal) => {
        const value = await fetchIssuerDocument(places, [issuer], { ca, signal });
        return { value, freshFor: DOCUMENT_FRESH };
      },
      maxStale: DOCUMENT_STALE,
      cooldown: DOCUMENT_COOLDOWN,
      outage,
      onLoaded: () => undefined,
      onFailed: () => undefined,
    });
  }

  /** Reads the provider's document. @throws ServiceUnavailableError */
  async ready(): Promise<void> {
    await this.#document?.get();
  }

  /** @throws ServiceUnavailableError for whatever goes wrong on the way; what `run` makes of an answer is its own. */
  async ask<T>(conversation: Conversation<T>): Promise<T> {
    const { client, metadata = {} } = conversation;
    const signal = AbortSignal.timeout(TIME_LIMIT * 1000);
    const { members, url } = await this.#find(signal);
    const failure: { error?: unknown } = {};
    try {
      const proof = await client.prove(members, this.#options.endpoint);
      const aliases = client.certificate === undefined ? {} : { use_mtls_endpoint_aliases: true };
      // Whose issuer was compared, and whose endpoints openid-client checks when it comes to use them.
      const config = new Configuration(
        members as unknown as ServerMetadata,
        client.id,
        { ...metadata, ...aliases },
        proof,
      );
      // Which addresses may be plain is decided by us.
      allowInsecureRequests(config);
      config[customFetch] = this.#fetch(conversation, url, signal, failure);
      return await conversation.run(config);
    } catch (thrown) {
      const { error = said(thrown) } = failure;
      throw ServiceUnavailableError.is(error) ? error : this.#outage(error);
    }
  }

  close(): void {
    this.#document?.close();
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  async #find(signal: AbortSignal): Promise<IssuerDocument> {
    const { issuer, endpoint, url } = this.#options;
    if (url !== undefined) return { members: { issuer, [`${endpoint}_endpoint`]: url.href }, url };
    try {
      // There is a document where there is no address.
      return await untilAborted((this.#document as Refreshing<IssuerDocument>).get(), signal);
    } catch (thrown) {
      throw ServiceUnavailableError.is(thrown) ? thrown : this.#outage(thrown);
    }
  }

  #outage(cause: unknown): ServiceUnavailableError {
    return new ServiceUnavailableError(this.#options.outage, { cause });
  }

  #fetch(
    { client, read = (answer) => answer }: Conversation<unknown>,
    documentUrl: URL,
    signal: AbortSignal,
    failure: { error?: unknown },
  ): CustomFetch {
    const { ca, allowHttp } = this.#options;
    return async (address, { headers, body }) => {
      try {
        const url = new URL(address);
        const problem = foundUrlProblem(url, documentUrl, allowHttp);
        if (problem !== undefined) throw new Error(`the endpoint ${problem}`);
        const agent = url.protocol === 'https:' ? this.#agents['https:'] : this.#agents['http:'];
        const asked = {
          method: 'POST',
          headers,
          body: String(body),
          ca,
          certificate: client.certificate,
          agent,
          signal,
        } as const;
        return shown(await read(await boundedRequest(url, asked)));
      } catch (error) {
        failure.error = error;
        throw error;
      }
    };
  }
}
