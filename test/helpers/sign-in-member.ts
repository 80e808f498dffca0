import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import { jwtIdp, localToken, type StateStore, wafToken } from '../../lib/index.js';

/** Settings of a process that signs browsers in. */
export interface SignInOrders {
  readonly secret: string;
  readonly returnUrl: string;
  /** Path of a directory that all processes share. */
  readonly states: string;
  readonly waf: {
    readonly header: string;
    readonly issuer: string;
    readonly audience: string;
    readonly publicKeys: string;
  };
}

/** State store over a directory: a directory can be created once only, by one of all processes. */
const directoryStates = (place: string): StateStore => ({
  claim: (id) =>
    mkdir(join(place, encodeURIComponent(id))).then(
      () => true,
      (error: NodeJS.ErrnoException) => (error.code === 'EEXIST' ? false : Promise.reject(error)),
    ),
});

async function serve({ secret, returnUrl, states, waf }: SignInOrders): Promise<number> {
  const keys = [{ kid: '1', algorithm: 'HS256', secret }] as const;
  const session = localToken({ keys, issuer: 'https://app.example.com', cookie: true });
  const idp = jwtIdp({
    jwtEndpoint: 'https://waf.example.com/jwt',
    method: wafToken(waf),
    session,
    secret,
    allowedReturnUrls: [returnUrl],
    states: directoryStates(states),
  });
  const app = express();
  app.use(idp);
  app.get('/pid', (_req, res) => void res.json({ pid: process.pid }));
  const server = createServer(app);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

process.once('message', (orders: SignInOrders) => {
  void serve(orders).then((port) => process.send?.(port));
});
process.once('disconnect', () => process.exit());
