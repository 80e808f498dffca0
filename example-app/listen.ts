import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that listens already, and answers as soon as it is told what. */
export interface Listening {
  readonly url: string;
  answer(listener: RequestListener): void;
}

/**
 * Listens on a port of this machine, 0 for any that is free. The address is known before there is anything to serve,
 * because the parts of the picture have to know each other's.
 */
export async function listen(port: number): Promise<Listening> {
  const server = createServer();
  server.once('error', ({ message }) => {
    console.error(`${message}\nOther ports: PORT=4000 npm start`);
    process.exit(1);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: actual } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${actual}`, answer: (listener) => void server.on('request', listener) };
}
