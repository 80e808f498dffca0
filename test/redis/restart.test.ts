import { beforeEach, describe, expect, test } from '@jest/globals';
import { createClient } from 'redis';
import { type RedisClient, redisRevocations } from '../../lib/redis/index.js';
import { afterThisTest } from '../helpers/after-this-test.js';
import { accessToken, door, verdict } from '../helpers/oidc-door.js';
import { type MortalRedis, mortalRedis } from '../helpers/own-redis.js';
import { ownKeys } from '../helpers/redis.js';
import { listening } from '../helpers/requests.js';
import { app } from '../helpers/servers.js';
import { inSeconds } from '../helpers/tokens.js';
import { until } from '../helpers/until.js';

const redis = await mortalRedis();
const { prefix } = ownKeys();
const GOOD = accessToken({ jti: 'good' });
const BAD = accessToken({ jti: 'bad' });

test('a client that never found its Redis refuses, and takes up service when there is one', async () => {
  let isUp = false;
  const client = { sendCommand: async (args: string[]) => (isUp ? args.slice(1).map(() => null) : Promise.reject(0)) };
  const method = door({ isRevoked: redisRevocations({ client }).check });
  expect(await verdict(method, GOOD)).toBe('503 store_unavailable');
  isUp = true;
  expect(await verdict(method, GOOD)).toBe(200);
});

/** A client that is gone when the test is over, however it ends; a lost connection is no news. */
function clientForTest(url: string) {
  const client = createClient({ url }).on('error', () => undefined);
  afterThisTest(async () => client.destroy());
  return client;
}

/** An API that ten clients keep asking until the test is over, half of them with a revoked token. */
async function underLoad(client: RedisClient) {
  const revocations = redisRevocations({ client, prefix, timeout: 0.2 });
  await revocations.revokeToken(BAD, inSeconds(300));
  const { server, port } = await listening(app(door({ isRevoked: revocations.check })));
  const statuses = { good: [] as number[], bad: [] as number[] };
  let isOver = false;
  async function keepAsking(who: 'good' | 'bad', token: string): Promise<void> {
    while (!isOver) {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization: `Bearer ${token}` } });
      await answer.arrayBuffer();
      statuses[who].push(answer.status);
    }
  }
  const clients = [0, 1, 2, 3, 4].flatMap(() => [keepAsking('good', GOOD), keepAsking('bad', BAD)]);
  const failed = Promise.all(clients);
  failed.catch(() => undefined);
  /** Waits until both kinds of token have got an answer again, from now on. */
  async function sees(good: number, bad: number): Promise<void> {
    const [goodFrom, badFrom] = [statuses.good.length, statuses.bad.length];
    await Promise.race([
      until(() => statuses.good.slice(goodFrom).includes(good) && statuses.bad.slice(badFrom).includes(bad)),
      failed,
    ]);
  }
  afterThisTest(async () => {
    isOver = true;
    await Promise.allSettled(clients);
    server.close().closeAllConnections();
  });
  return { revocations, statuses, sees };
}

const KINDS: readonly (readonly [what: string, fall: keyof MortalRedis, rise: keyof MortalRedis])[] = [
  ['is killed and started again', 'kill', 'start'],
  ['hangs and goes on', 'hang', 'goOn'],
];

if (redis === undefined) {
  process.stderr.write('There is no redis-server and SALLYPORT_TEST_REDIS_URL is not set: its restart did not run\n');
} else {
  // As it was found, whatever became of the test before.
  beforeEach(async () => {
    redis.goOn();
    await redis.start();
  });

  const act = (verb: keyof MortalRedis) => (redis[verb] as () => Promise<void>)();

  test('a client of redis that is not connected yet refuses, and takes up service when it is', async () => {
    const client = clientForTest(redis.url);
    const method = door({ isRevoked: redisRevocations({ client, prefix }).check });
    expect(await verdict(method, GOOD)).toBe('503 store_unavailable');
    await client.connect();
    expect(await verdict(method, GOOD)).toBe(200);
  });

  describe.each(KINDS)('when Redis %s under load', (_what, fall, rise) => {
    test('no revoked token is let in, and service resumes by itself', async () => {
      const client = clientForTest(redis.url);
      await client.connect();
      const load = await underLoad(client);
      for (let round = 0; round < 2; round += 1) {
        await load.sees(200, 401);
        await act(fall);
        await load.sees(503, 503);
        await expect(load.revocations.revoke('in the outage', inSeconds(60))).rejects.toThrow();
        await act(rise);
        await load.sees(200, 401);
      }
      expect([...new Set(load.statuses.bad)].sort()).toEqual([401, 503]);
      expect([...new Set(load.statuses.good)].sort()).toEqual([200, 503]);
    });
  });
}
