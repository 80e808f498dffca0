import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AuthEvent, memoryUsers, type UsersOption } from '../../lib/index.js';
import { postgresUsers, type SqlClient } from '../../lib/postgres/index.js';
import { embeddedDatabase } from '../helpers/databases.js';
import { accessToken } from '../helpers/oidc-door.js';
import { ask, policy, staffDoor, verified, watched } from '../helpers/people.js';

const PERSONAL = ['alice@example.com', 'Alice Liddell', 'al-the-subject', 'wonderland'];
const claims = verified('alice@example.com', {
  sub: 'al-the-subject',
  name: 'Alice Liddell',
  preferred_username: 'wonderland',
});

/** Everything that a client and an operator see of one request, as a log would write it. */
async function shown(users: UsersOption): Promise<{ status: number; text: string }> {
  const events: AuthEvent[] = [];
  const token = accessToken(claims);
  const { status, text, headers } = await ask(staffDoor(users, { onEvent: (event) => events.push(event) }), token);
  const body = status === 200 ? '' : text;
  return { status, text: [inspect(events, { depth: 20, showHidden: true }), body, inspect(headers)].join('\n') };
}

async function disabled() {
  const store = memoryUsers();
  const identity = { tenant: '', issuer: 'https://login.example.com', subject: 'al-the-subject' };
  const create = { profile: {}, linkByEmail: false, create: 'pending', defaultGroups: [] } as const;
  await store.provision({ identity, ...create });
  return policy({ store });
}

describe('neither answers nor events carry anything personal:', () => {
  test.each<[what: string, users: () => UsersOption | Promise<UsersOption>, status: number]>([
    ['of somebody registered', () => policy(), 200],
    ['of somebody unknown', () => policy({ autoRegister: false }), 403],
    ['of somebody outside the domains', () => policy({ allowedDomains: ['example.org'] }), 403],
    ['of somebody pending', disabled, 403],
    ['of somebody whom the callback does not know', () => async () => null, 403],
    [
      'of somebody while the store is down',
      () => {
        const store = watched();
        store.find.mockRejectedValue(new Error('connect ECONNREFUSED'));
        return policy({ store });
      },
      503,
    ],
  ])('%s', async (_what, users, status) => {
    const seen = await shown(await users());
    expect(seen.status).toBe(status);
    for (const datum of PERSONAL) expect(seen.text).not.toContain(datum);
    expect(seen.text).not.toMatch(/eyJ[\w-]+\.eyJ/);
  });
});

describe('what a database says of a refused statement stays there:', () => {
  let database: Awaited<ReturnType<typeof embeddedDatabase>>;
  beforeAll(async () => {
    database = await embeddedDatabase();
    const { client, schema, db } = database;
    const store = postgresUsers({ client, schema });
    await store.migrate();
    // A rule of the application's own, on a table that it may add to.
    await db.query(`CREATE UNIQUE INDEX own_rule ON ${schema}.sallyport_users (name)`);
    const identity = { tenant: 'elsewhere', issuer: 'i', subject: 's' };
    const profile = { name: 'Alice Liddell' };
    await store.provision({ identity, profile, linkByEmail: false, create: 'active', defaultGroups: [] });
  });
  afterAll(() => database.close());

  test('the driver itself tells it all', async () => {
    const { db, schema } = database;
    const insert = `INSERT INTO ${schema}.sallyport_users (id, tenant, name, status) VALUES (gen_random_uuid(), '', $1, 'active')`;
    const error: unknown = await db.query(insert, ['Alice Liddell']).catch((thrown: unknown) => thrown);
    expect(inspect(error)).toContain('Alice Liddell');
  });

  test('the store does not, and says which rule it was', async () => {
    const { client, schema } = database;
    const { status, text } = await shown(policy({ store: postgresUsers({ client, schema }) }));
    expect(status).toBe(503);
    for (const said of ['23505', 'own_rule']) expect(text).toContain(said);
    for (const datum of PERSONAL) expect(text).not.toContain(datum);
  });

  test('nor where the message quotes a value', async () => {
    const client: SqlClient = {
      query: () =>
        Promise.reject(Object.assign(new Error('invalid input syntax: "alice@example.com"'), { code: '22P02' })),
    };
    const { status, text } = await shown(policy({ store: postgresUsers({ client }) }));
    expect(status).toBe(503);
    expect(text).toContain('22P02');
    for (const datum of PERSONAL) expect(text).not.toContain(datum);
  });
});
