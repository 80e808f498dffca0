import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type BoundedAnswer, boundedRequest, type RequestOptions } from '../http/bounded-request.js';
import { ConcurrencyLimit } from '../http/concurrency-limit.js';
import type { KeyRequest } from '../keys/key-request.js';

/** Concurrent connections to one provider; further requests wait. */
const MAX_SOCKETS = 64;

/** Connections to the endpoints of one provider, at most 64 at a time, through a proxy if there is one. */
export class EndpointConnections {
  readonly #agents = {
    http: new HttpAgent({ maxSockets: MAX_SOCKETS }),
    https: new HttpsAgent({ maxSockets: MAX_SOCKETS }),
  };
  readonly #proxied = new ConcurrencyLimit(MAX_SOCKETS);
  readonly #keyRequest: KeyRequest | undefined;

  constructor(keyRequest: KeyRequest | undefined) {
    this.#keyRequest = keyRequest;
  }

  /**
   * Sends a request. Each one through a proxy has an agent of its own, so they are counted here.
   * @throws {Error} as {@link boundedRequest} does.
   */
  async send(url: URL, asked: Omit<RequestOptions, 'agent'>): Promise<BoundedAnswer> {
    const proxy = await this.#keyRequest?.agentFor(asked.signal);
    if (proxy !== undefined)
      return this.#proxied.run(() => boundedRequest(url, { ...asked, agent: proxy }), asked.signal);
    const agent = url.protocol === 'https:' ? this.#agents.https : this.#agents.http;
    return boundedRequest(url, { ...asked, agent });
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}
