import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express, { type Express } from 'express';
import request from 'supertest';
import {
  type BasicGrantOptions,
  basicGrant,
  jwtAuth,
  jwtIdp,
  localToken,
  memoryUsers,
  type OidcBearerOptions,
  oidcBearer,
  type UserStore,
  type WafTokenOptions,
  wafToken,
} from '../lib/index.js';
import { fromZitadel } from '../lib/migrate/index.js';
import { postgresUsers } from '../lib/postgres/index.js';
import { type TestIssuer, testIssuer } from '../lib/testing/index.js';
import { docsCode } from './helpers/docs-blocks.js';
import { newPGlite } from './helpers/embedded-postgres.js';
import { Browser } from './helpers/sign-in.js';
import { WAF_HEADER } from './helpers/waf.js';

/** Audience that the README speaks of; its issuer is replaced by one of this test. */
const AUDIENCE = 'https://api.example.com';

/** A code block of a section as it stands there, without its imports. */
const codeOf = (section: string, index: number) => docsCode('README.md', section, index).replace(/^import .*$/gm, '');

/** Runs code with the names that it imports. */
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
  const clients = [
    { id: 'reports', secret: 'a secret' },
    { id: 'gateway', secret: 'a secret of ours' },
  ];
  issuer = await testIssuer({ audience: AUDIENCE, clients, users: [{ username: 'alex', password: 'doe' }] });
  database = await newPGlite();
});

afterAll(async () => {
  await issuer.close();
  await database.close();
});

/** The README's application: its code, with our issuer where it names another. */
async function appOf(section: string, index: number, names: Record<string, unknown>): Promise<Express> {
  const app = express();
  const local = (options: OidcBearerOptions) =>
    oidcBearer({ ...options, issuer: issuer.url, audience: AUDIENCE } as OidcBearerOptions);
  await run(codeOf(section, index), { express: () => app, oidcBearer: local, ...names });
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
  class Pool {
    query = (text: string, values?: unknown[]) => database.query(text, values);
  }

  test('the callback registers who has a verified e-mail, and nobody else', async () => {
    await database.exec('CREATE TABLE people (id text PRIMARY KEY, email text NOT NULL)');
    const app = await appOf('Plug in your users', 0, { Pool });
    const known = await me(app, { sub: 'alice', email: 'alice@example.com', email_verified: true });
    const { rows } = await database.query<{ id: string }>('SELECT * FROM people');
    expect(known.body).toMatchObject({ type: 'user', id: rows[0]?.id, user: { email: 'alice@example.com' } });
    const unknown = await me(app, { sub: 'mallory', email: 'mallory@example.com' });
    expect([unknown.status, unknown.body.code]).toEqual([403, 'user_not_registered']);
    expect((await database.query('SELECT * FROM people')).rows).toEqual(rows);
  });

  test('the PostgreSQL form registers once, mirrors groups, and keeps other domains out', async () => {
    const app = await appOf('Plug in your users', 1, { Pool, postgresUsers });
    const alice = { sub: 'alice', email: 'alice@example.com', email_verified: true, groups: ['readers'] };
    const [first, second] = [await me(app, alice), await me(app, alice)];
    expect(first.body).toMatchObject({ created: true, groups: ['readers'], user: { email: 'alice@example.com' } });
    expect(second.body).toMatchObject({ created: false, id: first.body.id });
    const stranger = await me(app, { sub: 'eve', email: 'eve@elsewhere.com', email_verified: true });
    expect([stranger.status, stranger.body.code]).toEqual([403, 'registration_denied']);
  });
});

