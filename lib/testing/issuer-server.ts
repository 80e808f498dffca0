import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { TlsCertificate } from './tls-certificate.js';

const HOST = '127.0.0.1';

/** HTTP or HTTPS server on this machine that can be stopped, and started again on its old port. */
export class IssuerServer {
  readonly #listener: RequestListener;
  readonly #certificate: TlsCertificate | undefined;
  #server: Server | undefined;
  #port = 0;

  constructor(listener: RequestListener, certificate: TlsCertificate | undefined) {
    this.#listener = listener;
    this.#certificate = certificate;
  }

  get origin(): string {
    return `${this.#certificate === undefined ? 'http' : 'https'}://${HOST}:${this.#port}`;
  }

  /** Starts to listen, on the port of the last start if there was one. Does nothing while it listens. */
  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    const certificate = this.#certificate;
    const server =
      certificate === undefined
        ? createServer(this.#listener)
        : createSecureServer({ key: certificate.key, cert: certificate.cert }, this.#listener);
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, HOST, resolve);
    });
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  /** Refuses connections from now on, and closes the open ones. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
}
