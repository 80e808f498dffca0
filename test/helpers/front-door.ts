import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ConsumerJwtOptions, consumerJwt, fromBearer, fromQuery, memoryConsumers } from '../../lib/index.js';
import { app } from './servers.js';
import { HOWTO } from './tokens.js';

/** Answer as a client sees it: the status, and the precise code of a refusal. */
export interface Seen {
  status: number;
  code?: string;
}

/** Answer to a valid token. */
export const WELCOME: Seen = { status: 200 };

export const refusedAs = (code: string): Seen => ({ status: 401, code });

/** Store with the consumer of Kong's how-to. */
export const howtoConsumers = () =>
  memoryConsumers([{ username: HOWTO.username, credentials: [{ key: HOWTO.key, secret: HOWTO.secret }] }]);

/** Whether HTTP can carry a text as a header value that arrives as it was. */
const fitsHeader = (text: string) => /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text);

/** Agent that keeps connections, so that thousands of tokens take seconds; it does not keep the process alive. */
const agent = new Agent({ keepAlive: true });

function listen(listener: RequestListener): number {
  const server = createServer({ maxHeaderSize: 131_072 }, listener).listen(0).unref();
  server.on('connection', (socket) => socket.unref());
  return (server.address() as AddressInfo).port;
}

async function seenAt(port: number, path: string, headers: Record<string, string>): Promise<Seen> {
  const sent = request({ host: 'localhost', port, path, headers, agent, maxHeaderSize: 131_072 }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const body = await text(response);
  const { statusCode: status = 0 } = response;
  return status === 200 ? { status } : { status, code: JSON.parse(body).code };
}

/**
 * Makes `consumerJwt` with precise reasons behind a real server. The token goes into the header, or, where no header
 * can carry it, into the query.
 */
export function frontDoor(options: Partial<ConsumerJwtOptions> = {}): (token: string) => Promise<Seen> {
  const tokenFrom = [fromBearer(), fromQuery('jwt')];
  const method = consumerJwt({ consumers: howtoConsumers(), exposeReason: true, tokenFrom, ...options });
  const port = listen(app(method));
  return (token) =>
    fitsHeader(token)
      ? seenAt(port, '/', { authorization: `Bearer ${token}` })
      : seenAt(port, `/?jwt=${encodeURIComponent(token)}`, {});
}
