import pg from 'pg';

const connectionString = process.env.SALLYPORT_TEST_POSTGRES_URL;

/** Whether the environment names a PostgreSQL to measure with. */
export const hasDatabase = connectionString !== undefined;

export const database = () => new pg.Pool({ connectionString, max: 5 });

/** Leaves nothing behind. */
export async function dropSchema(schema) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await client.end();
}
