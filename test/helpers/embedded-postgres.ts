import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

const CACHE = 'node_modules/.cache';

/** Path of the files of an empty database, for this version of PGlite. */
function keptFiles(): string {
  const { version } = JSON.parse(readFileSync('node_modules/@electric-sql/pglite/package.json', 'utf8'));
  return join(CACHE, `sallyport-pglite-${version}.tar`);
}

async function keep(database: PGlite, file: string): Promise<void> {
  const files = await database.dumpDataDir('none');
  mkdirSync(CACHE, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, Buffer.from(await files.arrayBuffer()));
  // Renamed in one step, because another test file may look for it at this moment.
  renameSync(unfinished, file);
}

/** Opens an empty database in memory. Its files take seconds to make, so they are made once. */
export async function newPGlite(): Promise<PGlite> {
  const file = keptFiles();
  if (existsSync(file)) return PGlite.create({ loadDataDir: new Blob([readFileSync(file)]) });
  const database = await PGlite.create();
  await keep(database, file);
  return database;
}
