import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiKey, type ManagedApiKeyStore, memoryApiKeys } from '../../lib/index.js';
import { postgresApiKeys, type SqlClient } from '../../lib/postgres/index.js';
import { apiKeyStoreContract } from '../../lib/testing/index.js';
import { broken, pagedByOffset } from '../helpers/broken-store.js';
import type { TestDatabase } from '../helpers/databases.js';
import { everyDatabase } from '../helpers/every-database.js';

describe('in memory', () => {
  for (const { title, run } of apiKeyStoreContract(() => ({ store: memoryApiKeys() }))) test(title, run);
});

describe('in memory, given without anything beside it', () => {
  for (const { title, run } of apiKeyStoreContract(async () => memoryApiKeys())) test(title, run);
});

describe.each(everyDatabase('the contract of API key stores'))('in %s', (_name, open) => {
  let database: TestDatabase;
  let another: SqlClient;
  beforeAll(async () => {
    database = await open();
    another = database.connect();
    const { client, schema } = database;
    await postgresApiKeys({ client, schema }).migrate();
  });
  afterAll(() => database.close());

  const rules = apiKeyStoreContract(async () => {
    const { client, schema } = database;
    await client.query(`TRUNCATE ${schema}.sallyport_api_keys`);
    return { store: postgresApiKeys({ client, schema }), other: postgresApiKeys({ client: another, schema }) };
  });
  for (const { title, run } of rules) test(title, run);
});

describe('a store that breaks a rule is caught:', () => {
  const outage = () => Promise.reject(new Error('out of reach'));

  /** Finds every key with these fields changed. */
  const finding = (change: (found: ApiKey) => object) => (store: ManagedApiKeyStore) => ({
    async findApiKey(key: string) {
      const found = await store.findApiKey(key);
      return found && { ...found, ...change(found) };
    },
  });

  /** Remembers every key that is created, and passes it on. */
  function remembering(store: ManagedApiKeyStore) {
    const keys: string[] = [];
    const create: ManagedApiKeyStore['create'] = async (given) => {
      const created = await store.create(given);
      keys.push(created.key);
      return created;
    };
    return { keys, create };
  }

  const BROKEN: Readonly<Record<string, (store: ManagedApiKeyStore) => Partial<ManagedApiKeyStore>>> = {
    'a key is found with its owner': finding(() => ({ groups: [] })),
    'nothing but the whole key': (store) => {
      const { keys, create } = remembering(store);
      // Looks at the id and the secret, and not at the checksum.
      return {
        create,
        findApiKey: async (text) =>
          store.findApiKey(keys.find((key) => key.slice(0, -6) === text.slice(0, -6)) ?? text),
      };
    },
    'the secret of one key does not open another': (store) => {
      const { keys, create } = remembering(store);
      return {
        create,
        findApiKey: async (text) => store.findApiKey(keys.find((key) => key.slice(20) === text.slice(20)) ?? text),
      };
    },
    'a key is shown when it is created': (store) => {
      const { keys, create } = remembering(store);
      return {
        create,
        async list(options) {
          const { data, ...page } = await store.list(options);
          return { ...page, data: data.map((info, index) => ({ ...info, key: keys[index] })) };
        },
      };
    },
    'a revoked key opens nothing': () => ({ revoke: async (id) => id !== 'unknown' && id.length === 16 }),
    'a key that has expired': finding(() => ({ expiresAt: undefined })),
    'rotation gives a successor': (store) => ({
      async rotate(id, options) {
        const created = await store.rotate(id, options);
        await store.revoke(id);
        return created;
      },
    }),
    'grace never lets a key live longer': finding(({ expiresAt }) => ({
      expiresAt: expiresAt && new Date(Date.now() + 3_600_000),
    })),
    'keys are listed in order of creation': (store) => ({
      async list({ owner, ...page } = {}) {
        const { data } = await store.list(owner === undefined ? {} : { owner });
        return pagedByOffset(
          data.filter(({ enabled }) => enabled),
          page,
        );
      },
    }),
    'a key without an owner': (store) => ({ create: (given) => store.create(given).catch(outage) }),
  };

  test('there is one for every rule', () => {
    const titles = apiKeyStoreContract(() => ({ store: memoryApiKeys() })).map(({ title }) => title);
    const covered = titles.map((title) => Object.keys(BROKEN).filter((start) => title.startsWith(start)));
    expect(covered).toEqual(Object.keys(BROKEN).map((start) => [start]));
  });

  test.each(Object.entries(BROKEN))('%s', async (start, wrong) => {
    const store = memoryApiKeys();
    const rules = apiKeyStoreContract(() => ({ store: broken(store, wrong(store)) }));
    await expect(rules.find(({ title }) => title.startsWith(start))?.run()).rejects.toThrow();
  });
});
