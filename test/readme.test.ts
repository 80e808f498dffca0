import { readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express, { type Express } from 'express';
import request from 'supertest';
import { type OidcBearerOptions, oidcBearer } from '../lib/index.js';
import { postgresUsers } from '../lib/postgres/index.js';
import { type TestIssuer, testIssuer } from '../lib/testing/index.js';

const README = readFileSync('README.md', 'utf8');
/** The issuer that the README speaks of; in the tests an issuer of our own stands in for it. */
const ISSUER = 'https://login.example.com';
const AUDIENCE = 'https://api.example.com';

/** A code block of a section as it stands there, without its imports. */
function codeOf(section: string, index: number): string {
  const body = README.slice(README.indexOf(`## ${section}\n`)).split('\n## ')[0] ?? '';
  const blocks = [...body.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] ?? '');
  return (blocks[index] ?? '').replace(/^import .*$/gm, '');
}

/** Runs code with the names that it takes for granted. */
async function run(code: string, names: Record<string, unknown>): Promise<void> {
  // The type of the constructor of async functions, which has no name of its own.
  const AsyncFunction = (async () => undefined).constructor as new (
    ...parts: string[]
  ) => (...values: unknown[]) => Promise<void>;
  await new AsyncFunction(...Object.keys(names), code)(...Object.values(names));
}

let issuer: TestIssuer;
let database: PGlite;

beforeAll(async () => {
  issuer = await testIssuer({ audience: AUDIENCE });
  database = await PGlite.create();
}, 60_000);

afterAll(async () => {
  await issuer.close();
  await database.close();
});

/** The README's application: its code, with our issuer where it names another. */
async function appOf(section: string, index: number, names: Record<string, unknown>): Promise<Express> {
  const app = express();
  const local = (options: OidcBearerOptions) => oidcBearer({ ...options, issuer: issuer.url, audience: AUDIENCE });
  await run(codeOf(section, index), { app, oidcBearer: local, issuer: ISSUER, audience: AUDIENCE, ...names });
  app.get('/me', (req, res) => {
    res.json(req.principal);
  });
  return app;
}

const me = async (app: Express, claims: Record<string, unknown>) =>
  request(app)
    .get('/me')
    .set('Authorization', `Bearer ${await issuer.mint(claims)}`);

describe('README, "Plug in your users"', () => {
  test('the callback registers who has a verified e-mail, and nobody else', async () => {
    const rows = new Map<string, { id: string; email: string }>();
    const upsert = async ({ key, email }: { key: string; email: string }) => {
      rows.set(key, rows.get(key) ?? { id: `user-${rows.size + 1}`, email });
      return rows.get(key);
    };
    const app = await appOf('Plug in your users', 0, { db: { users: { upsert } } });
    const known = await me(app, { sub: 'alice', email: 'alice@example.com', email_verified: true });
    expect(known.body).toMatchObject({ type: 'user', id: 'user-1', user: { email: 'alice@example.com' } });
    const unknown = await me(app, { sub: 'mallory', email: 'mallory@example.com' });
    expect([unknown.status, unknown.body.code]).toEqual([403, 'user_not_registered']);
    expect(rows.size).toBe(1);
  });

  test('the PostgreSQL form registers once, mirrors groups, and keeps other domains out', async () => {
    class Pool {
      query = (text: string, values?: unknown[]) => database.query(text, values);
    }
    const app = await appOf('Plug in your users', 1, { Pool, postgresUsers });
    const alice = { sub: 'alice', email: 'alice@example.com', email_verified: true, groups: ['readers'] };
    const [first, second] = [await me(app, alice), await me(app, alice)];
    expect(first.body).toMatchObject({ created: true, groups: ['readers'], user: { email: 'alice@example.com' } });
    expect(second.body).toMatchObject({ created: false, id: first.body.id });
    const stranger = await me(app, { sub: 'eve', email: 'eve@elsewhere.com', email_verified: true });
    expect([stranger.status, stranger.body.code]).toEqual([403, 'registration_denied']);
  });
});

describe('README, "Opaque tokens"', () => {
  test('a token is shown to the endpoint in the document, with the client of the environment', async () => {
    const spoken = { issuer: issuer.url, audience: AUDIENCE };
    const client = { id: 'test-client', secret: 'test-secret' };
    const local = ({ introspection }: OidcBearerOptions) =>
      oidcBearer({ ...spoken, introspection: { ...introspection, client: { ...introspection?.client, ...client } } });
    const process = { env: { CLIENT_SECRET: client.secret } };
    const app = await appOf('Opaque tokens', 0, { oidcBearer: local, process });
    const before = issuer.counts.introspection;
    issuer.fault('introspection', { body: { active: true, iss: issuer.url, aud: AUDIENCE, sub: 'alice' } });
    const answer = await request(app).get('/me').set('Authorization', 'Bearer an-opaque-token');
    issuer.heal();
    expect(answer.body).toMatchObject({ subject: 'alice', credential: { kind: 'opaque' } });
    const other = await request(app).get('/me').set('Authorization', 'Bearer another-opaque-token');
    expect([other.status, other.body.code]).toEqual([401, 'invalid_token']);
    expect(issuer.counts.introspection - before).toBe(2);
  });
});
