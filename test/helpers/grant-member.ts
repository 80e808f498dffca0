import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getHeapSnapshot } from 'node:v8';
import express from 'express';
import { type BasicGrantOptions, basicGrant, type OidcBearerOptions, oidcBearer } from '../../lib/index.js';
import { given } from './loose.js';

/** Options of the process that a test starts. */
export interface GrantOrders {
  readonly grant: Omit<BasicGrantOptions, 'verify'>;
  readonly verify: OidcBearerOptions;
  /** A text to keep in memory, reversed: finding it in the heap shows that the search works. */
  readonly backwards: string;
}

/** An API whose heap a test can search. */
async function serve({ grant, verify, backwards }: GrantOrders): Promise<number> {
  const held = [[...backwards].reverse().join('')];
  const app = express();
  app.get('/heap', (_req, res) => void getHeapSnapshot().pipe(res));
  app.use(basicGrant(given({ ...grant, verify: oidcBearer(verify) })));
  app.get('/', (_req, res) => void res.json({ held: held.length }));
  const server = createServer(app);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

process.once('message', (orders: GrantOrders) => {
  void serve(orders).then((port) => process.send?.(port));
});
process.once('disconnect', () => process.exit());
