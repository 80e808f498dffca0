import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { afterAll } from '@jest/globals';
import {
  type AuthEvent,
  type AuthMethod,
  type IntrospectionOptions,
  type OidcBearerOptions,
  oidcBearer,
} from '../../lib/index.js';
import type { Loose } from './loose.js';
import { AUDIENCE, ISSUER, PROVIDER_PEM } from './oidc-door.js';
import { listening } from './requests.js';
import { inSeconds } from './tokens.js';

export const CLIENT = { id: 'our-api', secret: 'a secret of our API' };

/** Answer of the endpoint: an object is JSON with status 200. */
export interface Said {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer | object;
}

/** Request to the endpoint. */
interface Asked {
  readonly token: string | null;
  readonly form: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

type Answerer = (asked: Asked, res: ServerResponse) => Said | undefined | Promise<Said | undefined>;

export interface IntrospectionEndpoint {
  readonly url: string;
  readonly asked: Asked[];
  /** Sets the answer to later requests. */
  answers(answer: Answerer | Said): void;
}

async function askedBy(req: IncomingMessage): Promise<Asked> {
  let text = '';
  for await (const chunk of req) text += String(chunk);
  const form = new URLSearchParams(text);
  return { token: form.get('token'), form, headers: req.headers };
}

/** Makes the answer about an active token; `undefined` removes a member. */
export function active(members: Record<string, unknown> = {}): Said {
  const standard = { iss: ISSUER, aud: AUDIENCE, sub: 'alice', iat: inSeconds(0), exp: inSeconds(300) };
  return { body: { active: true, token_type: 'Bearer', ...standard, ...members } };
}

export const INACTIVE: Said = { body: { active: false } };

/** Starts an introspection endpoint that ends with the test file, and answers as a test sets. */
export async function introspectionEndpoint(first: Answerer | Said = active()): Promise<IntrospectionEndpoint> {
  let answerer: Answerer | Said = first;
  const asked: Asked[] = [];
  const { server, port } = await listening((req, res) => {
    void (async () => {
      const question = await askedBy(req);
      asked.push(question);
      const said = typeof answerer === 'function' ? await answerer(question, res) : answerer;
      if (said === undefined) return;
      const { status = 200, headers, body } = said;
      const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
      res.writeHead(status, { 'content-type': 'application/json', ...headers });
      res.end(isRaw ? body : JSON.stringify(body));
    })();
  });
  afterAll(() => void server.close().closeAllConnections());
  return {
    url: `http://127.0.0.1:${port}/introspect`,
    asked,
    answers(next) {
      answerer = next;
    },
  };
}

const methods: AuthMethod[] = [];
afterAll(async () => void (await Promise.all(methods.map((method) => method.close()))));

/** Options of {@link asking}. */
export interface Wishes extends Omit<Loose<OidcBearerOptions>, 'introspection'> {
  introspection?: Partial<IntrospectionOptions>;
  events?: AuthEvent[];
}

/** Makes a method that asks an endpoint about opaque tokens, with keys in the configuration. */
export function asking(endpoint: { url: string }, { introspection, events, ...options }: Wishes = {}): AuthMethod {
  const method = oidcBearer({
    issuer: ISSUER,
    audience: AUDIENCE,
    publicKeys: PROVIDER_PEM,
    exposeReason: true,
    introspection: { client: CLIENT, endpoint: endpoint.url, ...introspection },
    ...(events === undefined ? {} : { onEvent: (event: AuthEvent) => void events.push(event) }),
    ...options,
  } as OidcBearerOptions);
  methods.push(method);
  return method;
}

let count = 0;
/** An opaque token that no test has seen. */
export const opaqueToken = () => `opaque-${++count}-${'0123456789abcdef'.repeat(2)}`;
