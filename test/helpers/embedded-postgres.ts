import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

const CACHE = 'node_modules/.cache';

/** Where the files of an empty database are kept, for this version of PGlite. */
function keptFiles(): string {
  const { version } = JSON.parse(readFileSync('node_modules/@electric-sql/pglite/package.json', 'utf8'));
  return join(CACHE, `sallyport-pglite-${version}.tar`);
}

async function keep(database: PGlite, file: string): Promise<void> {
  const files = await database.dumpDataDir('none');
  mkdirSync(CACHE, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, Buffer.from(await files.arrayBuffer()));
  // All at once: another test file may look for it at this moment.
  renameSync(unfinished, file);
}

/** An empty database in memory. Making its files takes seconds, and is done once. */
export async function newPGlite(): Promise<PGlite> {
  const file = keptFiles();
  if (existsSync(file)) return PGlite.create({ loadDataDir: new Blob([readFileSync(file)]) });
  const database = await PGlite.create();
  await keep(database, file);
  return database;
}
