import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { pgListener, postgresUsers, type SqlListener } from '../../lib/postgres/index.js';
import { embeddedDatabase, realDatabase, type TestDatabase, withPostgres } from '../helpers/databases.js';
import { accessToken, ISSUER, present } from '../helpers/oidc-door.js';
import { policy, staffDoor } from '../helpers/people.js';
import { until } from '../helpers/until.js';

interface Place {
  readonly database: TestDatabase;
  readonly listener: SqlListener;
  /** Until the connection listens. */
  settled(): Promise<unknown>;
  close(): Promise<void>;
}

async function embedded(): Promise<Place> {
  const database = await embeddedDatabase();
  const { db } = database;
  return { database, listener: db, settled: () => db.query('SELECT 1'), close: () => database.close() };
}

async function real(url: string): Promise<Place> {
  const database = realDatabase(url);
  const client = new pg.Client(url);
  await client.connect();
  const close = async () => {
    await client.end();
    await database.close();
  };
  const { rows: mine } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const last = 'SELECT query, state FROM pg_stat_activity WHERE pid = $1';
  const settled = () =>
    until(async () => {
      const { rows } = await database.client.query(last, [mine[0]?.pid]);
      const [{ query, state }] = rows as [{ query: string; state: string }];
      return state === 'idle' && query.startsWith('LISTEN');
    });
  return { database, listener: pgListener(client), settled, close };
}

const places: [name: string, open: () => Promise<Place>][] = [
  ['PGlite', embedded],
  ...(withPostgres('invalidation across processes', (url): [string, () => Promise<Place>][] => [
    ['PostgreSQL', () => real(url)],
  ]) ?? []),
];

describe.each(places)('on %s', (_name, open) => {
  let place: Place;
  beforeAll(async () => {
    place = await open();
    const { client, schema } = place.database;
    await postgresUsers({ client, schema }).migrate();
  });
  afterAll(() => place.close());

  /** A store as this process has it, and as another one has it that tells nobody here. */
  function stores() {
    const { schema } = place.database;
    const store = postgresUsers({ client: place.database.client, schema, listener: place.listener });
    return { store, elsewhere: postgresUsers({ client: place.database.connect(), schema }) };
  }

  const codeOf = async (method: ReturnType<typeof staffDoor>, sub: string) => {
    const { status, code } = await present(method, accessToken({ sub }));
    return code ?? status;
  };
  /** News takes its time, and a cache that heard none would take a minute. */
  const comesTo = (method: ReturnType<typeof staffDoor>, sub: string, code: unknown) =>
    until(async () => (await codeOf(method, sub)) === code);

  test('a user who is disabled in another process is out here, and in again as they are enabled', async () => {
    const { store, elsewhere } = stores();
    const method = staffDoor(policy({ store }));
    await place.settled();
    const { id } = (await present(method, accessToken({ sub: 'disabled' }))).principal;
    await elsewhere.setStatus(id, 'disabled');
    await comesTo(method, 'disabled', 'user_disabled');
    await elsewhere.setStatus(id, 'active');
    await comesTo(method, 'disabled', 200);
    await method.close();
  });

  test('so is an identity that is taken away there', async () => {
    const { store, elsewhere } = stores();
    const method = staffDoor(policy({ store }));
    await place.settled();
    const { id } = (await present(method, accessToken({ sub: 'unlinked' }))).principal;
    await elsewhere.unlink(id, { tenant: '', issuer: ISSUER, subject: 'unlinked' });
    await comesTo(method, 'unlinked', 'registration_denied');
    await method.close();
  });

  test('one method that closes keeps no other from hearing, of this store or of another one', async () => {
    const [one, two] = [stores(), stores()];
    const doors = [one.store, one.store, two.store].map((store) => staffDoor(policy({ store })));
    const [closing, staying, another] = doors;
    if (closing === undefined || staying === undefined || another === undefined) throw new Error('three doors');
    await place.settled();
    const { id } = (await present(staying, accessToken({ sub: 'heard' }))).principal;
    expect(await codeOf(another, 'heard')).toBe(200);
    await closing.close();
    await place.settled();
    await one.elsewhere.setStatus(id, 'disabled');
    await comesTo(staying, 'heard', 'user_disabled');
    await comesTo(another, 'heard', 'user_disabled');
    await Promise.all([staying.close(), another.close()]);
  });

  test('a change that is made through the store itself is heard without any listener', async () => {
    const { schema, client } = place.database;
    const store = postgresUsers({ client, schema });
    const method = staffDoor(policy({ store }));
    const { id } = (await present(method, accessToken({ sub: 'local' }))).principal;
    await store.setStatus(id, 'disabled');
    expect(await codeOf(method, 'local')).toBe('user_disabled');
  });
});

describe('a listener', () => {
  const fakeClient = (query: (text: string) => Promise<unknown>) => {
    const listeners = new Set<(message: { channel: string; payload?: string }) => void>();
    const asked: string[] = [];
    const client = {
      query: (text: string) => {
        asked.push(text);
        return query(text);
      },
      on: (_event: 'notification', listener: (message: { channel: string; payload?: string }) => void) =>
        listeners.add(listener),
      removeListener: (_event: 'notification', listener: (message: { channel: string; payload?: string }) => void) =>
        listeners.delete(listener),
    };
    const notify = (channel: string, payload?: string) => {
      for (const listener of listeners) listener(payload === undefined ? { channel } : { channel, payload });
    };
    return { client, asked, listeners, notify };
  };

  test('asks the connection to listen, hears its channel only, and leaves nothing behind', async () => {
    const { client, asked, listeners, notify } = fakeClient(async () => undefined);
    const listener = pgListener(client);
    const heard: string[] = [];
    const [stopOne, stopTwo] = [
      await listener.listen('news', (payload) => heard.push(`1 ${payload}`)),
      await listener.listen('news', (payload) => heard.push(`2 ${payload}`)),
    ];
    notify('news', 'a');
    notify('other', 'b');
    await stopOne();
    notify('news', 'c');
    expect(heard).toEqual(['1 a', '2 a', '2 c']);
    expect([listeners.size, asked]).toEqual([1, ['LISTEN "news"', 'LISTEN "news"']]);
    await stopTwo();
    expect([listeners.size, asked.at(-1)]).toEqual([0, 'UNLISTEN "news"']);
  });

  test('whose connection is broken leaves nothing behind either, and the store serves without it', async () => {
    const { client, listeners } = fakeClient(() => Promise.reject(new Error('down')));
    await expect(pgListener(client).listen('news', () => undefined)).rejects.toThrow('down');
    expect(listeners.size).toBe(0);
    const store = postgresUsers({ client: { query: async () => ({ rows: [] }) }, listener: pgListener(client) });
    const method = staffDoor(policy({ store, autoRegister: false }));
    expect((await present(method, accessToken())).code).toBe('user_not_registered');
    await method.close();
  });
});
