import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { postgresUsers, type SqlClient } from '../../lib/postgres/index.js';
import { builtLib } from '../helpers/built-lib.js';
import { counting, embeddedDatabase, realDatabase, type TestDatabase, withPostgres } from '../helpers/databases.js';
import { fakeClock } from '../helpers/fake-clock.js';
import { accessToken, ISSUER, PROVIDER_KEY, PROVIDER_PEM, present } from '../helpers/oidc-door.js';
import { askAtOnce, OTHER_ISSUER, policy, staffDoor, verified } from '../helpers/people.js';
import { Worker } from '../helpers/workers.js';

interface Seen {
  status: number;
  id?: string;
  created?: boolean;
  code?: string;
}

/** How many rows there are, and how many that hang on nothing. */
async function census({ client, schema }: { client: SqlClient; schema: string }) {
  const { rows } = await client.query(`SELECT
    (SELECT count(*)::int FROM ${schema}.sallyport_users) AS users,
    (SELECT count(*)::int FROM ${schema}.sallyport_identities) AS identities,
    (SELECT count(*)::int FROM ${schema}.sallyport_users u
       WHERE NOT EXISTS (SELECT 1 FROM ${schema}.sallyport_identities i WHERE i.user_id = u.id)) AS orphans`);
  return rows[0];
}

const statusesOf = (seen: readonly Seen[]) => [...new Set(seen.map(({ status }) => status))];
const createdIn = (seen: readonly Seen[]) => seen.filter(({ created }) => created === true).length;

describe('one process on PGlite', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await embeddedDatabase();
    await postgresUsers({ client: database.client, schema: database.schema }).migrate();
  });
  afterAll(() => database.close());

  test('200 first requests of 5 people make 5 users, 5 created, no error and no orphan', async () => {
    fakeClock({ timers: true });
    const store = postgresUsers({ client: database.client, schema: database.schema });
    const tokens = Array.from({ length: 200 }, (_, index) => accessToken({ sub: `s-${index % 5}`, jti: `t-${index}` }));
    const answers = await askAtOnce(staffDoor(policy({ store })), tokens);
    expect(statusesOf(answers)).toEqual([200]);
    expect(answers.filter(({ principal }) => principal.created === true)).toHaveLength(5);
    expect(await census(database)).toEqual({ users: 5, identities: 5, orphans: 0 });
  });

  test('a warm principal costs no query, whatever is synced', async () => {
    fakeClock({ timers: true });
    const client = counting(database.client);
    const store = postgresUsers({ client, schema: database.schema });
    const method = staffDoor(policy({ store, groups: { mode: 'mirror' }, profileSync: 'every' }));
    const token = accessToken(verified('warm@example.com', { sub: 'warm', groups: ['ops'] }));
    await present(method, token);
    expect(client.statements.length).toBeGreaterThan(0);
    client.statements.length = 0;
    await askAtOnce(method, Array(100).fill(token));
    expect(client.statements).toEqual([]);
  });
});

