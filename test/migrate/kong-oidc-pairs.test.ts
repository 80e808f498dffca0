import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import { consumerJwt, jwtAuth, memoryConsumers } from '../../lib/index.js';
import { fromKong } from '../../lib/migrate/index.js';
import { type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { granted, tokenServer } from '../helpers/grants.js';
import { app, showPrincipal } from '../helpers/servers.js';

const provider = await tokenServer();
let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await testIssuer({
    clients: [
      { id: 'kong', secret: 'kong-secret' },
      { id: 'robot', secret: 'robot-secret', claims: { team: 'ops' } },
    ],
    users: [{ username: 'alex', password: 'doe' }],
  });
});
afterAll(() => issuer.close());
beforeEach(() => issuer.heal());

type Config = Readonly<Record<string, unknown>>;

const CLIENT = { client_id: ['kong'], client_secret: ['kong-secret'] };
const PASSWORD = { ...CLIENT, auth_methods: ['password', 'bearer'] };
const ROBOTS = { auth_methods: ['client_credentials'] };

const migrated = (config: Config, consumers: Config[] = []) =>
  fromKong({ consumers, plugins: [{ name: 'openid-connect', config: { issuer: issuer.url, ...config } }] });
const door = async (config: Config, consumers: Config[] = []) => app(...(await migrated(config, consumers)).methods);
type Door = Awaited<ReturnType<typeof door>>;

const as = (server: Door, id: string, secret: string, url = '/') => request(server).get(url).auth(id, secret);
const askedFor = async (work: () => Promise<unknown>) => {
  const before = issuer.counts.token;
  await work();
  return issuer.counts.token - before;
};

describe('fromKong, openid-connect: a name and a password', () => {
  test('-u alex:doe gives the token, and ?access_token= with it is let in', async () => {
    const server = await door({ ...PASSWORD, bearer_token_param_type: ['query'] });
    const { status, body } = await as(server, 'alex', 'doe');
    expect(status).toBe(200);
    expect(body.principal).toMatchObject({ type: 'user', subject: 'alex', credential: { kind: 'basic' } });
    const [scheme, token] = body.headers.authorization.split(' ');
    expect(scheme).toBe('Bearer');
    const again = await request(server).get(`/?access_token=${token}`);
    expect([again.status, again.body.principal.subject]).toEqual([200, 'alex']);
    expect((await request(server).get('/').set('Authorization', `Bearer ${token}`)).status).toBe(401);
  });

  test('a wrong password is a 401 in Kong’s words, and so is a token where none is taken', async () => {
    const server = await door({ ...PASSWORD, auth_methods: ['password'] });
    const { status, text } = await as(server, 'alex', 'wrong');
    expect([status, text]).toEqual([401, '{"message":"Unauthorized"}']);
    const bearer = await request(server)
      .get('/')
      .set('Authorization', `Bearer ${await issuer.mint()}`);
    expect(bearer.status).toBe(401);
  });

  test('they stand in parameters too, where password_param_type says so', async () => {
    const server = express();
    server.use(express.urlencoded({ extended: false }), express.json());
    server.use(...(await migrated({ ...PASSWORD, password_param_type: ['query', 'body'] })).methods, showPrincipal);
    const query = await request(server).get('/?username=alex&password=doe&x=1');
    expect([query.status, query.body.url]).toEqual([200, '/?x=1']);
    const form = await request(server).post('/').type('form').send({ username: 'alex', password: 'doe' });
    expect([form.status, form.body.principal?.subject]).toEqual([200, 'alex']);
    const json = await request(server).post('/').send({ username: 'alex', password: 'wrong' });
    expect(json.status).toBe(401);
    expect((await as(server, 'alex', 'doe')).status).toBe(401);
    expect((await request(server).get('/?username=alex')).status).toBe(401);
    expect((await request(server).get('/?username=a&username=alex&password=doe')).status).toBe(400);
    expect((await request(server).get('/?username=al:ex&password=doe')).status).toBe(400);
  });

  test('a password and a token together are a 400', async () => {
    const server = await door(PASSWORD);
    const both = await as(server, 'alex', 'doe', `/?access_token=${await issuer.mint()}`);
    expect([both.status, both.text]).toEqual([400, '{"message":"Bad Request"}']);
  });

  test('too many wrong passwords are a 429 that says so', async () => {
    const server = await door(PASSWORD);
    let answer = await as(server, 'eve', 'wrong 0');
    for (let tries = 1; answer.status === 401; tries += 1) answer = await as(server, 'eve', `wrong ${tries}`);
    expect([answer.status, answer.text]).toEqual([429, '{"message":"Too Many Requests"}']);
  });

  test('a provider that is down is a 503, where Kong says 401', async () => {
    const server = await door(PASSWORD);
    issuer.fault('token', { status: 500 });
    const { status, headers } = await as(server, 'alex', 'doe');
    expect([status, headers['retry-after']]).toEqual([503, expect.stringMatching(/^\d+$/)]);
  });
});

