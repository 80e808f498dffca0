import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { docsBlocks } from './helpers/docs-blocks.js';
import { docsDiagnostics } from './helpers/docs-types.js';

/** Pages that are written by a program, and have signatures instead of programs. */
const WRITTEN = ['api.md', 'bench.md'];

const pages = readdirSync('docs')
  .filter((name) => name.endsWith('.md') && !WRITTEN.includes(name))
  .map((name) => `docs/${name}`);
const blocks = pages.flatMap(docsBlocks);

test('every block of the documentation begins with its imports', () => {
  expect(blocks.filter(({ code }) => !code.startsWith('import ')).map(({ page, line }) => `${page}:${line}`)).toEqual(
    [],
  );
});

test('every block of the documentation compiles as tsc --init sets a project up', () => {
  expect(docsDiagnostics(blocks)).toEqual([]);
});

test("the README's first programs compile as tsc --init sets a project up", () => {
  const programs = docsBlocks('README.md').filter(
    ({ heading, code }) => heading === 'Sallyport' && code.startsWith('import '),
  );
  expect([programs.length, docsDiagnostics(programs)]).toEqual([2, []]);
});
