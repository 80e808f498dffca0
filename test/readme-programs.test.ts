import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import ts from 'typescript';
import * as sallyport from '../lib/index.js';
import * as migrate from '../lib/migrate/index.js';
import { postgresUsers } from '../lib/postgres/index.js';
import { type TestIssuer, type TestIssuerOptions, testIssuer, withPrincipal } from '../lib/testing/index.js';
import { docsBlocks, docsCode } from './helpers/docs-blocks.js';
import { type DocsProgram, docsProgram } from './helpers/docs-program.js';
import { newPGlite } from './helpers/embedded-postgres.js';
import { until } from './helpers/until.js';

let program: DocsProgram;
beforeAll(async () => {
  program = await docsProgram(docsCode('README.md', 'Sallyport'));
});
afterAll(() => program.close());

/** Token in the `curl` line that the program prints. */
async function printedToken(): Promise<string> {
  const line = /^curl -i -H "Authorization: Bearer (\S+)" http:\/\/localhost:3000\/me$/m;
  await until(() => line.test(program.printed()));
  return line.exec(program.printed())?.[1] ?? '';
}

test('the first program prints a curl line that is answered 200', async () => {
  const headers = { Authorization: `Bearer ${await printedToken()}` };
  const answer = await fetch(`${program.url}/me`, { headers });
  expect([answer.status, await answer.json()]).toEqual([
    200,
    expect.objectContaining({ type: 'user', subject: 'alice' }),
  ]);
  expect((await fetch(`${program.url}/things/1`, { method: 'DELETE', headers })).status).toBe(204);
});

test('without the header it answers 401', async () => {
  expect((await fetch(`${program.url}/me`)).status).toBe(401);
});

test('the second program takes a token of the identity provider, and asks everybody else for one', async () => {
  const env = { KEY: 'jsmith-key', SECRET: 'a secret of thirty-two bytes, at least' };
  const second = await docsProgram(docsCode('README.md', 'Sallyport', 1), env);
  const token = await second.issuer.mint({ sub: 'alice' });
  const answer = await fetch(`${second.url}/me`, { headers: { Authorization: `Bearer ${token}` } });
  const without = await fetch(`${second.url}/me`);
  expect([answer.status, await answer.json(), without.status]).toEqual([
    200,
    expect.objectContaining({ type: 'user', subject: 'alice' }),
    401,
  ]);
  await second.close();
});

describe('the other blocks of the README run to their end', () => {
  const issuers: TestIssuer[] = [];
  let database: ReturnType<typeof newPGlite>;
  class Pool {
    query = async (text: string, values?: unknown[]) => (await database).query(text, values);
  }
  beforeAll(async () => {
    database = newPGlite();
    await database;
  });
  afterAll(async () => {
    await Promise.all([...issuers, await database].map((opened) => opened.close()));
  });

  const secret = 'a secret of thirty-two bytes, at least';
  const files: Readonly<Record<string, string>> = {
    'kong.yml': 'consumers: [{ username: ann, jwt_secrets: [{ key: k, secret: s }] }]\nplugins: [{ name: jwt }]',
    'jwt-idp.json': JSON.stringify({
      name: 'portal',
      issuer: 'https://waf.example.com',
      jwtEndpoint: 'https://waf.example.com/jwt',
      keysEndpoint: 'https://waf.example.com/keys',
      headerName: 'x-waf-jwt',
    }),
  };

  /** What blocks may import; a database of this process stands in for a server. */
  const importable: Readonly<Record<string, unknown>> = {
    ...sallyport,
    ...migrate,
    postgresUsers,
    express,
    request,
    withPrincipal,
    testIssuer: async (options: TestIssuerOptions) => {
      const issuer = await testIssuer(options);
      issuers.push(issuer);
      return issuer;
    },
    readFile: async (name: string) => files[name],
    Pool,
    process: { env: { SESSION_SECRET: secret, JWT_SECRET: secret, CLIENT_SECRET: 's', GATEWAY_SECRET: 's' } },
    console: { warn: () => undefined },
  };

  // Programs that listen are run above, and redis needs a server.
  const runnable = docsBlocks('README.md').filter(({ code }) => !/listen\(|from 'redis'/.test(code));

  test.each(runnable)('line $line, "$heading"', async ({ code }) => {
    const imported = [...code.matchAll(/^import (?:(\w+)|\{ (.*) \}) from/gm)].flatMap(([, one, many]) =>
      (one ?? many ?? '').split(', '),
    );
    const plain = ts.transpile(code, { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext });
    const body = plain.replace(/^import .*$/gm, '').replace(/^export (?:\{\};?)?/gm, '');
    // The type of the constructor of async functions, which has no name of its own.
    const AsyncFunction = (async () => undefined).constructor as new (
      ...parts: string[]
    ) => (...values: unknown[]) => Promise<void>;
    const given = [...imported, 'process', 'console'];
    expect(given.filter((name) => !(name in importable))).toEqual([]);
    await new AsyncFunction(...given, body)(...given.map((name) => importable[name]));
  });
});
