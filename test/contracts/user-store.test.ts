import { afterAll, beforeAll, describe, test } from '@jest/globals';
import pg from 'pg';
import { memoryUsers, type ProvisionResult } from '../../lib/index.js';
import { postgresUsers } from '../../lib/postgres/index.js';
import { userStoreContract } from '../../lib/testing/index.js';
import { builtLib } from '../helpers/built-lib.js';
import { embeddedDatabase, realDatabase, withPostgres } from '../helpers/databases.js';
import { Worker } from '../helpers/workers.js';

function holdsFor(makeStore: Parameters<typeof userStoreContract>[0]): void {
  test.each(userStoreContract(makeStore).map(({ title, run }) => [title, run] as const))(
    '%s',
    async (_title, run) => {
      await run();
    },
    60_000,
  );
}

const down = { query: () => Promise.reject(new Error('the database is down')) };

describe('a store in memory', () => {
  holdsFor(() => ({ store: memoryUsers() }));
});

describe('a store in memory, given without anything beside it', () => {
  holdsFor(memoryUsers);
});

describe('a store in PGlite', () => {
  let database: Awaited<ReturnType<typeof embeddedDatabase>>;
  beforeAll(async () => {
    database = await embeddedDatabase();
    await postgresUsers({ client: database.client, schema: database.schema }).migrate();
  });
  afterAll(() => database.close());

  holdsFor(() => ({
    store: postgresUsers({ client: database.client, schema: database.schema, listener: database.db }),
    other: postgresUsers({ client: database.connect(), schema: database.schema }),
    unreachable: postgresUsers({ client: down }),
  }));
});

withPostgres('the contract of user stores', (url) =>
  describe('a store in PostgreSQL, with a second process', () => {
    const database = realDatabase(url);
    const { schema } = database;
    const other = database.connect();
    const nowhere = new pg.Pool({ host: '127.0.0.1', port: 1 });
    const lib = builtLib();
    beforeAll(() => postgresUsers({ client: database.client, schema }).migrate());
    afterAll(async () => {
      lib.remove();
      await nowhere.end();
      await database.close();
    });

    holdsFor(() => ({
      store: postgresUsers({ client: database.client, schema }),
      other: postgresUsers({ client: other, schema }),
      unreachable: postgresUsers({ client: nowhere }),
      async provisionElsewhere(inputs) {
        const worker = new Worker('provision.mjs', { lib: lib.url, url, schema });
        await worker.hear();
        worker.tell([...inputs]);
        const results = await worker.hear<readonly ProvisionResult[]>();
        await worker.end();
        return results;
      },
    }));
  }),
);
