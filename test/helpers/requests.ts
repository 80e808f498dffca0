import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Principal } from '../../lib/index.js';
import type { Middleware } from './servers.js';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  /** Name, value, name, value: sent exactly as written, duplicates included. */
  readonly headers?: readonly string[];
  /** The address on this machine that the request comes from. */
  readonly from?: string;
}

/** Starts a server on a free port. */
export async function listening(listener: RequestListener): Promise<{ server: Server; port: number }> {
  const server = (listener as unknown) instanceof Server ? (listener as unknown as Server) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

/** Sends header lines that no HTTP client library would to a port of this machine. */
export function rawRequestTo(
  port: number,
  { method = 'GET', path = '/', headers = [], from }: RawRequest,
): Promise<RawAnswer> {
  return new Promise<RawAnswer>((resolve, reject) => {
    const lines = ['Host', 'localhost', 'Connection', 'close', ...headers];
    const place = { port, host: '127.0.0.1', ...(from === undefined ? {} : { localAddress: from }) };
    const sent = request({ ...place, method, path, headers: lines }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Sends header lines that no HTTP client library would to a server of its own. */
export async function rawRequest(listener: RequestListener, sent: RawRequest): Promise<RawAnswer> {
  const { server, port } = await listening(listener);
  try {
    return await rawRequestTo(port, sent);
  } finally {
    server.close();
  }
}

/** The body of an answer, as JSON. */
export const jsonOf = ({ text }: RawAnswer): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

/** Answer of an application. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  /** Body as JSON; empty where it is none. Two members that most tests read have types. */
  readonly body: Readonly<Record<string, unknown> & { code: string; principal: Principal }>;
}

/** Sends a request to an application over HTTP. */
export async function getFrom(
  listener: RequestListener,
  headers: Readonly<Record<string, string>>,
): Promise<JsonAnswer> {
  const { status, text, headers: answered } = await rawRequest(listener, { headers: Object.entries(headers).flat() });
  const single = Object.entries(answered).map(([name, value]) => [name, value?.toString()] as const);
  const isJson = /^application\/(?:problem\+)?json\b/.test(String(answered['content-type']));
  return { status, text, headers: Object.fromEntries(single), body: isJson ? JSON.parse(text) : {} };
}

type Leftovers = IncomingMessage & Record<'originalUrl' | 'query' | 'cookies' | 'signedCookies' | 'body', unknown>;

/** Handler that answers with everything left on a request, for tests of what must be removed. */
export const showLeftovers: Middleware = (req: IncomingMessage, res: ServerResponse): void => {
  const { url, headers, rawHeaders, headersDistinct, ...rest } = req as Leftovers;
  const { originalUrl, query, cookies, signedCookies, body } = { ...rest, query: (req as Leftovers).query };
  res.setHeader('Content-Type', 'application/json');
  res.end(
    JSON.stringify({ url, originalUrl, query, cookies, signedCookies, body, headers, rawHeaders, headersDistinct }),
  );
};

/** A `Cookie`, `Authorization` or other header for supertest. */
export const bearer = (token: string) => `Bearer ${token}`;
