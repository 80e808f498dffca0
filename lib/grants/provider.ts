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
import type { BoundedAnswer } from '../http/bounded-request.js';
import { untilAborted } from '../http/until-aborted.js';
import {
  DOCUMENT_FRESH,
  type DocumentIssuers,
  documentPlaces,
  fetchIssuerDocument,
  foundUrlProblem,
  type IssuerDocument,
} from '../keys/issuer-document.js';
import { type KeyRequestOptions, resolveKeyRequest } from '../keys/key-request.js';
import { Refreshing } from '../keys/refreshing.js';
import type { ProviderClient } from './client-authentication.js';
import { EndpointConnections } from './endpoint-connections.js';

/** Options of {@link Provider}. */
export interface ProviderOptions {
  readonly issuer: string;
  /** Endpoint that requests go to. */
  readonly endpoint: 'token' | 'introspection';
  /** URL of the endpoint, if it is configured; the provider's document is not loaded then. */
  readonly url: URL | undefined;
  readonly discoveryUrl: string | undefined;
  /**
   * Issuers that the provider's document may name.
   * @default [issuer]
   */
  readonly documentIssuers?: DocumentIssuers | undefined;
  readonly ca: string | undefined;
  /** Headers go to the document only, the proxy is used for the endpoint as well. */
  readonly keyRequest: KeyRequestOptions | undefined;
  readonly allowHttp: boolean;
  /** Error code for an outage of the provider. */
  readonly outage: OutageErrorCode;
}

/** Time limit in seconds for one call of `ask`, whatever number of HTTP requests it takes. */
const TIME_LIMIT = 5;
const DOCUMENT_STALE = 86_400;
const DOCUMENT_COOLDOWN = 5;

/** Converts an answer for openid-client, without its challenge, which would take precedence over the body's error. */
function toResponse({ status, headers, body }: BoundedAnswer): Response {
  const type = headers['content-type'];
  const kept = type === undefined ? {} : { 'content-type': type };
  return new Response(body.length === 0 ? null : new Uint8Array(body), { status, headers: kept });
}

/** Reduces an error of openid-client to what may be logged: its own properties hold answers, and with them tokens. */
function loggable(thrown: unknown): Error {
  if (thrown instanceof ResponseBodyError) {
    const code = /^[a-z_]{1,64}$/.test(thrown.error) ? thrown.error : 'an error of its own';
    return new Error(`the provider answered ${thrown.status} ${code}`);
  }
  if (!(thrown instanceof ClientError)) return new Error('the provider gave no usable answer');
  const { cause, message } = thrown;
  return new Error(cause instanceof Response ? `the provider answered ${cause.status}` : message);
}

/** Reads an answer before openid-client does, and may replace it. */
type AnswerReader = (answer: BoundedAnswer) => BoundedAnswer | Promise<BoundedAnswer>;

/** A request to a provider, made with a function of openid-client. */
export interface ProviderRequest<T> {
  readonly client: ProviderClient;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly read?: AnswerReader;
  /** Calls a function of openid-client with this configuration. */
  run(config: Configuration): Promise<T>;
}

/** Sends requests to an endpoint of an identity provider, with limits: 5 s in all, 256 KiB, https, no redirects. */
export class Provider {
  readonly #options: ProviderOptions;
  readonly #document: Refreshing<IssuerDocument> | undefined;
  readonly #connections: EndpointConnections;

  /**
   * @throws {ConfigurationError} when the issuer is no URL, and neither endpoint nor discovery URL is configured.
   */
  constructor(options: ProviderOptions) {
    this.#options = options;
    const { issuer, url, discoveryUrl, documentIssuers = [issuer], ca, allowHttp, outage } = options;
    const places = url === undefined ? documentPlaces(issuer, discoveryUrl, allowHttp) : undefined;
    const keyRequest = resolveKeyRequest('keyRequest', options.keyRequest, places?.[0]);
    this.#connections = new EndpointConnections(keyRequest);
    if (places === undefined) return;
    this.#document = new Refreshing({
      load: async (signal) => {
        const value = await fetchIssuerDocument(places, documentIssuers, { ca, keyRequest, signal });
        return { value, freshFor: DOCUMENT_FRESH };
      },
      maxStale: DOCUMENT_STALE,
      cooldown: DOCUMENT_COOLDOWN,
      outage,
      onLoaded: () => undefined,
      onFailed: () => undefined,
    });
  }

  /**
   * Loads the provider's document, unless the endpoint is configured.
   * @throws {ServiceUnavailableError} when it cannot be loaded.
   */
  async ready(): Promise<void> {
    await this.#document?.get();
  }

  /**
   * Sends a request.
   * @throws {ServiceUnavailableError} when it, or `run`, fails for any reason. A refusal by the provider is an outcome
   * that `run` has to return.
   */
  async ask<T>(request: ProviderRequest<T>): Promise<T> {
    const { client, metadata = {} } = request;
    const signal = AbortSignal.timeout(TIME_LIMIT * 1000);
    const { members, url } = await this.#find(signal);
    const failure: { error?: unknown } = {};
    try {
      const proof = await client.authenticate(members, this.#options.endpoint);
      const aliases = client.certificate === undefined ? {} : { use_mtls_endpoint_aliases: true };
      // Cast: the issuer was compared above; openid-client validates the endpoints on use.
      const config = new Configuration(
        members as unknown as ServerMetadata,
        client.id,
        { ...metadata, ...aliases },
        proof,
      );
      // #fetch decides whether http is allowed.
      allowInsecureRequests(config);
      config[customFetch] = this.#fetch(request, url, signal, failure);
      return await request.run(config);
    } catch (thrown) {
      const { error = loggable(thrown) } = failure;
      throw ServiceUnavailableError.is(error) ? error : this.#outage(error);
    }
  }

  close(): void {
    this.#document?.close();
    this.#connections.close();
  }

  async #find(signal: AbortSignal): Promise<IssuerDocument> {
    const { issuer, endpoint, url } = this.#options;
    if (url !== undefined) return { members: { issuer, [`${endpoint}_endpoint`]: url.href }, url };
    try {
      // Cast: the constructor creates a document when no URL is configured.
      return await untilAborted((this.#document as Refreshing<IssuerDocument>).get(), signal);
    } catch (thrown) {
      throw ServiceUnavailableError.is(thrown) ? thrown : this.#outage(thrown);
    }
  }

  #outage(cause: unknown): ServiceUnavailableError {
    return new ServiceUnavailableError(this.#options.outage, { cause });
  }

  #fetch(
    { client, read = (answer) => answer }: ProviderRequest<unknown>,
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
        const { certificate } = client;
        const asked = { method: 'POST', headers, body: String(body), ca, certificate, signal } as const;
        return toResponse(await read(await this.#connections.send(url, asked)));
      } catch (error) {
        failure.error = error;
        throw error;
      }
    };
  }
}
