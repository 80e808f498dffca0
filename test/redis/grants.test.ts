import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { BasicGrantOptions } from '../../lib/index.js';
import { type RedisClient, redisCache } from '../../lib/redis/index.js';
import { fakeClock } from '../helpers/fake-clock.js';
import { basic, granted, grantMethod, knock, outcomeOf, refused, tokenServer } from '../helpers/grants.js';
import { accessToken } from '../helpers/oidc-door.js';
import { ownKeys, REDIS_URL, redisClient, redisForms, sayThatRedisDidNotRun } from '../helpers/redis.js';

sayThatRedisDidNotRun('tokens of basicGrant shared in Redis');
const FORMS = await redisForms();
const provider = await tokenServer();
const encryptionKey = randomBytes(32);
const real = REDIS_URL === undefined ? undefined : await redisClient(REDIS_URL);
let token = '';

beforeEach(() => {
  provider.asked.splice(0);
  token = accessToken();
  provider.answer = () => granted({ access_token: token });
});

const instance = (client: RedisClient, prefix: string, options: Partial<BasicGrantOptions> = {}) =>
  grantMethod(provider, { cache: redisCache({ client, encryptionKey, prefix }), ...options });

describe.each(FORMS)('tokens in %s', (_form, client) => {
  test('are shared by two instances: one question for both', async () => {
    const { prefix } = ownKeys();
    const pair = basic('reports', 'secret');
    expect(await outcomeOf(instance(client, prefix), pair)).toBe(200);
    const second = await knock(instance(client, prefix), pair);
    expect(second.body.principal).toMatchObject({ subject: 'alice', credential: { kind: 'basic' } });
    expect(provider.asked).toHaveLength(1);
  });

  test('are not for another secret, and a wrong one leaves no trace', async () => {
    const { prefix } = ownKeys();
    expect(await outcomeOf(instance(client, prefix), basic('reports', 'secret'))).toBe(200);
    provider.answer = () => refused('invalid_client', 401);
    expect(await outcomeOf(instance(client, prefix), basic('reports', 'secre'))).toBe('401 exchange_rejected');
    expect(await outcomeOf(instance(client, prefix), basic('reports', 'secre'))).toBe('401 exchange_rejected');
    expect(await outcomeOf(instance(client, prefix), basic('reports', 'secret'))).toBe(200);
    expect(provider.asked).toHaveLength(3);
  });

  test('are nobody’s who has another key', async () => {
    const { prefix } = ownKeys();
    const pair = basic('reports', 'secret');
    expect(await outcomeOf(instance(client, prefix), pair)).toBe(200);
    const cache = redisCache({ client, encryptionKey: randomBytes(32), prefix });
    expect(await outcomeOf(instance(client, prefix, { cache }), pair)).toBe(200);
    expect(provider.asked).toHaveLength(2);
  });
});

if (real !== undefined) {
  const client = real;
  describe('in a real Redis', () => {
    test('neither names nor values say anything, and they end with the token', async () => {
      const { prefix, keys } = ownKeys(client);
      provider.answer = () => granted({ access_token: token, expires_in: 100 });
      expect(await outcomeOf(instance(client, prefix), basic('reports', 'a long secret'))).toBe(200);
      const names = await keys();
      expect(names).toHaveLength(1);
      const [name = ''] = names;
      const value = String(await client.sendCommand(['GET', name]));
      for (const trace of ['reports', 'a long secret', token, token.slice(0, 20), 'eyJ']) {
        expect(name).not.toContain(trace);
        expect(value).not.toContain(trace);
        expect(Buffer.from(value, 'base64').toString('latin1')).not.toContain(trace);
      }
      const left = Number(await client.sendCommand(['PTTL', name]));
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(90_000);
    });

    test('what was changed there is a miss', async () => {
      const { prefix, keys } = ownKeys(client);
      const pair = basic('reports', 'secret');
      await outcomeOf(instance(client, prefix), pair);
      const [name = ''] = await keys();
      await client.sendCommand(['SET', name, 'x']);
      expect(await outcomeOf(instance(client, prefix), pair)).toBe(200);
      expect(provider.asked).toHaveLength(2);
    });
  });
}

test('an outage of Redis is a miss, or a 503 where that was asked for', async () => {
  const down = { sendCommand: () => Promise.reject(new Error('down')) };
  const { prefix } = ownKeys();
  expect(await outcomeOf(instance(down, prefix), basic('reports', 'secret'))).toBe(200);
  const cache = redisCache({ client: down, encryptionKey, prefix, onOutage: 'refuse' });
  expect(await outcomeOf(instance(down, prefix, { cache }), basic('reports', 'secret'))).toMatch(/^503 /);
});

test('a Redis that may take its time and does not answer is the outage that its policy names', async () => {
  const advance = fakeClock({ timers: true });
  const sendCommand = () => {
    setImmediate(() => advance(1.2));
    return new Promise<never>(() => undefined);
  };
  const cache = redisCache({ client: { sendCommand }, encryptionKey, timeout: 1.2, onOutage: 'refuse' });
  expect(await outcomeOf(grantMethod(provider, { cache }), basic('reports', 'secret'))).toBe('503 store_unavailable');
  expect(provider.asked).toEqual([]);
});
