import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import request from 'supertest';
import { fromKong } from '../../lib/migrate/index.js';
import { app, type Middleware } from './servers.js';
import { HOWTO } from './tokens.js';

/** The how-to's consumer, as Kong's declarative configuration writes it. */
export const JSMITH = {
  username: HOWTO.username,
  jwt_secrets: [{ key: HOWTO.key, secret: HOWTO.secret }] as Record<string, unknown>[],
};

/** A configuration with one global `jwt` plugin; what is given goes over the how-to's. */
export function kongConfig(config: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) {
  return { _format_version: '3.0', consumers: [JSMITH], plugins: [{ name: 'jwt', config }], ...rest };
}

/** Makes the method of a configuration. */
export async function kongMethod(config: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) {
  const { methods } = await fromKong(kongConfig(config, rest));
  const [method] = methods;
  if (method === undefined) throw new Error('no method');
  return method;
}

/** Makes an application behind the method of a configuration. */
export async function kongApp(config: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) {
  return app(await kongMethod(config, rest));
}

/** A credential that the how-to's consumer owns beside its own. */
export const alsoOwning = (...secrets: Record<string, unknown>[]) => ({
  consumers: [{ ...JSMITH, jwt_secrets: [...JSMITH.jwt_secrets, ...secrets] }],
});

/** Refusal as a client sees it, byte for byte. */
export async function seen(server: RequestListener, token?: string) {
  const get = request(server).get('/');
  const { status, text, headers } = await (token === undefined ? get : get.set('Authorization', `Bearer ${token}`));
  return { status, text, challenge: headers['www-authenticate'] };
}

/** Kong's challenge for a bad token, where no realm is configured. */
export const INVALID = 'Bearer error="invalid_token"';

export const refused = (message: string) => ({ status: 401, text: JSON.stringify({ message }), challenge: INVALID });

/** Last handler of an application, which shows every view that Node gives of the headers. */
function showHeaders(req: IncomingMessage, res: ServerResponse): void {
  const raw = req.rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name.toLowerCase(), req.rawHeaders[index + 1]]] : [],
  );
  res.setHeader('Content-Type', 'application/json');
  const { principal } = req as { principal?: unknown };
  res.end(JSON.stringify({ headers: req.headers, distinct: req.headersDistinct, raw, principal: principal ?? null }));
}

export const headersApp = (...methods: Middleware[]) => app(...methods, showHeaders);