describe('README, "Sign in a browser"', () => {
  const secret = 'a secret of thirty-two bytes, at least';
  const ann = { aud: 'my-app', sub: 'ann', email: 'ann@example.com', email_verified: true };
  const keysOf = () => ({ issuer: issuer.url, jwksUri: issuer.metadata.jwks_uri });

  /** What the code imports; the WAF's keys are those of our issuer. */
  const names = (store: UserStore) => {
    const local = (options: WafTokenOptions) => wafToken({ ...options, ...keysOf() } as WafTokenOptions);
    const process = { env: { SESSION_SECRET: secret } };
    return { localToken, jwtIdp, wafToken: local, memoryUsers: () => store, process };
  };

  /** All five steps, and who it is then. */
  async function signedIn(app: Express) {
    const browser = new Browser(app);
    const page = await browser.signIn(await issuer.mint(ann), { path: '/sign-in', returnTo: '/home' });
    return { location: page.location, me: JSON.parse((await browser.get('/me')).text) };
  }

  test('the router signs a browser in that the WAF knows, and registers its user', async () => {
    const app = await appOf('Sign in a browser', 0, names(memoryUsers()));
    expect((await new Browser(app).get('/sign-in/login')).location).toMatch(
      /^https:\/\/waf\.example\.com\/jwt\?authReq/,
    );
    const { location, me: person } = await signedIn(app);
    expect(location).toBe('/home');
    expect(person).toMatchObject({ type: 'user', email: 'ann@example.com' });
    const elsewhere = await new Browser(app).get('/sign-in/login?return_to=https://evil.example/home');
    expect([elsewhere.status, elsewhere.code]).toEqual([400, 'return_url_not_allowed']);
  });

  test('and so does what a configuration of ZITADEL becomes', async () => {
    const config = {
      name: 'portal',
      issuer: issuer.url,
      jwtEndpoint: 'https://waf.example.com/jwt',
      keysEndpoint: issuer.metadata.jwks_uri,
      headerName: WAF_HEADER,
      providerOptions: { isCreationAllowed: true, isAutoCreation: true },
    };
    const keys = [{ kid: '1', algorithm: 'HS256', secret }] as const;
    const session = localToken({ keys, issuer: 'https://app.example.com', cookie: true });
    const readFile = async () => JSON.stringify(config);
    const app = await appOf('Moving in', 1, {
      ...names(memoryUsers()),
      localToken: () => session,
      readFile,
      fromZitadel,
    });
    app.get('/who', session, (req, res) => {
      res.json(req.principal);
    });
    const browser = new Browser(app);
    expect((await browser.signIn(await issuer.mint(ann), { path: '/sign-in' })).location).toBe('/home');
    expect(JSON.parse((await browser.get('/who')).text)).toMatchObject({ email: 'ann@example.com' });
  });
});

describe('README, "Clients with an id and a secret"', () => {
  const local = (options: BasicGrantOptions) => basicGrant({ ...options, issuer: issuer.url });
  const names = () => ({ jwtAuth, basicGrant: local, process: { env: { GATEWAY_SECRET: 'a secret of ours' } } });
  const by = async (app: Express, id: string, secret: string) => request(app).get('/me').auth(id, secret);

  test('programs get in by their pair as by their token', async () => {
    const app = await appOf('Clients with an id and a secret', 0, names());
    expect((await by(app, 'reports', 'a secret')).body).toMatchObject({ type: 'client', method: 'basicGrant' });
    expect((await me(app, { sub: 'alice' })).body).toMatchObject({ type: 'user', method: 'oidcBearer' });
    expect((await by(app, 'reports', 'another')).status).toBe(401);
  });

  test('people get in by their password as well', async () => {
    const app = await appOf('Clients with an id and a secret', 1, names());
    expect((await by(app, 'alex', 'doe')).body).toMatchObject({ type: 'user', username: 'alex' });
    expect((await by(app, 'reports', 'a secret')).body).toMatchObject({ type: 'client' });
  });
});

describe('README, "Opaque tokens"', () => {
  test('a token is shown to the endpoint in the document, with the client of the environment', async () => {
    const spoken = { issuer: issuer.url, audience: AUDIENCE };
    const client = { id: 'gateway', secret: 'a secret of ours' };
    const local = ({ introspection }: OidcBearerOptions) =>
      oidcBearer({ ...spoken, introspection: { ...introspection, client } });
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
