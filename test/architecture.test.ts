import { describe, expect, test } from '@jest/globals';
import { defaultViolations, openingViolations, throwsViolations } from './architecture/comment-laws.js';
import {
  cycleViolations,
  importViolations,
  indexViolations,
  methodViolations,
  sliverViolations,
} from './architecture/import-laws.js';
import { BOTTOM, ROOMS, SUBPATH_ROOMS } from './architecture/rooms.js';
import { escapeHatchViolations, functionViolations, LIMITS, lengthViolations } from './architecture/shape-laws.js';
import { sideTableViolations, staleSideTables } from './architecture/side-tables.js';
import { parseSource, readTree } from './architecture/source.js';

const lib = readTree('lib');

function usedBy(room: string): readonly string[] {
  const { uses, types = [] } = ROOMS[room] ?? { uses: [] };
  return [...uses, ...types];
}

test('there is a house to look at', () => {
  expect(lib.map(({ path }) => path)).toContain('lib/index.ts');
});

describe('the rooms', () => {
  test('import only what the table lets them', () => {
    expect(importViolations(lib)).toEqual([]);
  });

  test('form no circle, not even of types', () => {
    expect(cycleViolations(lib)).toEqual([]);
  });

  test('of the auth methods know nothing of each other', () => {
    expect(methodViolations(lib)).toEqual([]);
  });

  test('have an index file only where a subpath begins', () => {
    expect(indexViolations(lib)).toEqual([]);
  });

  test('form no circle in the table either, and no room may use what stands behind a subpath', () => {
    const seen = new Set<string>(BOTTOM);
    for (let left = Object.keys(ROOMS).filter((room) => !seen.has(room)); left.length > 0; ) {
      const free = left.filter((room) => usedBy(room).every((used) => seen.has(used)));
      if (free.length === 0) throw new Error(`a circle among ${left.join(', ')}`);
      for (const room of free) seen.add(room);
      left = left.filter((room) => !seen.has(room));
    }
    const used = Object.keys(ROOMS).flatMap(usedBy);
    expect(SUBPATH_ROOMS.filter((room) => used.includes(room))).toEqual([]);
  });
});

describe('the files', () => {
  test(`have at most ${LIMITS.fileLines} lines, and half of them at most ${LIMITS.medianLines}`, () => {
    expect(lengthViolations(lib)).toEqual([]);
  });

  test('are no slivers: what one neighbour alone uses is long enough for a file of its own', () => {
    expect(sliverViolations(lib)).toEqual([]);
  });

  test(`have no function of more than ${LIMITS.functionLines} lines`, () => {
    expect(functionViolations(lib)).toEqual([]);
  });

  test('keep nothing in a side table that has no reason', () => {
    expect(sideTableViolations(lib)).toEqual([]);
    expect(staleSideTables(lib)).toEqual([]);
  });

  test('hide nothing from the compiler', () => {
    expect(escapeHatchViolations(lib)).toEqual([]);
  });
});

describe('the comments', () => {
  test('stand by themselves, and do not begin with a reference to another sentence', () => {
    expect(openingViolations(lib)).toEqual([]);
  });

  test.each([
    ['test', '.ts'],
    ['bench', '.mjs'],
    ['example-app', '.ts'],
  ])('of %s stand by themselves, too', (folder, ending) => {
    // This file plants violations.
    const sources = readTree(folder, ending).filter(({ path }) => path !== 'test/architecture.test.ts');
    expect(sources).not.toEqual([]);
    expect(openingViolations(sources)).toEqual([]);
  });

  test('say what is thrown in a line of its own, with the class of the error', () => {
    expect(throwsViolations(lib)).toEqual([]);
  });

  test('give every optional member of an options type its @default', () => {
    expect(defaultViolations(lib)).toEqual([]);
  });
});

const planted = (path: string, text: string) => [parseSource(path, text)];

