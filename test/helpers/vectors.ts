import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of public test vectors beside the repository, where they exist; tests do not need them. */
const ROOT = join(import.meta.dirname, '../../../shared/vectors');

export const hasVectors = existsSync(ROOT);

/** JWK of a vector file, with members of any shape. */
export type VectorKey = Readonly<Record<string, unknown>>;

interface WycheproofTest {
  tcId: number;
  comment: string;
  result: 'valid' | 'invalid';
  jws?: string;
  jwe?: string;
}

/** One test with the key of its group. */
export interface WycheproofCase extends WycheproofTest {
  key: VectorKey;
}

export function sha256OfVectors(path: string): string {
  return createHash('sha256')
    .update(readFileSync(join(ROOT, path)))
    .digest('hex');
}

export function readVectors<T>(path: string): T {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as T;
}

/** Reads the vectors of a folder, by file name. */
export function readVectorFolder<T>(folder: string): [name: string, vector: T][] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name, readVectors<T>(`${folder}/${name}`)]);
}

/**
 * Reads all tests of a Wycheproof file. A group is verified with its public key, or its private one where it has no
 * other.
 */
export function wycheproof(file: string): WycheproofCase[] {
  const { testGroups } = readVectors<{
    testGroups: { public?: VectorKey; private: VectorKey; tests: WycheproofTest[] }[];
  }>(`wycheproof/${file}`);
  return testGroups.flatMap((group) => group.tests.map((test) => ({ ...test, key: group.public ?? group.private })));
}
