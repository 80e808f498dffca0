import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createClient } from 'redis';
import { backchannelLogout, type OidcBearerOptions, oidcBearer } from '../../lib/index.js';
import { redisRevocations } from '../../lib/redis/index.js';

/** Settings that {@link startFleet} passes to each process. */
export interface MemberOrders {
  readonly url: string;
  readonly prefix: string;
  readonly clientId: string;
  readonly method: Pick<OidcBearerOptions, 'issuer' | 'audience' | 'publicKeys'>;
}

/** Serves an API whose revocations are shared by the fleet, and an endpoint for its provider. */
async function serve({ url, prefix, clientId, method }: MemberOrders): Promise<number> {
  const client = await createClient({ url })
    .on('error', () => undefined)
    .connect();
  const revocations = redisRevocations({ client, prefix });
  const { publicKeys = [] } = method;
  const issuer = method.issuer ?? '';
  const app = express();
  app.use('/backchannel-logout', backchannelLogout({ issuer, audience: clientId, publicKeys, revocations }));
  app.use(oidcBearer({ ...method, isRevoked: revocations.check } as OidcBearerOptions));
  app.get('/', (_req, res) => void res.json({ pid: process.pid }));
  const server = createServer(app);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

process.once('message', (orders: MemberOrders) => {
  void serve(orders).then((port) => process.send?.(port));
});
process.once('disconnect', () => process.exit());