describe('fromKong, openid-connect: a client id and a secret', () => {
  test('a client comes in by its own id and secret, without Kong being one', async () => {
    const server = await door(ROBOTS);
    const { status, body } = await as(server, 'robot', 'robot-secret');
    expect([status, body.principal.type, body.principal.claims.client_id]).toEqual([200, 'client', 'robot']);
    expect((await as(server, 'robot', 'wrong')).status).toBe(401);
    const named = await request(server).get('/?client_id=robot&client_secret=robot-secret');
    expect(named.status).toBe(200);
    expect((await request(server).get('/?username=robot&password=robot-secret')).status).toBe(401);
  });

  test('with both methods, a pair in the header is tried as a password first', async () => {
    const server = await door({ ...CLIENT, auth_methods: ['client_credentials', 'password'] });
    expect((await as(server, 'alex', 'doe')).body.principal.subject).toBe('alex');
    expect((await as(server, 'robot', 'robot-secret')).body.principal.claims.client_id).toBe('robot');
  });

  test('the consumer, the groups and the claim headers come from the token got', async () => {
    const config = { ...ROBOTS, consumer_claim: ['team'], upstream_headers: [{ header: 'X-Team', path: ['team'] }] };
    const server = await door(config, [{ username: 'ops', acls: [{ group: 'admins' }] }]);
    const { body } = await as(server, 'robot', 'robot-secret');
    expect(body.principal).toMatchObject({ type: 'consumer', username: 'ops', groups: ['admins'] });
    expect(body.headers).toMatchObject({ 'x-consumer-username': 'ops', 'x-team': 'ops' });
    expect((await as(await door(config), 'robot', 'robot-secret')).status).toBe(403);
  });

  test('scopes that are asked for are openid, unless others are named', async () => {
    const granted = async (config: Config) =>
      (await as(await door({ ...ROBOTS, ...config }), 'robot', 'robot-secret')).body.principal.scopes;
    expect(await granted({})).toEqual(['openid']);
    expect(await granted({ scopes: ['a', 'b'] })).toEqual(['a', 'b']);
  });

  test('upstream_access_token_header names where the application finds the token got', async () => {
    const server = await door({ ...ROBOTS, upstream_access_token_header: 'x-token' });
    const { headers } = (await as(server, 'robot', 'robot-secret')).body;
    expect(headers['x-token']).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(headers.authorization).toBeUndefined();
  });

  test('tokens are kept unless cache_tokens is off', async () => {
    const twice = async (config: Config) => {
      const server = await door({ ...ROBOTS, ...config });
      return askedFor(async () => {
        await as(server, 'robot', 'robot-secret');
        await as(server, 'robot', 'robot-secret');
      });
    };
    expect(await twice({})).toBe(1);
    expect(await twice({ cache_tokens: false })).toBe(2);
  });

  test('beside other methods a pair is still its own', async () => {
    const { methods } = await migrated(ROBOTS);
    const auth = jwtAuth({ methods: [consumerJwt({ consumers: memoryConsumers() }), ...methods] });
    expect((await as(app(auth), 'robot', 'robot-secret')).body.principal.claims.client_id).toBe('robot');
  });
});

describe('fromKong, openid-connect: what is said of Kong as a client', () => {
  test.each([
    [{ auth_methods: ['password'] }, 'client_id: is required with auth_methods: password'],
    [{ auth_methods: ['introspection'] }, 'client_id: is required with auth_methods: introspection'],
    [{ ...PASSWORD, client_secret: undefined }, 'client_secret: required field missing'],
    [{ ...PASSWORD, client_auth: ['basic'] }, 'client_auth: expected one of: client_secret_basic'],
    [{ ...PASSWORD, client_auth: ['tls_client_auth'] }, 'tls_client_auth is not carried over'],
    [{ ...PASSWORD, client_auth: ['private_key_jwt'] }, 'client_jwk: is required'],
    [
      { ...PASSWORD, client_auth: ['private_key_jwt'], client_jwk: [{ kty: 'oct', k: 'AA' }] },
      'client_jwk: expected a private key',
    ],
    [
      { ...PASSWORD, client_auth: ['client_secret_jwt'], client_alg: ['HS512'] },
      'client_alg: with client_secret_jwt only HS256 are carried over',
    ],
    [{ ...ROBOTS, client_auth: ['basic'] }, 'client_auth: expected one of: client_secret_basic'],
    [{ ...PASSWORD, password_param_type: ['cookie'] }, 'password_param_type[0]: expected one of: header, query, body'],
  ])('%j is refused with its reason', async (config, reason) => {
    await expect(migrated(config)).rejects.toThrow(reason);
  });

  test('client_secret_post is used where client_auth or the endpoint’s own field says so', async () => {
    for (const config of [
      { client_auth: ['client_secret_post'] },
      { token_endpoint_auth_method: 'client_secret_post' },
    ]) {
      expect((await as(await door({ ...PASSWORD, ...config }), 'alex', 'doe')).status).toBe(200);
    }
  });

  test('callers prove who they are as client_auth says, also where Kong is no client', async () => {
    provider.answer = async () => granted({ access_token: await issuer.mint() });
    const config = { ...ROBOTS, client_auth: ['client_secret_post'], token_endpoint: provider.url };
    expect((await as(await door(config), 'robot', 'robot-secret')).status).toBe(200);
    const [asked] = provider.asked;
    expect([asked?.authorization, asked?.form.get('client_secret')]).toEqual([undefined, 'robot-secret']);
  });

  test('of several clients the first counts, and a warning says so', async () => {
    const several = { ...PASSWORD, client_id: ['kong', 'other'], client_secret: ['kong-secret', 'x'] };
    const { methods, warnings } = await migrated(several);
    expect((await as(app(...methods), 'alex', 'doe')).status).toBe(200);
    expect(warnings).toContain('plugins[0].config.client_id: names several clients; the first one is carried over');
    expect(warnings.filter((warning) => warning.includes('plain HTTP'))).toHaveLength(1);
  });
});
