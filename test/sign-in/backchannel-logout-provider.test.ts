import type { RequestListener } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import express from 'express';
import {
  type BackchannelLogoutOptions,
  backchannelLogout,
  discoveryKeys,
  memoryRevocations,
  oidcBearer,
  type Revocations,
} from '../../lib/index.js';
import { redisRevocations } from '../../lib/redis/index.js';
import { type LogoutProvider, laterServer, logoutProvider, WEB } from '../helpers/logout-provider.js';
import { API } from '../helpers/real-provider.js';
import { ownKeys, REDIS_URL, redisClient, sayThatRedisDidNotRun } from '../helpers/redis.js';

sayThatRedisDidNotRun('back-channel logout into Redis');
const client = REDIS_URL === undefined ? undefined : await redisClient(REDIS_URL);
const { prefix } = ownKeys(client);
const STORES: readonly (readonly [where: string, make: () => Revocations])[] = [
  ['in memory', () => memoryRevocations()],
  ...(client === undefined ? [] : [['in Redis', () => redisRevocations({ client, prefix })] as const]),
];

/** An API of the provider's, and the door where it hears of logouts. */
async function application(
  revocations: Revocations,
  sid: boolean,
  options: Partial<BackchannelLogoutOptions> = {},
): Promise<{ provider: LogoutProvider; ask: (token: string) => Promise<number> }> {
  const { origin, serve } = await laterServer();
  const provider = await logoutProvider({ uri: `${origin}/backchannel-logout`, sid });
  const keys = discoveryKeys({ issuer: provider.origin });
  const app = express();
  const own = { issuer: provider.origin, audience: WEB.id, keys, revocations };
  const logout = { ...own, ...options } as BackchannelLogoutOptions;
  app.use('/backchannel-logout', backchannelLogout(logout));
  app.use(oidcBearer({ issuer: provider.origin, audience: API, keys, isRevoked: revocations.check }));
  app.get('/', (_req, res) => void res.end());
  serve(app as unknown as RequestListener);
  const ask = async (token: string) => (await fetch(origin, { headers: { authorization: `Bearer ${token}` } })).status;
  return { provider, ask };
}

describe.each(STORES)('a real provider, revocations %s', (_where, make) => {
  test('signing out of one browser ends its session here, and no other', async () => {
    const { provider, ask } = await application(make(), true);
    const [laptop, phone] = [await provider.signIn(), await provider.signIn()];
    expect([await ask(laptop.accessToken), await ask(phone.accessToken)]).toEqual([200, 200]);
    await laptop.signOut();
    expect(provider.logouts).toEqual(['told']);
    expect([await ask(laptop.accessToken), await ask(phone.accessToken)]).toEqual([401, 200]);
    expect(await ask((await provider.signIn()).accessToken)).toBe(200);
  });

  test('where logout tokens name the person alone, all her tokens end', async () => {
    const { provider, ask } = await application(make(), false);
    const [laptop, phone] = [await provider.signIn(), await provider.signIn()];
    await laptop.signOut();
    expect(provider.logouts).toEqual(['told']);
    expect([await ask(laptop.accessToken), await ask(phone.accessToken)]).toEqual([401, 401]);
  });

  test('and with revokeBy "sub" too, although they name the session', async () => {
    const { provider, ask } = await application(make(), true, { revokeBy: 'sub' });
    const [laptop, phone] = [await provider.signIn(), await provider.signIn()];
    await phone.signOut();
    expect([await ask(laptop.accessToken), await ask(phone.accessToken)]).toEqual([401, 401]);
  });
});

test('a logout for another client is turned down, and the provider hears of it', async () => {
  const { provider, ask } = await application(memoryRevocations(), true, { audience: 'another-client' });
  const laptop = await provider.signIn();
  await laptop.signOut();
  expect(provider.logouts).toEqual([expect.stringMatching(/400/)]);
  expect(await ask(laptop.accessToken)).toBe(200);
});
