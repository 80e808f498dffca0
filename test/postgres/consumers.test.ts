import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { type ConsumerStore, consumerJwt } from '../../lib/index.js';
import { type KeyEncryption, postgresConsumers, type SqlClient } from '../../lib/postgres/index.js';
import { tokenOf } from '../helpers/consumers.js';
import { counting, type TestDatabase } from '../helpers/databases.js';
import { everyDatabase } from '../helpers/every-database.js';
import { app } from '../helpers/servers.js';
import { HOWTO, howtoToken } from '../helpers/tokens.js';

const [K1, K2] = [randomBytes(32), randomBytes(32)];
const OLD = { current: 'k1', keys: { k1: K1 } };
const BOTH = { current: 'k2', keys: { k1: K1, k2: K2 } };
const NEW = { current: 'k2', keys: { k2: K2 } };

/** What a client with a good token sees. */
async function seen(consumers: ConsumerStore, token = howtoToken()) {
  const method = consumerJwt({ consumers, exposeReason: true });
  const { status, body } = await request(app(method)).get('/').set('Authorization', `Bearer ${token}`);
  return status === 200 ? body.principal.username : `${status} ${body.code}`;
}

const OUTAGE = '503 store_unavailable';

describe.each(everyDatabase('the consumers'))('consumers in %s', (_name, open) => {
  let database: TestDatabase;
  let credentials: string;

  const store = (keyEncryption: KeyEncryption = OLD, client: SqlClient = database.client) =>
    postgresConsumers({ client, schema: database.schema, keyEncryption });
  const update = (assignments: string, values: unknown[] = []) =>
    database.client.query(`UPDATE ${credentials} SET ${assignments}`, values);
  const rows = async () => (await database.client.query(`SELECT * FROM ${credentials} ORDER BY position`)).rows;

  beforeAll(async () => {
    database = await open();
    credentials = `${database.schema}.sallyport_credentials`;
    const processes = [database.client, database.connect(), database.connect()];
    await Promise.all(processes.map((client) => store(OLD, client).migrate()));
  });
  afterAll(() => database.close());

  beforeEach(async () => {
    await database.client.query(`TRUNCATE ${database.schema}.sallyport_consumers CASCADE`);
    await store().createConsumer({ username: HOWTO.username });
    await store().createCredential({ consumer: HOWTO.username, key: HOWTO.key, secret: HOWTO.secret });
  });

  test('let their tokens in, over one query', async () => {
    const client = counting(database.client);
    expect(await seen(store(OLD, client))).toBe(HOWTO.username);
    expect(client.statements).toHaveLength(1);
  });

  test('are in the database with their secrets sealed, each time in another way', async () => {
    const twin = { consumer: HOWTO.username, secret: HOWTO.secret };
    await store().createCredential(twin);
    const shown = inspect(await rows(), { depth: 9 });
    const [first, second] = (await rows()) as { kek_id: string; sealed_secret: Uint8Array }[];
    const blob = Buffer.from(first?.sealed_secret ?? []);
    expect([first?.kek_id, blob.length]).toEqual(['k1', 1 + 12 + HOWTO.secret.length + 16]);
    expect(blob.includes(HOWTO.secret)).toBe(false);
    expect(shown).not.toContain(HOWTO.secret);
    expect(blob.equals(Buffer.from(second?.sealed_secret ?? []))).toBe(false);
  });

  test('show no key of either kind in a log', () => {
    const shown = inspect(store(BOTH), { depth: 20, showHidden: true });
    for (const hidden of [K1, K2]) expect(shown).not.toContain(inspect(hidden).slice(8, 40));
  });

  describe('a secret that was moved to another row is an outage and opens nothing:', () => {
    test('another credential', async () => {
      await update(`id = 'another'`);
      expect(await seen(store())).toBe(OUTAGE);
    });

    test('another algorithm', async () => {
      const secret = 'a secret that is long enough for each of the hashes, all 64 of it';
      await store().createCredential({ consumer: HOWTO.username, key: 'k', algorithm: 'HS512', secret });
      await update(`algorithm = 'HS256'`);
      expect(await seen(store(), tokenOf({ username: HOWTO.username, key: 'k', secret }))).toBe(OUTAGE);
    });

    test('another consumer’s', async () => {
      const { id } = await store().createConsumer({ username: 'mallory' });
      await update('consumer_id = $1', [id]);
      expect(await seen(store())).toBe(OUTAGE);
    });

    test('the row of a credential whose secret the thief knows', async () => {
      await store().createConsumer({ username: 'mallory' });
      await store().createCredential({ consumer: 'mallory', key: 'known', secret: HOWTO.secret });
      await update(`sealed_secret = (SELECT sealed_secret FROM ${credentials} WHERE key = 'known')`);
      expect(await seen(store())).toBe(OUTAGE);
    });
  });

  describe('a secret that was changed is an outage and opens nothing:', () => {
    const flipped = (at: number) => (blob: Buffer) => {
      const index = at < 0 ? blob.length + at : at;
      return Buffer.concat([blob.subarray(0, index), Buffer.of((blob[index] ?? 0) ^ 1), blob.subarray(index + 1)]);
    };
    test.each<[string, (blob: Buffer) => Buffer]>([
      ['its version', flipped(0)],
      ['its nonce', flipped(5)],
      ['its ciphertext', flipped(20)],
      ['its tag', flipped(-1)],
      ['a tag cut down to four bytes', (blob) => blob.subarray(0, -12)],
      ['all but the tag', (blob) => blob.subarray(0, 29)],
      ['everything', () => Buffer.alloc(0)],
    ])('%s', async (_what, change) => {
      const [row] = (await rows()) as { sealed_secret: Uint8Array }[];
      await update('sealed_secret = $1', [change(Buffer.from(row?.sealed_secret ?? []))]);
      expect(await seen(store())).toBe(OUTAGE);
    });
  });

  test('a secret under a key that is not configured is an outage, and none once it is', async () => {
    expect(await seen(store(NEW))).toBe(OUTAGE);
    expect(await seen(store({ current: 'k1', keys: { k1: K2 } }))).toBe(OUTAGE);
    expect(await seen(store(BOTH))).toBe(HOWTO.username);
  });

  test('a database out of reach is an outage, for tokens that name nobody too', async () => {
    const query = () => Promise.reject(new Error('connection refused'));
    expect(await seen(store(OLD, { query }))).toBe(OUTAGE);
    expect(await seen(store(OLD, { query }), howtoToken({ iss: 'nobody' }))).toBe(OUTAGE);
  });

  describe('resealing', () => {
    test('brings every secret under the current key, while requests go on, and then has nothing to do', async () => {
      for (let index = 0; index < 120; index += 1) await store().createCredential({ consumer: HOWTO.username });
      let done = false;
      const resealing = store(BOTH, database.connect())
        .reseal()
        .finally(() => {
          done = true;
        });
      const answers = new Set<unknown>();
      while (!done) answers.add(await seen(store(BOTH)));
      expect([await resealing, [...answers]]).toEqual([121, [HOWTO.username]]);
      expect(await store(BOTH).reseal()).toBe(0);
      expect(await seen(store(NEW))).toBe(HOWTO.username);
      expect(await seen(store(OLD))).toBe(OUTAGE);
    });

    test('leaves public keys, and rows that somebody changes meanwhile, as they are', async () => {
      const changing: SqlClient = {
        async query(text, values) {
          if (text.includes('SET sealed_secret')) await store(BOTH).revokeCredential(HOWTO.key);
          return database.client.query(text, values);
        },
      };
      expect(await store(BOTH, changing).reseal()).toBe(0);
      expect(await rows()).toEqual([]);
    });

    test('by two processes at once counts each secret once', async () => {
      for (let index = 0; index < 9; index += 1) await store().createCredential({ consumer: HOWTO.username });
      const counts = await Promise.all([store(BOTH).reseal(), store(BOTH, database.connect()).reseal()]);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10);
      expect(await seen(store(NEW))).toBe(HOWTO.username);
    });

    test('says which secrets do not open, after all others', async () => {
      const { id } = await store().createCredential({ consumer: HOWTO.username, key: 'lost' });
      await database.client.query(`UPDATE ${credentials} SET kek_id = 'k0' WHERE key = 'lost'`);
      await store().createCredential({ consumer: HOWTO.username, key: 'last' });
      await expect(store(BOTH).reseal()).rejects.toThrow(id);
      const keks = ((await rows()) as { key: string; kek_id: string }[]).map(({ kek_id }) => kek_id);
      expect(keks).toEqual(['k2', 'k0', 'k2']);
    });
  });

  test('rotations of one credential at once never let it live longer', async () => {
    const expiresAt = new Date(Date.now() + 30_000);
    await store().createCredential({ consumer: HOWTO.username, key: 'k', expiresAt });
    const handles = [store(), store(OLD, database.connect())];
    const rotated = await Promise.all(
      [600, 10, 300, 20].map((grace, index) => handles[index % 2]?.rotateCredential('k', { grace })),
    );
    expect(new Set(rotated.map((created) => created?.key)).size).toBe(4);
    const end = (await store().findCredential('k'))?.credential.expiresAt?.getTime() ?? 0;
    expect(end).toBeLessThanOrEqual(Date.now() + 10_000);
  });

  test('names and tags that no database keeps are refused, and found nowhere', async () => {
    for (const text of ['a\0', '\ud800']) {
      const refused = (option: string) => expect.objectContaining({ name: 'ConfigurationError', option });
      const consumers = store();
      await expect(consumers.createConsumer({ username: text })).rejects.toEqual(refused('createConsumer.username'));
      await expect(consumers.updateConsumer(HOWTO.username, { groups: ['a', text] })).rejects.toEqual(
        refused('updateConsumer.groups'),
      );
      await expect(consumers.createCredential({ consumer: HOWTO.username, key: text })).rejects.toEqual(
        refused('createCredential.key'),
      );
      expect((await consumers.listConsumers({ tags: [text] })).data).toEqual([]);
      expect((await consumers.listCredentials({ tags: [text] })).data).toEqual([]);
      expect(await consumers.revokeCredential(text)).toBe(false);
      expect(await seen(consumers, howtoToken({ iss: 'nobody' }))).toBe('401 credential_unknown');
    }
  });

  test('texts that look like statements are names like any other', async () => {
    const username = `'; DROP TABLE ${credentials}; --`;
    await store().createConsumer({ username, tags: ['"]}'] });
    expect(await store().getConsumer(username)).toMatchObject({ username, tags: ['"]}'] });
    expect((await store().listConsumers({ tags: ['"]}'] })).data).toHaveLength(1);
    expect(await rows()).toHaveLength(1);
  });

  test('a cursor that is no place in the listing ends it, or is refused', async () => {
    expect(await store().listConsumers({ after: '999999999999999' })).toEqual({ data: [] });
    await expect(store().listConsumers({ after: 'nonsense' })).rejects.toThrow('listConsumers.after');
    await expect(store().listCredentials({ size: 0 })).rejects.toThrow('listCredentials.size');
  });

  test('a consumer that is deleted while its credential is made gets none', async () => {
    const deleting: SqlClient = {
      async query(text, values) {
        if (text.startsWith('INSERT')) await store().deleteConsumer(HOWTO.username);
        return database.client.query(text, values);
      },
    };
    await expect(store(OLD, deleting).createCredential({ consumer: HOWTO.username })).rejects.toThrow(
      `createCredential: there is no consumer "${HOWTO.username}"`,
    );
    expect(await rows()).toEqual([]);
  });
});

