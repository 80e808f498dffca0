import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '../../lib/index.js';
import { type RedisClient, redisCache, redisStates } from '../../lib/redis/index.js';
import { mapRedis, ownKeys, redisForms, sayThatRedisDidNotRun } from '../helpers/redis.js';

sayThatRedisDidNotRun('the cache and the states in Redis');
const FORMS = await redisForms();
const { prefix } = ownKeys();
const encryptionKey = randomBytes(32);
const cacheOf = (client: RedisClient, key: Uint8Array | string = encryptionKey) =>
  redisCache({ client, encryptionKey: key, prefix });

let count = 0;
const fresh = () => `key-${++count}`;
/** Waits until Redis has let go of something. */
async function gone(isThere: () => Promise<boolean>): Promise<void> {
  while (await isThere()) await new Promise((resume) => setTimeout(resume, 5));
}

describe.each(FORMS)('a cache in %s', (form, client) => {
  const cache = cacheOf(client);

  test('gives back what it was given, under its key', async () => {
    const key = fresh();
    expect(await cache.get(key)).toBeUndefined();
    await cache.set(key, '{"active":true,"name":"Zoë"}', 60);
    expect(await cache.get(key)).toBe('{"active":true,"name":"Zoë"}');
    expect(await cache.get(fresh())).toBeUndefined();
    await cache.delete(key);
    expect(await cache.get(key)).toBeUndefined();
  });

  test('keeps an empty value apart from none', async () => {
    const key = fresh();
    await cache.set(key, '', 60);
    expect(await cache.get(key)).toBe('');
  });

  test('keeps nothing whose time has come', async () => {
    for (const ttl of [0, -1, Number.NaN]) {
      const key = fresh();
      await cache.set(key, 'old', ttl);
      expect(await cache.get(key)).toBeUndefined();
    }
  });

  test('is shared by whoever has the key, however written, and by nobody else', async () => {
    const key = fresh();
    await cache.set(key, 'shared', 60);
    for (const encoding of ['base64', 'base64url'] as const) {
      expect(await cacheOf(client, encryptionKey.toString(encoding)).get(key)).toBe('shared');
    }
    expect(await cacheOf(client, randomBytes(32)).get(key)).toBeUndefined();
  });

  if (!form.startsWith('a map')) {
    test('lets go when the time is over', async () => {
      const key = fresh();
      await cache.set(key, 'short', 0.05);
      await gone(async () => (await cache.get(key)) !== undefined);
      expect(await cache.get(key)).toBeUndefined();
    });
  }
});

describe('whoever can write to Redis', () => {
  const changes: readonly (readonly [what: string, change: (sealed: Buffer, other: Buffer) => Buffer])[] = [
    ['a value of another key', (_sealed, other) => other],
    ['a changed byte', (sealed) => Buffer.from(sealed.map((byte, at) => (at === 14 ? byte ^ 1 : byte)))],
    ['a tag of four bytes', (sealed) => sealed.subarray(0, -12)],
    ['nothing', () => Buffer.alloc(0)],
    ['plain text', () => Buffer.from('{"active":true}')],
  ];
  test.each(changes)('cannot plant %s: it is a miss', async (_what, change) => {
    const client = mapRedis();
    const cache = cacheOf(client);
    await cache.set('mine', '{"active":false}', 60);
    const [[name, sealed]] = [...client.map] as [[string, string]];
    await cache.set('other', '{"active":true}', 60);
    const other = [...client.map.values()][1] ?? '';
    const [ours, theirs] = [sealed, other].map((text) => Buffer.from(text, 'base64url')) as [Buffer, Buffer];
    client.map.set(name, change(ours, theirs).toString('base64url'));
    expect(await cache.get('mine')).toBeUndefined();
    client.map.set(name, sealed);
    expect(await cache.get('mine')).toBe('{"active":false}');
  });

  test('sees no two equal values, and learns no key from a name', async () => {
    const client = mapRedis();
    await cacheOf(client).set('mine', 'same', 60);
    await cacheOf(client).set('other', 'same', 60);
    await cacheOf(client, randomBytes(32)).set('mine', 'same', 60);
    expect(new Set(client.map.keys()).size).toBe(3);
    expect(new Set(client.map.values()).size).toBe(3);
    const [first] = client.map.values();
    await cacheOf(client).set('mine', 'same', 60);
    expect([...client.map.values()]).not.toContain(first);
  });
});

describe.each(FORMS)('states in %s', (form, client) => {
  const states = redisStates({ client, prefix });

  test('are for the first who claims one, however many try at once', async () => {
    const id = fresh();
    const claims = await Promise.all(Array.from({ length: 50 }, () => states.claim(id, 60)));
    expect(claims.filter((claim) => claim)).toHaveLength(1);
    expect(await redisStates({ client, prefix }).claim(id, 60)).toBe(false);
    expect(await states.claim(fresh(), 60)).toBe(true);
  });

  if (!form.startsWith('a map')) {
    test('may be claimed again when their time is over', async () => {
      const id = fresh();
      expect(await states.claim(id, 0.05)).toBe(true);
      await gone(async () => !(await states.claim(id, 60)));
      expect(await states.claim(id, 60)).toBe(false);
    });
  }
});

describe('at creation, refuses', () => {
  const client = mapRedis();
  test.each<[what: string, make: () => unknown]>([
    ['a short key', () => cacheOf(client, randomBytes(16))],
    ['a password for a key', () => cacheOf(client, 'correct horse battery staple')],
    ['no key', () => redisCache({ client } as never)],
    ['no client', () => redisStates({} as never)],
    ['a URL for a client', () => redisStates({ client: 'redis://localhost' as never })],
    ['an unknown policy', () => redisStates({ client, onOutage: 'ignore' as never })],
    ['an empty prefix', () => redisStates({ client, prefix: '' })],
    ['milliseconds for a time limit', () => redisStates({ client, timeout: 1000 })],
    ['an unknown option', () => redisStates({ client, url: 'redis://localhost' } as never)],
  ])('%s', (_what, make) => {
    expect(make).toThrow(ConfigurationError);
  });
});
