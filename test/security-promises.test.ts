import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const sections = new Map(
  readFileSync('SECURITY.md', 'utf8')
    .split(/^## /m)
    .map((section) => [section.slice(0, section.indexOf('\n')), section]),
);
/** The promises of a section: the bold words that begin a numbered line or a point. */
const promises = [...(sections.get('What is promised') ?? '').matchAll(/^(?:\d+\.|-) (.*)$/gm)].map(
  ([, line = '']) => /^\*\*(.+?)\.?\*\*/.exec(line)?.[1] ?? line,
);
const rows = [...(sections.get('Which test holds it') ?? '').matchAll(/^\| (.+?) +\| (.+?) +\|$/gm)]
  .map(([, promise = '', files = '']) => ({ promise, files: [...files.matchAll(/`(.+?)`/g)].map(([, file]) => file) }))
  .filter(({ files }) => files.some((file) => file?.endsWith('.test.ts')));

test('each promise of SECURITY.md names the tests that hold it, in the order of the promises', () => {
  expect(promises.length).toBeGreaterThan(15);
  expect(rows.map(({ promise }) => promise)).toEqual(promises);
});

test.each(rows)('the tests that hold "$promise" exist', ({ files }) => {
  expect(files.filter((file) => !existsSync(`test/${file}`))).toEqual([]);
});