withPostgres('what several processes do together', (url) =>
  describe('4 processes on one PostgreSQL', () => {
    const lib = builtLib();
    let database: ReturnType<typeof realDatabase>;
    beforeAll(async () => {
      database = realDatabase(url);
      await postgresUsers({ client: database.client, schema: database.schema }).migrate();
    });
    afterAll(async () => {
      lib.remove();
      await database.close();
    });

    const publicKey = PROVIDER_PEM;
    const common = () => ({ lib: lib.url, url, schema: database.schema, publicKey });

    /** Every worker is ready before any is told. */
    async function together(script: string, settings: object, tokens: readonly string[]): Promise<unknown[]> {
      const workers = Array.from({ length: 4 }, () => new Worker(script, { ...common(), ...settings }));
      try {
        for (const worker of workers) await worker.hear();
        for (const worker of workers) worker.tell([...tokens]);
        return (await Promise.all(workers.map((worker) => worker.hear<unknown[]>()))).flat();
      } finally {
        await Promise.all(workers.map((worker) => worker.end()));
      }
    }

    const empty = () => database.client.query(`TRUNCATE ${database.schema}.sallyport_users CASCADE`);

    test('1200 first requests of 5 people make 5 users, 5 created, no error and no orphan', async () => {
      await empty();
      const tokens = Array.from({ length: 300 }, (_, index) =>
        accessToken(verified(`s-${index % 5}@example.com`, { sub: `s-${index % 5}`, jti: `t-${index}` })),
      );
      const seen = (await together('requests.mjs', { issuers: [ISSUER] }, tokens)) as Seen[];
      expect([seen.length, statusesOf(seen), createdIn(seen)]).toEqual([1200, [200], 5]);
      expect(new Set(seen.map(({ id }) => id)).size).toBe(5);
      expect(await census(database)).toEqual({ users: 5, identities: 5, orphans: 0 });
    });

    const people = 20;
    const pairs = Array.from({ length: people }, (_, person) =>
      [ISSUER, OTHER_ISSUER].map((iss) =>
        accessToken(verified(`p-${person}@example.com`, { iss, sub: `p-${person}` }), { key: PROVIDER_KEY }),
      ),
    ).flat();

    test('two issuers with one verified address each make one user with two identities of everybody', async () => {
      await empty();
      const seen = (await together(
        'requests.mjs',
        { issuers: [ISSUER, OTHER_ISSUER], linkByEmail: 'verified' },
        pairs,
      )) as Seen[];
      expect([statusesOf(seen), createdIn(seen)]).toEqual([[200], people]);
      expect(new Set(seen.map(({ id }) => id)).size).toBe(people);
      expect(await census(database)).toEqual({ users: people, identities: 2 * people, orphans: 0 });
    });

    test('the same with linking off: one user, account_link_required for the other, no orphan', async () => {
      await empty();
      const settings = { issuers: [ISSUER, OTHER_ISSUER], linkByEmail: 'never' };
      const seen = (await together('requests.mjs', settings, pairs)) as Seen[];
      const refused = seen.filter(({ status }) => status !== 200);
      expect(new Set(refused.map(({ status, code }) => `${status} ${code}`))).toEqual(
        new Set(['403 account_link_required']),
      );
      expect([seen.length - refused.length, refused.length, createdIn(seen)]).toEqual([4 * people, 4 * people, people]);
      expect(await census(database)).toEqual({ users: people, identities: people, orphans: 0 });
    });

    test('a callback under claims meets everybody first exactly once', async () => {
      await database.client.query(`CREATE TABLE ${database.schema}.calls (key text, reason text)`);
      const tokens = Array.from({ length: 60 }, (_, index) => accessToken({ sub: `c-${index % 6}` }));
      const statuses = await together('callback.mjs', { issuer: ISSUER, timeout: 30 }, tokens);
      expect(new Set(statuses)).toEqual(new Set([200]));
      const { rows } = await database.client.query(
        `SELECT key, count(*)::int AS times FROM ${database.schema}.calls WHERE reason = 'first-seen' GROUP BY key`,
      );
      expect((rows as { times: number }[]).map(({ times }) => times)).toEqual([1, 1, 1, 1, 1, 1]);
    });

    test('whoever dies while registering is followed by another once the lease is over', async () => {
      await database.client.query(`CREATE TABLE IF NOT EXISTS ${database.schema}.calls (key text, reason text)`);
      await database.client.query(`TRUNCATE ${database.schema}.calls`);
      const token = accessToken({ sub: 'of-the-dead' });
      const settings = { ...common(), issuer: ISSUER, timeout: 30 };
      const [dying, heir] = [
        new Worker('callback.mjs', { ...settings, hangs: true }),
        new Worker('callback.mjs', settings),
      ];
      try {
        await Promise.all([dying.hear(), heir.hear()]);
        dying.tell([token]);
        expect(await dying.hear()).toBe('creating');
        await dying.end('SIGKILL');
        const claims = `${database.schema}.sallyport_claims`;
        const left = `SELECT extract(epoch FROM lease_until - now())::int AS seconds FROM ${claims} WHERE NOT done`;
        const [lease] = (await database.client.query(left)).rows as [{ seconds: number }];
        expect(lease.seconds).toBeGreaterThan(0);
        expect(lease.seconds).toBeLessThanOrEqual(60);
        // Its time passes all at once.
        await database.client.query(`UPDATE ${claims} SET lease_until = now() WHERE NOT done`);
        heir.tell([token]);
        expect(await heir.hear()).toEqual([200]);
        const { rows } = await database.client.query(`SELECT reason FROM ${database.schema}.calls`);
        expect(rows).toEqual([{ reason: 'first-seen' }, { reason: 'first-seen' }]);
      } finally {
        await Promise.all([dying.end('SIGKILL'), heir.end()]);
      }
    });
  }),
);
