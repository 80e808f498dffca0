import { randomUUID } from 'node:crypto';
import { afterAll } from '@jest/globals';
import { createClient } from 'redis';
import type { CallingClient, RedisClient, SendingClient } from '../../lib/redis/index.js';

/** The real Redis of these tests; where there is none, what needs one does not run, and a line says so. */
export const REDIS_URL = process.env.SALLYPORT_TEST_REDIS_URL;

export function sayThatRedisDidNotRun(what: string): void {
  if (REDIS_URL === undefined) process.stderr.write(`SALLYPORT_TEST_REDIS_URL is not set: ${what} did not run\n`);
}

const prefixes: string[] = [];

async function keysUnder(client: SendingClient, prefix: string): Promise<string[]> {
  return (await client.sendCommand(['KEYS', `${prefix}*`])) as string[];
}

/** Opens a client until the test file ends, which ignores lost connections. */
export async function redisClient(url: string) {
  const client = createClient({ url }).on('error', () => undefined);
  await client.connect();
  afterAll(async () => {
    for (const prefix of url === REDIS_URL ? prefixes : [])
      for (const key of await keysUnder(client, prefix)) await client.sendCommand(['DEL', key]);
    client.destroy();
  });
  return client;
}

/** Returns a prefix of this test file, whose keys are removed at its end. */
export function ownKeys(client?: SendingClient) {
  const prefix = `test:${randomUUID()}:`;
  prefixes.push(prefix);
  return { prefix, keys: async () => (client === undefined ? [] : keysUnder(client, prefix)) };
}

/** Client in the form of iovalkey and ioredis, over the same connection. */
export function callingForm(client: SendingClient): CallingClient {
  return { call: (command, ...args) => client.sendCommand([command, ...args]) };
}

/** Fake Redis without scripts, for runs without a server, and for reading its entries. */
export function mapRedis(): SendingClient & { readonly map: Map<string, string> } {
  const map = new Map<string, string>();
  const commands: Readonly<Record<string, (...args: string[]) => unknown>> = {
    GET: (key = '') => map.get(key) ?? null,
    DEL: (key = '') => Number(map.delete(key)),
    MGET: (...keys) => keys.map((key) => map.get(key) ?? null),
    SET(key = '', value = '', ...flags) {
      if (flags.includes('NX') && map.has(key)) return null;
      map.set(key, value);
      return 'OK';
    },
  };
  return { map, sendCommand: async ([name = '', ...args]) => commands[name]?.(...args) };
}

/** Every form of client that tests use. */
export async function redisForms(): Promise<readonly (readonly [name: string, client: RedisClient])[]> {
  const map = mapRedis();
  const fakes = [['a map', map] as const, ['a map, called', callingForm(map)] as const];
  if (REDIS_URL === undefined) return fakes;
  const client = await redisClient(REDIS_URL);
  return [...fakes, ['redis', client] as const, ['a client like iovalkey', callingForm(client)] as const];
}
