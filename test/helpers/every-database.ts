import { embeddedDatabase, realDatabase, type TestDatabase, withPostgres } from './databases.js';

/** Returns each database that this run can reach, by its name, for `describe.each`. */
export function everyDatabase(what: string): (readonly [name: string, open: () => Promise<TestDatabase>])[] {
  const real = withPostgres(what, (url) => [['PostgreSQL', async () => realDatabase(url)] as const]);
  return [['PGlite', embeddedDatabase], ...(real ?? [])];
}