describe('a planted violation is seen:', () => {
  test.each([
    ['guards', "import { jwtAuth } from '../methods/jwt-auth.js';", 'guards may not import methods'],
    ['guards', "import { a } from '../pipeline/middleware.js';", 'guards may import of pipeline only lib/pipeline/req'],
    ['pipeline', "import { record } from '../issuers/issuer-record.js';", 'pipeline may not import issuers'],
    ['pipeline', "import type { A } from '../methods/jwt-auth.js';", 'pipeline may not import methods'],
    [
      'issuers',
      "import { oidcBearer } from '../methods/oidc-bearer/oidc-bearer.js';",
      'issuers may not import methods',
    ],
    ['users', "import { a } from '../pipeline/middleware.js';", 'users may not import pipeline'],
    ['methods', "import { jwtIdp } from '../sign-in/jwt-idp.js';", 'methods may not import sign-in'],
    ['tokens', "export * from '../keys/algorithms.js';", ':1 tokens may not import keys'],
    ['errors', "import '../events/auth-event.js';", 'errors may not import events'],
    ['events', "import type { A } from '../options/assertions.js';", 'events may not import options'],
    ['methods', "import { fromKong } from '../migrate/index.js';", 'methods may not import migrate'],
    ['testing', "await import('../postgres/index.js');", 'testing may not import postgres'],
    ['cli', "import { testIssuer } from '../testing/index.js';", 'cli may not import testing'],
    ['keys', "import { jwtAuth } from '../index.js';", 'keys may not import index'],
    ['principal', "import { isLive } from '../consumers/x.js';", 'principal may import consumers only as a type'],
    ['principal', "import { type A } from '../consumers/x.js';", 'principal may import consumers only as a type'],
    ['keys', "import { hs256 } from '../../test/helpers/tokens.js';", 'imports test/helpers/tokens.ts, which is in no'],
    ['pipeline', "import { jwtVerify } from 'jose';", 'pipeline may import jose only as a type'],
    ['verification', "import * as client from 'openid-client';", 'verification may import openid-client only as'],
    ['methods', "import express from 'express';", 'methods may import express only as a type'],
    ['methods', "const app = require('express');", 'methods may import express only as a type'],
    ['principal', "import { RE2JS } from 're2js';", 'loads re2js before anybody needs it'],
    ['keys', "type D = import('left-pad').D;", 'imports the package left-pad'],
    ['keys', "import x from '@scope/left-pad/deep';", 'imports the package @scope/left-pad'],
  ])('%s: %s', (room, text, law) => {
    const found = importViolations(planted(`lib/${room}/planted.ts`, text));
    expect(found).toEqual([expect.stringContaining(law)]);
    expect(found[0]).toMatch(/^lib\/[a-z-]+\/planted\.ts:\d+ /);
  });

  test('a file outside the rooms', () => {
    expect(importViolations(planted('lib/helpers.ts', ''))).toHaveLength(1);
    expect(importViolations(planted('lib/utils/strings.ts', ''))).toHaveLength(1);
  });

  test('a circle, of types even', () => {
    const circle = [
      parseSource('lib/keys/a.ts', "import { b } from './b.js';"),
      parseSource('lib/keys/b.ts', "import { c } from './c.js';"),
      parseSource('lib/keys/c.ts', "import type { A } from './a.js';"),
    ];
    expect(cycleViolations(circle)).toEqual(['lib/keys/a.ts -> lib/keys/b.ts -> lib/keys/c.ts -> lib/keys/a.ts']);
  });

  test('a method that imports another one', () => {
    const text = "import type { A } from '../waf-token/waf-method.js';";
    expect(methodViolations(planted('lib/methods/api-key/a.ts', text))).toEqual([
      'lib/methods/api-key/a.ts:1 lib/methods/api-key may not import lib/methods/waf-token',
    ]);
    expect(methodViolations(planted('lib/methods/waf-token/a.ts', "import { a } from './presets/b.js';"))).toEqual([]);
  });

  test('a sliver that one neighbour imports, and neither one of 25 lines nor one with two users', () => {
    const sliver = (lines: number) => parseSource('lib/keys/a.ts', 'export const a = 1;\n'.repeat(lines));
    const user = (path: string) =>
      parseSource(path, `import { a } from '${path.startsWith('lib/keys/') ? '.' : '../keys'}/a.js';`);
    expect(sliverViolations([sliver(24), user('lib/keys/b.ts')])).toEqual([
      'lib/keys/a.ts:1 has 24 lines and one user, lib/keys/b.ts: it belongs in there',
    ]);
    expect(sliverViolations([sliver(25), user('lib/keys/b.ts')])).toEqual([]);
    expect(sliverViolations([sliver(24), user('lib/keys/b.ts'), user('lib/keys/c.ts')])).toEqual([]);
    expect(sliverViolations([sliver(24), user('lib/verification/b.ts')])).toEqual([]);
  });

  test.each([
    'const seen = new WeakMap<object, string>();',
    'class A { readonly #seen = new WeakSet(); }',
    'function f() { const seen = new Map([[1, new WeakMap()]]); }',
    'keep(new WeakMap());',
    'class Kept { constructor(value: object) { return value; } }',
  ])('a side table: %s', (text) => {
    const found = sideTableViolations(planted('lib/pipeline/request-record.ts', text));
    expect(found).toEqual([expect.stringContaining('a side table without a reason')]);
    expect(staleSideTables(planted('lib/pipeline/request-record.ts', text))).toContain(
      'lib/pipeline/request-record.ts Given',
    );
  });

  test('an index file inside a room', () => {
    expect(indexViolations(planted('lib/keys/index.ts', ''))).toEqual([expect.stringContaining('no door')]);
    expect(indexViolations(planted('lib/migrate/index.ts', ''))).toEqual([]);
  });

  test('a file of one line too many, and a median of one line too many', () => {
    expect(lengthViolations(planted('lib/a.ts', '\n'.repeat(200)))).toEqual([expect.stringContaining('median')]);
    expect(lengthViolations(planted('lib/a.ts', '\n'.repeat(201)))).toEqual([
      'lib/a.ts:201 has 201 lines, at most 200',
      'the median file has 201 lines, at most 90',
    ]);
    expect(lengthViolations(planted('lib/a.ts', '\n'.repeat(91)))).toHaveLength(1);
    expect(lengthViolations(planted('lib/a.ts', '\n'.repeat(90)))).toEqual([]);
  });

  test.each([
    ['function f() {', '}'],
    ['const f = () => {', '};'],
    ['class A { m() {', '} }'],
    ['class A { constructor() {', '} }'],
  ])('a long function: %s', (head, tail) => {
    const ofLines = (lines: number) => planted('lib/a.ts', head + '\n'.repeat(lines - 1) + tail);
    expect(functionViolations(ofLines(40))).toEqual([]);
    expect(functionViolations(ofLines(41))).toEqual(['lib/a.ts:1 a function of 41 lines, at most 40']);
  });

  test.each([
    ['/** The same, checked. */', 1, 'The same'],
    ['/**\n * Those of a token.\n */', 2, 'Those'],
    ['const a = 1;\n  // What of it?', 2, 'What of'],
    ['const a = 1; // Whom it names.', 1, 'Whom'],
    ['/* Whose it is. */', 1, 'Whose'],
  ])('a comment that leans on another sentence: %j', (text, line, words) => {
    expect(openingViolations(planted('lib/a.ts', text))).toEqual([`lib/a.ts:${line} a comment begins with "${words}"`]);
  });

  test.each([
    ['/** Checks it. @throws {AuthError} when it is wrong. */', '@throws does not begin a line'],
    ['/**\n * @throws AuthError\n */', '@throws does not name the class of the error'],
    ['/**\n * @throws {AuthError} when it is wrong.\n */', undefined],
  ])('a hidden @throws: %j', (text, law) => {
    const found = throwsViolations(planted('lib/a.ts', text));
    expect(found).toEqual(law === undefined ? [] : [expect.stringContaining(law)]);
  });

  test.each([
    ['interface AOptions { /** Seconds. */ a?: number }', ['lib/a.ts:1 AOptions.a has no @default']],
    [
      'type ASettings = { a?: 1 | undefined } & { b?: 2 }',
      ['ASettings.a', 'ASettings.b'].map((name) => `lib/a.ts:1 ${name} has no @default`),
    ],
    [
      'interface AOptions {\n /**\n * Seconds.\n * @default 5\n */\n a?: number; b: string; c?: never; d?: undefined }',
      [],
    ],
    ['interface A { a?: number }', []],
  ])('an option without a default: %s', (text, violations) => {
    expect(defaultViolations(planted('lib/a.ts', text))).toEqual(violations);
  });

  test.each([
    ['const a = b as any;', 'any'],
    ['type A = Record<string, any[]>;', 'any'],
    ['const a = b!.c;', 'a non-null assertion (!)'],
    ['class A { b!: string }', 'a definite assignment assertion (!)'],
    [`// @ts-${'ignore'} later`, '@ts-ignore'],
  ])('%s', (text, law) => {
    expect(escapeHatchViolations(planted('lib/a.ts', `\n${text}`))).toEqual([`lib/a.ts:2 ${law}`]);
  });
});

