import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll } from '@jest/globals';
import { type BasicGrantOptions, basicGrant } from '../../lib/index.js';
import { given } from './loose.js';
import { accessToken, door, ISSUER } from './oidc-door.js';
import { getFrom } from './requests.js';
import { app, type Middleware } from './servers.js';

/** Value of `Authorization: Basic` for an id and a secret. */
export const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

/** A request to the token endpoint. */
interface Asked {
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
}

/** An answer of the token endpoint: JSON with a status, or a function that writes the response. */
export type TokenAnswer = { status?: number; body: object } | ((res: ServerResponse) => void);

export interface TokenServer {
  readonly url: string;
  readonly asked: Asked[];
  /** Answer of the endpoint, which a test may change at any time; by default a token of {@link ISSUER}. */
  answer: (asked: Asked) => TokenAnswer | Promise<TokenAnswer>;
}

/** A valid answer of a token endpoint, with members replaced; `undefined` removes one. */
export const granted = (members: Record<string, unknown> = {}): TokenAnswer => ({
  body: { access_token: accessToken(), token_type: 'Bearer', expires_in: 300, ...members },
});
export const refused = (error: string, status = 400): TokenAnswer => ({ status, body: { error } });

function send(res: ServerResponse, answer: TokenAnswer): void {
  if (typeof answer === 'function') {
    answer(res);
    return;
  }
  res.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
  res.end(JSON.stringify(answer.body));
}

/** A token endpoint that lives as long as the test file, and answers as the test wishes. */
export async function tokenServer(): Promise<TokenServer> {
  const asked: Asked[] = [];
  const answerTo = async (req: IncomingMessage, res: ServerResponse) => {
    const question = { authorization: req.headers.authorization, form: new URLSearchParams(await text(req)) };
    asked.push(question);
    send(res, await made.answer(question));
  };
  const server = createServer((req, res) => void answerTo(req, res));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done).unref());
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const made: TokenServer = { url: `http://127.0.0.1:${port}/token`, asked, answer: () => granted() };
  return made;
}

/** Makes a method that exchanges credentials at this endpoint, and verifies without the network. */
export const grantMethod = ({ url }: TokenServer, options: Partial<BasicGrantOptions> = {}) =>
  basicGrant(given({ issuer: ISSUER, tokenEndpoint: url, verify: door(), exposeReason: true, ...options }));

export interface Reply {
  readonly status: number;
  readonly code: string | undefined;
  readonly challenge: string | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Record<string, unknown>;
}

/** Sends a request with this `Authorization` header. */
export async function knock(door: Middleware | RequestListener, authorization?: string): Promise<Reply> {
  const listener = door.length === 3 ? app(door as Middleware) : (door as RequestListener);
  const asked: Record<string, string> = authorization === undefined ? {} : { Authorization: authorization };
  const { status, body, headers } = await getFrom(listener, asked);
  return { status, code: body.code, challenge: headers['www-authenticate'], headers, body };
}

/** Sends a request and returns `200`, or status and code of the refusal. */
export async function outcomeOf(door: Middleware | RequestListener, authorization?: string): Promise<200 | string> {
  const { status, code } = await knock(door, authorization);
  return status === 200 ? 200 : `${status} ${code}`;
}
