import pg from 'pg';

const URL_NAME = 'SALLYPORT_TEST_POSTGRES_URL';

/** PostgreSQL, where the environment names one; embedded, where it does not. */
export const databaseName = () => (process.env[URL_NAME] === undefined ? 'PGlite' : 'PostgreSQL');

export async function database({ schema }) {
  const connectionString = process.env[URL_NAME];
  if (connectionString !== undefined) return { client: new pg.Pool({ connectionString, max: 5 }), schema };
  const { PGlite } = await import('@electric-sql/pglite');
  return { client: await PGlite.create(), schema };
}

/** Leaves nothing behind. */
export async function dropSchema(schema) {
  const connectionString = process.env[URL_NAME];
  if (connectionString === undefined) return;
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await client.end();
}
