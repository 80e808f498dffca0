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

const readme = docsBlocks('README.md');

test('every block of the README begins with its imports', () => {
  expect(readme.filter(({ code }) => !code.startsWith('import ')).map(({ line }) => line)).toEqual([]);
});

test('every block of the README compiles as tsc --init sets a project up', () => {
  expect(docsDiagnostics(readme)).toEqual([]);
});
