import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { ConfigurationError } from '../../lib/index.js';
import { pgListener, postgresClaims, postgresUsers, schemaSql } from '../../lib/postgres/index.js';
import { embeddedDatabase, newSchema, realDatabase, type TestDatabase, withPostgres } from '../helpers/databases.js';
import { everyDatabase } from '../helpers/every-database.js';
import { fakeClock } from '../helpers/fake-clock.js';
import { accessToken, ISSUER } from '../helpers/oidc-door.js';
import { askAtOnce, policy, staffDoor, verified } from '../helpers/people.js';

describe.each(everyDatabase('the hazards of a database'))('on %s', (_name, open) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
    await postgresUsers({ client: database.client, schema: database.schema }).migrate();
  });
  afterAll(() => database.close());

  const table = (name: string) => `${database.schema}.sallyport_${name}`;
  const storeOf = () => postgresUsers({ client: database.client, schema: database.schema });
  const unknown = '00000000-0000-4000-8000-000000000000';

  test.each<[what: string, columns: string]>([
    ['an empty issuer', `'', '', 's'`],
    ['an empty subject', `'', 'i', ''`],
    ['no issuer', `'', NULL, 's'`],
    ['no tenant', `NULL, 'i', 's'`],
    ['no user', `'', 'i', 's'`],
  ])('H24 empty defaults: an identity with %s cannot be stored', async (_what, columns) => {
    const insert = `INSERT INTO ${table('identities')} (tenant, issuer, subject, user_id, link_id, link_method)
      VALUES (${columns}, '${unknown}', '${unknown}', 'created')`;
    await expect(database.client.query(insert)).rejects.toMatchObject({ code: expect.stringMatching(/^23/) });
  });

  test('H18 half a registration: what the database refuses leaves neither user nor identity', async () => {
    await database.client.query(`CREATE UNIQUE INDEX own_rule ON ${table('memberships')} (group_name)`);
    const identity = (subject: string) => ({ tenant: '', issuer: 'urn:h18', subject });
    const create = { profile: {}, linkByEmail: false, create: 'active', defaultGroups: ['only-one'] } as const;
    await storeOf().provision({ identity: identity('first'), ...create });
    await expect(storeOf().provision({ identity: identity('second'), ...create })).rejects.toMatchObject({
      code: '23505',
    });
    expect(await storeOf().find(identity('second'))).toBeUndefined();
    const { rows } = await database.client.query(
      `SELECT count(*)::int AS orphans FROM ${table('users')} u
       WHERE NOT EXISTS (SELECT 1 FROM ${table('identities')} i WHERE i.user_id = u.id)`,
    );
    expect(rows).toEqual([{ orphans: 0 }]);
    await database.client.query(`DROP INDEX ${database.schema}.own_rule`);
  });

  test('H13 texts that no database keeps are nobody’s, and no error', async () => {
    for (const subject of ['a\0b', '\ud800']) {
      const identity = { tenant: '', issuer: ISSUER, subject };
      const create = { profile: {}, linkByEmail: false, create: 'active', defaultGroups: [] } as const;
      expect(await storeOf().find(identity)).toBeUndefined();
      expect(await storeOf().provision({ identity, ...create })).toEqual({
        outcome: 'denied',
        reason: 'not_registered',
      });
    }
  });

  test('names that look like SQL are names', async () => {
    const sub = `'; DROP TABLE ${table('users')}; --`;
    const claims = verified("o'brien@example.com", {
      sub,
      name: sub,
      preferred_username: '{users}',
      groups: [`"'\\{}`],
    });
    const users = policy({ store: storeOf(), groups: { mode: 'mirror' }, profileSync: 'every' });
    const [answer] = await askAtOnce(staffDoor(users), [accessToken(claims)]);
    expect(answer?.principal).toMatchObject({ groups: [`"'\\{}`], user: { name: sub, username: '{users}' } });
  });

  test('migrating is for every start, and for several processes at once', async () => {
    const schema = newSchema();
    const clients = Array.from({ length: 4 }, () => database.connect());
    await Promise.all(
      clients.flatMap((client) =>
        [postgresUsers({ client, schema }), postgresClaims({ client, schema })].map((store) => store.migrate()),
      ),
    );
    const store = postgresUsers({ client: database.client, schema });
    const identity = { tenant: '', issuer: ISSUER, subject: 'kept' };
    await store.provision({ identity, profile: {}, linkByEmail: false, create: 'active', defaultGroups: [] });
    await store.migrate();
    expect(await store.find(identity)).toBeDefined();
    await database.client.query(schemaSql(schema));
    await database.client.query(`DROP SCHEMA ${schema} CASCADE`);
  });
});

