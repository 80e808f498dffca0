import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ConsumerCredential, type ManagedConsumerStore, memoryConsumers } from '../../lib/index.js';
import { postgresConsumers, type SqlClient } from '../../lib/postgres/index.js';
import { consumerStoreContract, type StoreUnderTest } from '../../lib/testing/index.js';
import { broken, pagedByOffset } from '../helpers/broken-store.js';
import type { TestDatabase } from '../helpers/databases.js';
import { everyDatabase } from '../helpers/every-database.js';
import { keyEncryption } from '../helpers/key-encryption.js';

describe('in memory', () => {
  for (const { title, run } of consumerStoreContract(() => ({ store: memoryConsumers() }))) test(title, run);
});

describe('in memory, given without anything beside it', () => {
  for (const { title, run } of consumerStoreContract(() => memoryConsumers())) test(title, run);
});

describe.each(everyDatabase('the contract of consumer stores'))('in %s', (_name, open) => {
  let database: TestDatabase;
  let another: SqlClient;
  const keys = keyEncryption();

  beforeAll(async () => {
    database = await open();
    another = database.connect();
    const { client, schema } = database;
    await postgresConsumers({ client, schema, keyEncryption: keys }).migrate();
  });
  afterAll(() => database.close());

  async function makeStore(): Promise<StoreUnderTest<ManagedConsumerStore>> {
    const { client, schema } = database;
    await client.query(`TRUNCATE ${schema}.sallyport_consumers CASCADE`);
    const [store, second] = [client, another].map((each) =>
      postgresConsumers({ client: each, schema, keyEncryption: keys }),
    );
    if (store === undefined || second === undefined) throw new Error('two clients make two stores');
    return { store, other: second };
  }

  for (const { title, run } of consumerStoreContract(makeStore)) test(title, run);
});

describe('a store that breaks a rule is caught:', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  const outage = () => Promise.reject(new Error('duplicate key value violates unique constraint'));

  /** Finds every credential with these fields changed. */
  const finding = (change: (credential: ConsumerCredential) => object) => (store: ManagedConsumerStore) => ({
    async findCredential(key: string) {
      const found = await store.findCredential(key);
      return found && { ...found, credential: { ...found.credential, ...change(found.credential) } };
    },
  });

  const BROKEN: Readonly<Record<string, (store: ManagedConsumerStore) => Partial<ManagedConsumerStore>>> = {
    'a consumer is found by id and by username': (store) => ({
      getConsumer: async (name) => (name === 'jsmith' ? undefined : store.getConsumer(name)),
    }),
    'nobody is found by no name, another case': (store) => ({
      getConsumer: (name) => store.getConsumer(typeof name === 'string' ? name.toLowerCase() : name),
    }),
    'an id, username or customId that is taken': (store) => ({
      createConsumer: (consumer) => store.createConsumer(consumer).catch(outage),
    }),
    'of several who take one username': (store) => ({
      createConsumer: (consumer) =>
        store.createConsumer(consumer).catch(() => store.createConsumer({ customId: randomUUID() })),
    }),
    'an update changes what is given': (store) => ({
      async updateConsumer(consumer, changes) {
        const {
          id: _id,
          createdAt: _since,
          ...current
        } = (await store.getConsumer(consumer)) ?? {
          id: '',
          createdAt: '',
        };
        return store.updateConsumer(consumer, { ...current, ...changes });
      },
    }),
    'an update of nobody': (store) => ({
      updateConsumer: (consumer, changes) => store.updateConsumer(consumer, changes).catch(outage),
    }),
    'consumers are listed in order of creation': (store) => ({
      async listConsumers({ tags = [], ...page } = {}) {
        return pagedByOffset((await store.listConsumers({ tags })).data, page);
      },
    }),
    'a credential is found with its consumer': finding(() => ({ expiresAt: undefined })),
    'a public key is found as it was given': finding(() => ({ publicKey: other })),
    'a weak secret stays allowed': finding(() => ({ allowWeakSecret: false })),
    'a disabled credential is found as such': finding(() => ({ enabled: true })),
    'a key that is nobody’s': (store) => ({ findCredential: (key) => store.findCredential(key.toLowerCase()) }),
    'a secret is shown when it is created': (store) => {
      let secret: string | undefined;
      return {
        async createCredential(credential) {
          const created = await store.createCredential(credential);
          secret = created.secret;
          return created;
        },
        async listCredentials(options) {
          const { data, ...page } = await store.listCredentials(options);
          return { ...page, data: data.map((info) => ({ ...info, secret })) };
        },
      };
    },
    'a key or id that is taken': (store) => ({
      createCredential: (credential) => store.createCredential(credential).catch(outage),
    }),
    'of several who take one key': (store) => ({
      createCredential: (credential) =>
        store.createCredential(credential).catch(() => store.createCredential({ ...credential, key: randomUUID() })),
    }),
    'a credential is gone at once': () => ({ revokeCredential: async () => true }),
    'credentials are listed in order of creation': (store) => ({
      async listCredentials({ size, after, ...options } = {}) {
        const page = { ...(size === undefined ? {} : { size }), ...(after === undefined ? {} : { after }) };
        return pagedByOffset((await store.listCredentials(options)).data, page);
      },
    }),
    'rotation gives a successor': (store) => ({
      async rotateCredential(key, options) {
        const created = await store.rotateCredential(key, options);
        await store.revokeCredential(key);
        return created;
      },
    }),
    'grace never lets a credential live longer': finding(({ expiresAt }) => ({
      expiresAt: expiresAt && new Date(Date.now() + 3_600_000),
    })),
    'a disabled credential is not switched on': (store) => ({
      rotateCredential: (key, options) => store.rotateCredential(key, { ...options, enabled: true }),
    }),
    'a rotation that is refused changes nothing': (store) => {
      const end = new Date(Date.now() + 60_000);
      let expiresAt: Date | undefined;
      return {
        ...finding(() => (expiresAt === undefined ? {} : { expiresAt }))(store),
        rotateCredential(key, options) {
          expiresAt = end;
          return store.rotateCredential(key, options);
        },
      };
    },
  };

  test('there is one for every rule', () => {
    const titles = consumerStoreContract(() => ({ store: memoryConsumers() })).map(({ title }) => title);
    const covered = titles.map((title) => Object.keys(BROKEN).filter((start) => title.startsWith(start)));
    expect(covered).toEqual(Object.keys(BROKEN).map((start) => [start]));
  });

  test.each(Object.entries(BROKEN))('%s', async (start, wrong) => {
    const store = memoryConsumers();
    const rules = consumerStoreContract(() => ({ store: broken(store, wrong(store)) }));
    await expect(rules.find(({ title }) => title.startsWith(start))?.run()).rejects.toThrow();
  });
});
