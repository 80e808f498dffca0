import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ConsumerJwtOptions, consumerJwt, fromBearer, fromQuery, memoryConsumers } from '../../lib/index.js';
import { app } from './servers.js';
import { HOWTO } from './tokens.js';

/** What a client sees of an answer: the status, and the precise code of a refusal. */
export interface Seen {
  status: number;
  code?: string;
}

/** What a good token gets. */
export const WELCOME: Seen = { status: 200 };

export const refusedAs = (code: string): Seen => ({ status: 401, code });

/** Consumers with the how-to's one. */
export const howtoConsumers = () =>
  memoryConsumers([{ username: HOWTO.username, credentials: [{ key: HOWTO.key, secret: HOWTO.secret }] }]);

/** Whether HTTP can carry a text as a header value that arrives as it was. */
const fitsHeader = (text: string) => /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text);

/** Connections are kept, so that thousands of tokens are a matter of seconds; none of them holds the process up. */
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
 * `consumerJwt` with the precise reason exposed, behind a real server. The token goes into the header; where no
 * header can carry it, into the query.
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