describe('H25 a pool of one connection', () => {
  test('inside a transaction of PGlite registers people all the same', async () => {
    fakeClock({ timers: true });
    const database = await embeddedDatabase();
    const db: PGlite = database.db;
    await postgresUsers({ client: db, schema: database.schema }).migrate();
    await db.transaction(async (client) => {
      const store = postgresUsers({ client, schema: database.schema });
      const answers = await askAtOnce(
        staffDoor(policy({ store })),
        ['a', 'b'].map((sub) => accessToken({ sub })),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    });
    await database.close();
  });

  const checks = withPostgres('a pool of one connection', (url) => ({
    'of PostgreSQL serves many at once': async () => {
      fakeClock({ timers: true });
      const database = realDatabase(url);
      const client = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 5000 });
      const store = postgresUsers({ client, schema: database.schema });
      await store.migrate();
      const tokens = Array.from({ length: 40 }, (_, index) =>
        accessToken({ sub: `s-${index % 20}`, jti: `t-${index}` }),
      );
      const answers = await askAtOnce(staffDoor(policy({ store })), tokens);
      expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 200));
      await client.end();
      await database.close();
    },
    'of a role that may not create schemas finds its tables all the same': async () => {
      const database = realDatabase(url);
      const { client, schema } = database;
      const role = `${schema}_role`;
      await postgresUsers({ client, schema }).migrate();
      await client.query(`CREATE ROLE ${role} LOGIN`);
      await client.query(`ALTER SCHEMA ${schema} OWNER TO ${role}`);
      await client.query(`GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO ${role}`);
      const modest = new pg.Pool({ connectionString: url, max: 1 });
      try {
        await modest.query(`SET ROLE ${role}`);
        await expect(modest.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`)).rejects.toMatchObject({ code: '42501' });
        const error: unknown = await postgresUsers({ client: modest, schema })
          .migrate()
          .catch((thrown: unknown) => thrown);
        expect(error).toBeUndefined();
      } finally {
        await modest.end();
        await client.query(`DROP SCHEMA ${schema} CASCADE`);
        await client.query(`DROP ROLE ${role}`);
        await database.close();
      }
    },
  }));
  if (checks !== undefined) test.each(Object.entries(checks))('%s', async (_title, check) => check());
});

describe('options that make no sense are refused:', () => {
  const client = { query: async () => ({ rows: [] }) };
  test.each<[option: string, make: () => unknown]>([
    ['postgresUsers.client', () => postgresUsers({ client: {} as never })],
    ['postgresUsers.schema', () => postgresUsers({ client, schema: 'public; DROP TABLE x' })],
    ['postgresUsers.schema', () => postgresUsers({ client, schema: 'Mixed' })],
    ['postgresUsers.listener', () => postgresUsers({ client, listener: {} as never })],
    ['postgresUsers.pool', () => postgresUsers({ client, pool: client } as never)],
    ['postgresClaims.client', () => postgresClaims({ client: null as never })],
    ['postgresClaims.schema', () => postgresClaims({ client, schema: '' })],
    ['postgresClaims.table', () => postgresClaims({ client, table: 't' } as never)],
    ['schemaSql.schema', () => schemaSql('"x"')],
  ])('%s', (option, make) => {
    let thrown: unknown;
    try {
      make();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ConfigurationError);
    expect((thrown as ConfigurationError).option).toBe(option);
  });

  test('a listener costs nothing until somebody listens', () => {
    const on = () => {
      throw new Error('asked');
    };
    expect(() => pgListener({ query: async () => undefined, on, removeListener: on })).not.toThrow();
  });
});
