import { randomInt } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { postgresUsers } from '../../lib/postgres/index.js';
import { embeddedDatabase, newSchema, say, withPostgres } from '../helpers/databases.js';
import { accessToken } from '../helpers/oidc-door.js';
import { ownPostgres, severedPostgres } from '../helpers/own-postgres.js';
import { askAtOnce, policy, staffDoor, verified } from '../helpers/people.js';
import { until } from '../helpers/until.js';

const PEOPLE = 6;
const tokens = Array.from({ length: PEOPLE }, (_, index) =>
  accessToken(verified(`s-${index}@example.com`, { sub: `s-${index}` })),
);

function poolOf(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: PEOPLE });
  // What dies while nobody uses it is an event, and without a listener the end of the process.
  pool.on('error', () => undefined);
  return pool;
}

/** A number that no other test locks. */
const LOCK = randomInt(2 ** 31);
const TAKE = `pg_advisory_xact_lock(${LOCK})`;
/** Makes every registration wait for a lock, so that a server can be killed in the middle of it. */
const slowDown = (schema: string) => `
  CREATE FUNCTION ${schema}.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM ${TAKE}; RETURN new; END $$;
  CREATE TRIGGER wait AFTER INSERT ON ${schema}.sallyport_users FOR EACH ROW EXECUTE FUNCTION ${schema}.wait()`;
const speedUp = (schema: string) => `DROP TRIGGER wait ON ${schema}.sallyport_users`;

/** Holds the lock until it is let go. */
async function lockedBy(pool: pg.Pool): Promise<pg.PoolClient> {
  const holder = await pool.connect();
  // It may die with the server.
  holder.on('error', () => undefined);
  await holder.query(`BEGIN; SELECT ${TAKE}`);
  return holder;
}

async function untilRegistering(pool: pg.Pool, people: number): Promise<void> {
  const waiting = `SELECT count(*)::int AS busy FROM pg_locks WHERE locktype = 'advisory' AND objid = ${LOCK} AND NOT granted`;
  await until(async () => (await pool.query(waiting)).rows[0]?.busy >= people);
}

async function killedWhileRegistering(url: string): Promise<void> {
  const schema = newSchema();
  const own = await ownPostgres();
  if (own === undefined) say('PostgreSQL is not installed here: its connections are cut instead of its server killed');
  const server = own ?? severedPostgres(url, schema);
  const pool = poolOf(server.url);
  const observer = poolOf(server.url);
  let holder: pg.PoolClient | undefined;
  try {
    const store = postgresUsers({ client: pool, schema });
    await store.migrate();
    await observer.query(slowDown(schema));
    holder = await lockedBy(observer);
    const method = staffDoor(policy({ store, defaultGroups: ['staff'], timeout: 60 }));
    const asking = askAtOnce(method, tokens);
    await untilRegistering(observer, PEOPLE);
    await server.kill();
    const cut = await asking;
    expect(cut.map(({ status, code }) => `${status} ${code}`)).toEqual(
      Array(PEOPLE).fill('503 provisioning_unavailable'),
    );
    await server.start();
    holder.release(true);
    holder = undefined;
    await observer.query(speedUp(schema));

    const { rows } = await observer.query(`SELECT
      (SELECT count(*)::int FROM ${schema}.sallyport_users) AS users,
      (SELECT count(*)::int FROM ${schema}.sallyport_identities) AS identities,
      (SELECT count(*)::int FROM ${schema}.sallyport_memberships) AS memberships`);
    expect(rows).toEqual([{ users: 0, identities: 0, memberships: 0 }]);

    const next = await askAtOnce(method, tokens);
    expect(next.map(({ status, principal }) => [status, principal.created, principal.groups])).toEqual(
      Array(PEOPLE).fill([200, true, ['staff']]),
    );
  } finally {
    holder?.release(true);
    if (own === undefined) await observer.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await Promise.all([pool.end(), observer.end()]);
    await server.remove();
  }
}

describe('a database that dies while people register', () => {
  const what = 'PostgreSQL killed while people register';
  const checks = withPostgres(what, (url) => ({
    [`${what}: no half user, 503 for who asked, and the next request succeeds`]: () => killedWhileRegistering(url),
  }));
  const embedded = {
    'a connection that fails at any statement of a registration leaves no half user, and the next request succeeds':
      failsAnywhere,
  };
  test.each(Object.entries({ ...embedded, ...checks }))('%s', async (_title, check) => {
    await check();
  });
});

/** Where there is no server to kill: the same statements, and an error before or after each of them. */
async function failsAnywhere(): Promise<void> {
  const database = await embeddedDatabase();
  const { client, schema } = database;
  await postgresUsers({ client, schema }).migrate();
  try {
    for (const [index, token] of tokens.entries()) {
      let left = Math.floor(index / 2);
      const failing = {
        async query(text: string, values?: unknown[]) {
          const isLast = left-- === 0;
          if (isLast && index % 2 === 0) throw new Error('the connection was cut');
          const answer = await client.query(text, values);
          if (isLast) throw new Error('the answer was lost');
          return answer;
        },
      };
      const method = staffDoor(policy({ store: postgresUsers({ client: failing, schema }) }));
      expect((await askAtOnce(method, [token]))[0]).toMatchObject({ status: 503, code: 'provisioning_unavailable' });
      expect((await askAtOnce(method, [token]))[0]?.status).toBe(200);
      const { rows } = await client.query(`SELECT
        (SELECT count(*)::int FROM ${schema}.sallyport_users) AS users,
        (SELECT count(*)::int FROM ${schema}.sallyport_identities) AS identities`);
      expect(rows).toEqual([{ users: index + 1, identities: index + 1 }]);
    }
  } finally {
    await database.close();
  }
}
