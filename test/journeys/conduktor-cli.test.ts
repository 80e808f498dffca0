import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import {
  basicGrant,
  type ClientOptions,
  jwtAuth,
  memoryUsers,
  oidcBearer,
  principalOf,
  requireScopes,
} from '../../lib/index.js';
import { ALEX, grantProvider } from '../helpers/grant-provider.js';
import { API } from '../helpers/real-provider.js';

const PROGRAM = { id: 'ci-pipeline', secret: 'a secret of the pipeline' };
const GATEWAY: ClientOptions = { id: 'gateway', secret: 'a secret of the gateway' };
const provider = await grantProvider([
  { client_id: PROGRAM.id, client_secret: PROGRAM.secret },
  { client_id: GATEWAY.id, client_secret: String(GATEWAY.secret) },
]);

/** The gateway and the console behind it, in one: who comes is known by a token or by Basic. */
function consoleApp() {
  const bearer = oidcBearer({
    issuer: provider.origin,
    audience: API,
    users: { store: memoryUsers(), autoRegister: true },
  });
  const pairs = basicGrant({
    issuer: provider.origin,
    resource: API,
    client: GATEWAY,
    scopes: 'things:read',
    verify: bearer,
  });
  const door = jwtAuth({ methods: [bearer, pairs] });
  const app = express();
  app.use(door);
  app.get('/token/v1/whoami', (req, res) => {
    const { type, username, email, id } = principalOf(req);
    res.json({ type, name: email ?? username ?? id });
  });
  app.put('/public/v1/things/:id', requireScopes('things:write'), (_req, res) => void res.status(204).end());
  return { app, door };
}

const { app, door } = consoleApp();
afterAll(() => door.close());
let before = 0;
const exchanges = () => provider.asked.filter((path) => path === '/token').length - before;
beforeEach(() => {
  before += exchanges();
});

/** What the CLI sends in external mode: a key as a Bearer token, a user and a password as Basic. */
function credentialsOf(env: Record<string, string>): string {
  const { CDK_AUTH_MODE, CDK_API_KEY, CDK_USER, CDK_PASSWORD } = env;
  if (CDK_AUTH_MODE?.toLowerCase() !== 'external') throw new Error('this is not the external mode');
  if (CDK_API_KEY !== undefined) return `Bearer ${CDK_API_KEY}`;
  return `Basic ${Buffer.from(`${CDK_USER}:${CDK_PASSWORD}`).toString('base64')}`;
}

const ctl = (env: Record<string, string>) => ({
  whoami: () => request(app).get('/token/v1/whoami').set('Authorization', credentialsOf(env)),
  apply: () => request(app).put('/public/v1/things/1').set('Authorization', credentialsOf(env)),
});

/** A token as the pipeline gets it from the provider by itself. */
async function ownToken(): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', resource: API, scope: 'things:write' });
  const authorization = `Basic ${Buffer.from(`${PROGRAM.id}:${encodeURIComponent(PROGRAM.secret)}`).toString('base64')}`;
  const answer = await fetch(`${provider.origin}/token`, { method: 'POST', body, headers: { authorization } });
  return ((await answer.json()) as { access_token: string }).access_token;
}

describe('CDK_AUTH_MODE=external', () => {
  test('with CDK_API_KEY: the provider’s own token says who it is, and what it may do', async () => {
    const cli = ctl({ CDK_AUTH_MODE: 'external', CDK_API_KEY: await ownToken() });
    expect((await cli.whoami()).body).toEqual({ type: 'client', name: PROGRAM.id });
    expect((await cli.apply()).status).toBe(204);
  });

  test('with CDK_USER and CDK_PASSWORD: a client’s id and secret are swapped once for a token', async () => {
    const cli = ctl({ CDK_AUTH_MODE: 'ExTerNaL', CDK_USER: PROGRAM.id, CDK_PASSWORD: PROGRAM.secret });
    for (let count = 0; count < 3; count += 1) {
      expect((await cli.whoami()).body).toEqual({ type: 'client', name: PROGRAM.id });
    }
    expect(exchanges()).toBe(1);
    // What it may do is what the gateway asks for.
    expect((await cli.apply()).status).toBe(403);
  });

  test('with a person’s e-mail and password: the person is registered once, and known by either way', async () => {
    const cli = ctl({ CDK_AUTH_MODE: 'external', CDK_USER: ALEX.name, CDK_PASSWORD: ALEX.password });
    expect((await cli.whoami()).body).toEqual({ type: 'user', name: ALEX.name });
    expect((await cli.whoami()).body).toEqual({ type: 'user', name: ALEX.name });
    // Once as a client, which it is not, and once as a person.
    expect(exchanges()).toBe(2);
  });

  test.each([
    ['a wrong password', { CDK_USER: PROGRAM.id, CDK_PASSWORD: 'wrong' }],
    ['somebody unknown', { CDK_USER: 'nobody', CDK_PASSWORD: PROGRAM.secret }],
    ['a key that is no token', { CDK_API_KEY: 'an-old-api-key' }],
    [
      'a name and password as a token',
      { CDK_API_KEY: Buffer.from(`${PROGRAM.id}:${PROGRAM.secret}`).toString('base64') },
    ],
  ])('with %s: 401, and both ways are offered', async (_what, env) => {
    const answer = await ctl({ CDK_AUTH_MODE: 'external', ...env }).whoami();
    expect([answer.status, answer.body.code]).toEqual([401, 'invalid_token']);
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="api", error="invalid_token", Basic realm="api", charset="UTF-8"',
    );
  });

  test('with nothing at all: 401, and both ways are offered', async () => {
    const answer = await request(app).get('/token/v1/whoami');
    expect([answer.status, answer.body.code]).toEqual([401, 'credentials_missing']);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="api", Basic realm="api", charset="UTF-8"');
  });
});