test.each<[string, object]>([
  ['postgresConsumers.client', { client: {} }],
  ['postgresConsumers.schema', { schema: 'a; DROP TABLE b' }],
  ['postgresConsumers.keyEncryption', { keyEncryption: undefined }],
  ['postgresConsumers.keyEncryption.current', { keyEncryption: { ...OLD, current: '' } }],
  ['postgresConsumers.keyEncryption.current', { keyEncryption: { ...OLD, current: 'k2' } }],
  ['postgresConsumers.keyEncryption.current', { keyEncryption: { ...OLD, current: 'constructor' } }],
  ['postgresConsumers.keyEncryption.keys', { keyEncryption: { current: 'k1', keys: [K1] } }],
  ['postgresConsumers.keyEncryption.keys.k1', { keyEncryption: { current: 'k1', keys: { k1: randomBytes(31) } } }],
  ['postgresConsumers.keyEncryption.keys.k1', { keyEncryption: { current: 'k1', keys: { k1: undefined } } }],
  ['postgresConsumers.keyEncryption.keys.k1', { keyEncryption: { current: 'k1', keys: { k1: 'a'.repeat(32) } } }],
  ['postgresConsumers.keyEncryption.keys.k0', { keyEncryption: { current: 'k1', keys: { k1: K1, k0: '' } } }],
  ['postgresConsumers.keyEncryption.kek', { keyEncryption: { ...OLD, kek: K1 } }],
  ['postgresConsumers.schemas', { schemas: 'a' }],
])('%s is refused by its name (%#)', (option, wrong) => {
  const client = { query: async () => ({ rows: [] }) };
  const options = { client, keyEncryption: OLD, ...wrong };
  const refusal = expect.objectContaining({ name: 'ConfigurationError', option });
  expect(() => postgresConsumers(options as never)).toThrow(refusal as never);
});

test.each(['base64', 'base64url'] as const)('keys may be given in %s', (encoding) => {
  const client = { query: async () => ({ rows: [] }) };
  const keyEncryption = { current: 'k1', keys: { k1: K1.toString(encoding) } };
  expect(() => postgresConsumers({ client, keyEncryption })).not.toThrow();
});
