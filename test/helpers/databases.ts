import { randomBytes } from 'node:crypto';
import type { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import type { SqlClient } from '../../lib/postgres/index.js';
import { newPGlite } from './embedded-postgres.js';

/** URL of a real PostgreSQL, where the environment names one. */
const POSTGRES_URL = process.env.SALLYPORT_TEST_POSTGRES_URL;

/** Writes a line to the output of the test run. */
export const say = (line: string) => process.stdout.write(`${line}\n`);

/** Runs `real` with the real PostgreSQL, or, where there is none, says so and runs `otherwise`. */
export function withPostgres<T>(what: string, real: (url: string) => T, otherwise?: () => T): T | undefined {
  if (POSTGRES_URL !== undefined) return real(POSTGRES_URL);
  say(`SALLYPORT_TEST_POSTGRES_URL is not set: ${what} ran on PGlite alone`);
  return otherwise?.();
}

/** A schema name that no other test has. */
export const newSchema = () => `sallyport_${randomBytes(6).toString('hex')}`;

/** A database, as many connections to it as a test likes, and a schema of its own. */
export interface TestDatabase {
  readonly schema: string;
  readonly client: SqlClient;
  connect(): SqlClient;
  close(): Promise<void>;
}

export async function embeddedDatabase(): Promise<TestDatabase & { readonly db: PGlite }> {
  const db = await newPGlite();
  return { schema: newSchema(), client: db, db, connect: () => db, close: () => db.close() };
}

export function realDatabase(url: string): TestDatabase & { readonly url: string } {
  const schema = newSchema();
  const pools: pg.Pool[] = [];
  const connect = () => {
    const pool = new pg.Pool({ connectionString: url, max: 5 });
    // An idle connection that breaks emits an event, which without a listener would end the process.
    pool.on('error', () => undefined);
    pools.push(pool);
    return pool;
  };
  const client = connect();
  const close = async () => {
    await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await Promise.all(pools.map((pool) => pool.end()));
  };
  return { schema, client, connect, close, url };
}

/** A client that counts what it is asked. */
export function counting(client: SqlClient): SqlClient & { readonly statements: string[] } {
  const statements: string[] = [];
  return {
    statements,
    query(text, values) {
      statements.push(text);
      return client.query(text, values);
    },
  };
}