test('what is allowed is not reported', () => {
  const fine = [
    ...planted('lib/keys/a.ts', "import { createHmac } from 'node:crypto'; import type { JWK } from 'jose';"),
    ...planted('lib/methods/a.ts', "import { SignJWT } from 'jose'; import { e } from '../errors/e.js';"),
    ...planted('lib/guards/a.ts', "import { p } from '../principal/p.js'; import type { Request } from 'express';"),
    ...planted('lib/principal/a.ts', "import type { Consumer } from '../consumers/consumer.js'; // any! mail"),
    ...planted('lib/principal/b.ts', "import type { RE2JS } from 're2js'; const re2 = () => require('re2js');"),
    ...planted(
      'lib/keys/b.ts',
      "// These lines are one comment, and the second begins with\n// Those. const a = 'The same';",
    ),
    ...planted('lib/keys/c.ts', '/** One comment, whose second line begins with\n * Those. The same. */'),
    ...planted('lib/migrate/index.ts', "import { jwtAuth } from '../methods/jwt-auth.js'; const no = !yes;"),
  ];
  const checks = [importViolations, cycleViolations, indexViolations, functionViolations, escapeHatchViolations];
  for (const check of [...checks, openingViolations, defaultViolations]) expect(check(fine)).toEqual([]);
});
