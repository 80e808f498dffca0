import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { type ApiKeyStore, apiKey, memoryApiKeys } from '../../lib/index.js';
import { postgresApiKeys, type SqlClient } from '../../lib/postgres/index.js';
import { forgedKey } from '../helpers/api-keys.js';
import { counting, type TestDatabase } from '../helpers/databases.js';
import { everyDatabase } from '../helpers/every-database.js';
import { app } from '../helpers/servers.js';

async function seen(keys: ApiKeyStore, key: string) {
  const { status, body } = await request(app(apiKey({ keys, exposeReason: true })))
    .get('/')
    .set('x-api-key', key);
  return status === 200 ? body.principal.username : `${status} ${body.code}`;
}

describe.each(everyDatabase('the API keys'))('API keys in %s', (_name, open) => {
  let database: TestDatabase;
  const store = (client: SqlClient = database.client) => postgresApiKeys({ client, schema: database.schema });
  const rowOf = async (id: string) => {
    const { rows } = await database.client.query(`SELECT * FROM ${database.schema}.sallyport_api_keys WHERE id = $1`, [
      id,
    ]);
    return rows[0] as Record<string, unknown>;
  };

  beforeAll(async () => {
    database = await open();
    await Promise.all([store().migrate(), store(database.connect()).migrate()]);
  });
  afterAll(() => database.close());

  test('are kept as a hash only', async () => {
    const { key, id, start } = await store().create({ owner: 'build' });
    const row = await rowOf(id);
    expect(Buffer.from(row.hash as Uint8Array)).toEqual(createHash('sha256').update(key).digest());
    const shown = inspect({ ...row, hash: undefined }, { depth: 9 });
    expect(shown).toContain(start);
    expect(shown).not.toContain(key.slice(start.length + 1));
  });

  test('are looked up with one query', async () => {
    const { key } = await store().create({ owner: 'build' });
    const client = counting(database.client);
    expect(await seen(store(client), key)).toBe('build');
    expect(client.statements).toHaveLength(1);
  });

  test('are not even looked up where they are mistyped, of another prefix, or no keys at all', async () => {
    const { key } = await store().create({ owner: 'build' });
    const { key: foreign } = await memoryApiKeys([], { prefix: 'other' }).create({ owner: 'a' });
    const client = counting(database.client);
    const last = key.endsWith('0') ? '1' : '0';
    for (const text of [key.slice(0, -1) + last, key.slice(0, -1), `${key}0`, foreign, 'garbage', 'a.b.c']) {
      expect(await seen(store(client), text)).toBe('401 credential_unknown');
    }
    expect(client.statements).toEqual([]);
  });

  test('open nothing by their id and a good checksum alone, known or unknown', async () => {
    const { start } = await store().create({ owner: 'a' });
    const client = counting(database.client);
    for (const forged of [forgedKey(start), forgedKey('sp_0123456789abcdef')]) {
      expect(await seen(store(client), forged)).toBe('401 credential_unknown');
    }
    expect(client.statements).toHaveLength(2);
  });

  test('open nothing once they are gone', async () => {
    const [mine, other] = [await store().create({ owner: 'a' }), await store().create({ owner: 'b' })];
    await database.client.query(`DELETE FROM ${database.schema}.sallyport_api_keys WHERE id = $1`, [other.id]);
    expect(await seen(store(), other.key)).toBe('401 credential_unknown');
    expect(await seen(store(), mine.key)).toBe('a');
  });

  test('a hash that is none, and a database out of reach, are outages', async () => {
    const { key, id } = await store().create({ owner: 'a' });
    await database.client.query(`UPDATE ${database.schema}.sallyport_api_keys SET hash = '\\x00' WHERE id = $1`, [id]);
    expect(await seen(store(), key)).toBe('503 store_unavailable');
    const query = () => Promise.reject(new Error('connection refused'));
    expect(await seen(store({ query }), key)).toBe('503 store_unavailable');
  });

  test('a key that is revoked while it is renewed gets no successor', async () => {
    const { id } = await store().create({ owner: 'racing' });
    const revoking: SqlClient = {
      async query(text, values) {
        if (text.startsWith('WITH')) await store().revoke(id);
        return database.client.query(text, values);
      },
    };
    await expect(store(revoking).rotate(id)).rejects.toThrow(`rotate: there is no API key with the id "${id}"`);
    expect((await store().list({ owner: 'racing' })).data).toHaveLength(1);
  });

  test('renewed by several at once, a key never lives longer', async () => {
    const { id, key } = await store().create({ owner: 'a', expiresAt: new Date(Date.now() + 30_000) });
    const handles = [store(), store(database.connect())];
    await Promise.all([600, 10, 300].map((grace, index) => handles[index % 2]?.rotate(id, { grace })));
    const end = (await store().findApiKey(key))?.expiresAt?.getTime() ?? 0;
    expect(end).toBeLessThanOrEqual(Date.now() + 10_000);
  });

  test('owners that no database keeps are refused, and have no keys', async () => {
    for (const owner of ['a\0', '\ud800']) {
      await expect(store().create({ owner })).rejects.toThrow('create.owner');
      expect(await store().list({ owner })).toEqual({ data: [] });
    }
  });
});

test.each<[string, object]>([
  ['postgresApiKeys.client', { client: {} }],
  ['postgresApiKeys.schema', { schema: 'a; DROP TABLE b' }],
  ['postgresApiKeys.prefix', { prefix: 'a-b' }],
  ['postgresApiKeys.keyEncryption', { keyEncryption: {} }],
])('%s is refused by its name', (option, wrong) => {
  const options = { client: { query: async () => ({ rows: [] }) }, ...wrong };
  const refusal = expect.objectContaining({ name: 'ConfigurationError', option });
  expect(() => postgresApiKeys(options as never)).toThrow(refusal as never);
});
