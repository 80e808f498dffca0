import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { fromKong } from '../../lib/migrate/index.js';
import { mintToken, type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { app } from '../helpers/servers.js';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await testIssuer();
});
afterAll(() => issuer.close());

const JANE_SECRET = 'jane'.repeat(8);

type Config = Record<string, unknown>;

const kong = (config: Config, consumers: Config[] = []) =>
  fromKong({
    consumers,
    plugins: [{ name: 'openid-connect', config: { issuer: issuer.url, auth_methods: ['bearer'], ...config } }],
  });

async function door(config: Config = {}, consumers: Config[] = []) {
  const { methods } = await kong(config, consumers);
  return app(...methods);
}

const get = (server: Awaited<ReturnType<typeof door>>, token: string, url = '/') =>
  request(server).get(url).set('Authorization', `Bearer ${token}`);

describe('fromKong, openid-connect: the credential', () => {
  test('no token is a 401 in Kong’s words, with a challenge that names no error', async () => {
    const { status, text, headers } = await request(await door()).get('/');
    expect([status, text, headers['www-authenticate']]).toEqual([401, '{"message":"Unauthorized"}', 'Bearer']);
  });

  test('a good token passes, a forged one is a 401 with an error', async () => {
    const token = await issuer.mint();
    expect((await get(await door(), token)).status).toBe(200);
    const forged = await get(await door(), `${token.slice(0, -8)}AAAAAAAA`);
    expect([forged.status, forged.text]).toEqual([401, '{"message":"Unauthorized"}']);
    expect(forged.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  });

  test('the discovery URL stands for its issuer', async () => {
    const server = await door({ issuer: `${issuer.url}/.well-known/openid-configuration` });
    expect((await get(server, await issuer.mint())).status).toBe(200);
  });

  test('tokens are read where bearer_token_param_type says, and nowhere else', async () => {
    const token = await issuer.mint();
    const server = await door({ bearer_token_param_type: ['query'] });
    expect((await request(server).get(`/?access_token=${token}`)).status).toBe(200);
    expect((await get(server, token)).status).toBe(401);
    expect(
      (
        await request(await door())
          .get('/')
          .set('X-Access-Token', token)
      ).status,
    ).toBe(200);
    const cookies = await door({ bearer_token_param_type: ['cookie'], bearer_token_cookie_name: 'at' });
    expect((await request(cookies).get('/').set('Cookie', `at=${token}`)).status).toBe(200);
    const own = await door({ bearer_token_header_name: 'X-Token' });
    expect((await request(own).get('/').set('X-Token', token)).status).toBe(200);
    expect((await get(own, token)).status).toBe(401);
  });

  test('leeway is Kong’s: none unless it is set', async () => {
    const expired = await issuer.mint({ exp: Math.floor(Date.now() / 1000) - 5 });
    expect((await get(await door(), expired)).status).toBe(401);
    expect((await get(await door({ leeway: 60 }), expired)).status).toBe(200);
  });

  test('issuers_allowed decides about iss', async () => {
    const foreign = await issuer.mint({ iss: 'https://elsewhere.example' });
    expect((await get(await door(), foreign)).status).toBe(401);
    expect((await get(await door({ issuers_allowed: ['https://elsewhere.example'] }), foreign)).status).toBe(200);
  });

  test('a provider that names itself otherwise than it is reached is asked for tokens and about them', async () => {
    const config = {
      issuer: `${issuer.url}/`,
      issuers_allowed: [issuer.url],
      auth_methods: ['bearer', 'introspection', 'client_credentials'],
      client_id: ['test-client'],
      client_secret: ['test-secret'],
    };
    const server = await door(config);
    expect((await request(server).get('/').auth('test-client', 'test-secret')).status).toBe(200);
    issuer.fault('introspection', { body: { active: true, sub: 'ann' } });
    const opaque = await get(server, 'opaque');
    issuer.heal('introspection');
    expect([opaque.status, opaque.body.principal?.subject]).toEqual([200, 'ann']);
  });

  test('jwks_endpoint replaces discovery', async () => {
    const document = await fetch(`${issuer.url}/.well-known/openid-configuration`);
    const { jwks_uri: jwksEndpoint } = (await document.json()) as { jwks_uri: string };
    const before = issuer.counts.discovery;
    const server = await door({ jwks_endpoint: jwksEndpoint });
    expect((await get(server, await issuer.mint())).status).toBe(200);
    expect(issuer.counts.discovery).toBe(before);
  });

  test('a provider that is down is a 503, where Kong says 401', async () => {
    const server = await door({ issuer: 'http://127.0.0.1:1' });
    const response = await get(server, await issuer.mint({ iss: 'http://127.0.0.1:1' }));
    expect(response.status).toBe(503);
    expect(response.headers['retry-after']).toMatch(/^\d+$/);
  });
});

describe('fromKong, openid-connect: authorization', () => {
  const cases: readonly (readonly [title: string, config: Config, claims: Config, status: number])[] = [
    ['a scope that is there', { scopes_required: ['read'] }, { scope: 'read write' }, 200],
    ['a scope that is not', { scopes_required: ['admin'] }, { scope: 'read write' }, 403],
    ['all words of one entry', { scopes_required: ['read write'] }, { scope: 'write read' }, 200],
    ['one word missing', { scopes_required: ['read admin'] }, { scope: 'read' }, 403],
    ['the second entry', { scopes_required: ['read admin', 'write'] }, { scope: 'write' }, 200],
    [
      'a nested path',
      { roles_claim: ['realm_access', 'roles'], roles_required: ['ops'] },
      { realm_access: { roles: ['ops'] } },
      200,
    ],
    ['an index from 1', { groups_claim: ['teams', '1'], groups_required: ['a'] }, { teams: ['a', 'b'] }, 200],
    ['another audience', { audience_required: ['api'] }, { aud: 'other' }, 403],
    ['our audience', { audience_required: ['api'] }, { aud: ['other', 'api'] }, 200],
    ['every pair', { scopes_required: ['read'], groups_required: ['g'] }, { scope: 'read' }, 403],
    ['a forbidden claim', { claims_forbidden: ['preview'] }, { preview: false }, 403],
  ];
  test.each(cases)('%s', async (_title, config, claims, status) => {
    const response = await get(await door(config), await issuer.mint(claims));
    expect(response.status).toBe(status);
    if (status === 403) expect(response.text).toBe('{"message":"Forbidden"}');
  });
});

describe('fromKong, openid-connect: consumers', () => {
  const consumers = [{ username: 'Alice', custom_id: 'c-1' }];

  test('a token becomes the consumer that its claim names, and the headers say so', async () => {
    const server = await door({ consumer_claim: ['preferred_username'] }, consumers);
    const { status, body } = await get(server, await issuer.mint({ preferred_username: 'Alice' })).set(
      'X-Consumer-Username',
      'mallory',
    );
    expect(status).toBe(200);
    expect(body.principal).toMatchObject({ type: 'consumer', username: 'Alice' });
    expect(body.headers).toMatchObject({ 'x-consumer-username': 'Alice', 'x-consumer-custom-id': 'c-1' });
  });

  test('the case of a user name counts unless it is told not to', async () => {
    const token = await issuer.mint({ preferred_username: 'alice' });
    const config = { consumer_claim: ['preferred_username'] };
    expect((await get(await door(config, consumers), token)).status).toBe(403);
    expect((await get(await door({ ...config, by_username_ignore_case: true }, consumers), token)).status).toBe(200);
  });

  test('nobody by that name is a 403, or a user where consumers are optional', async () => {
    const token = await issuer.mint({ preferred_username: 'bob' });
    const config = { consumer_claim: ['preferred_username'] };
    expect((await get(await door(config, consumers), token)).text).toBe('{"message":"Forbidden"}');
    const optional = await get(await door({ ...config, consumer_optional: true }, consumers), token);
    expect(optional.body.principal.type).toBe('user');
  });

  test('spoofed identity headers never pass, and groups are announced', async () => {
    const token = await issuer.mint({ teams: ['a', 'b'] });
    const { body } = await get(await door({ authenticated_groups_claim: ['teams'] }), token)
      .set('X-Consumer-ID', 'x')
      .set('X-Authenticated-Groups', 'root');
    expect(body.headers['x-authenticated-groups']).toBe('a, b');
    expect(body.headers['x-consumer-id']).toBeUndefined();
    expect(body.principal.groups).toEqual(['a', 'b']);
  });
});

test('a scope that lacks is named in the challenge, a role is not', async () => {
  const token = await issuer.mint();
  const challengeOf = async (config: Config) => {
    const { status, text, headers } = await get(await door(config), token);
    return [status, text, headers['www-authenticate']];
  };
  const forbidden = '{"message":"Forbidden"}';
  const challenge = 'Bearer realm="api", error="insufficient_scope", scope="a b c"';
  expect(await challengeOf({ scopes_required: ['a b', 'c a'] })).toEqual([403, forbidden, challenge]);
  expect(await challengeOf({ roles_required: ['a'] })).toEqual([403, forbidden, undefined]);
});

describe('fromKong, openid-connect with anonymous', () => {
  const consumers = [{ username: 'guest' }, { username: 'jane', jwt_secrets: [{ key: 'jane', secret: JANE_SECRET }] }];
  const config = () => ({ anonymous: 'guest', scopes_required: ['read'], run_on_preflight: false });

  test.each([
    ['nobody', async () => undefined],
    ['a bad token', async () => 'not-a-token'],
    ['a token that may not', () => issuer.mint()],
  ])('%s is the anonymous consumer', async (_who, tokenOf) => {
    const token = await tokenOf();
    const asking = request(await door(config(), consumers)).get('/');
    const { status, body } = await (token === undefined ? asking : asking.set('Authorization', `Bearer ${token}`));
    expect([status, body.principal?.type, body.principal?.username]).toEqual([200, 'anonymous', 'guest']);
    expect(body.headers).toMatchObject({ 'x-anonymous-consumer': 'true', 'x-consumer-username': 'guest' });
  });

  test('an outage is nobody’s fault, and nobody’s way in', async () => {
    const down = await testIssuer();
    const token = await down.mint();
    await down.close();
    expect((await get(await door({ ...config(), issuer: down.url }, consumers), token)).status).toBe(503);
  });

  test('beside the jwt plugin, either credential opens the door, and nothing else', async () => {
    const { methods } = await fromKong({
      consumers,
      plugins: [
        { name: 'jwt', config: { anonymous: 'guest' } },
        { name: 'openid-connect', config: { issuer: issuer.url, auth_methods: ['bearer'], ...config() } },
      ],
    });
    const server = app(...methods);
    const shown = async (token: string) => {
      const { body } = await get(server, token);
      return [body.principal.type, body.headers['x-consumer-username'], body.headers['x-anonymous-consumer']];
    };
    expect(await shown(await mintToken({ iss: 'jane' }, { secret: JANE_SECRET }))).toEqual([
      'consumer',
      'jane',
      undefined,
    ]);
    expect(await shown(await issuer.mint({ scope: 'read' }))).toEqual(['user', undefined, undefined]);
    expect(await shown(await issuer.mint())).toEqual(['anonymous', 'guest', 'true']);
    expect(await shown('not-a-token')).toEqual(['anonymous', 'guest', 'true']);
  });

  test('a consumer that does not exist is refused with the configuration', async () => {
    await expect(kong(config())).rejects.toThrow("anonymous consumer guest is configured but doesn't exist");
  });
});

describe('fromKong, openid-connect: the configuration', () => {
  test.each([
    [{ issuer: undefined }, 'config.issuer: required field missing'],
    [{ auth_methods: ['session'] }, 'only bearer, introspection, password, client_credentials are carried over'],
    [{ verify_signature: false }, 'config.verify_signature: false is not carried over'],
    [{ ssl_verify: false }, 'config.ssl_verify: false is not carried over'],
    [{ bearer_token_param_type: ['form'] }, 'expected one of: header, query, body, cookie'],
    [{ leeway: 301 }, 'value should be between 0 and 300'],
  ])('%j is refused with its reason', async (config, reason) => {
    await expect(kong(config)).rejects.toThrow(reason);
  });

  test('every field that is not carried is a warning with its path', async () => {
    const { warnings } = await kong({ auth_methods: ['bearer', 'session'], session_secret: 's', redis: { host: 'h' } });
    expect(warnings).toEqual(
      expect.arrayContaining([
        'plugins[0].config.auth_methods: session are not carried over',
        'plugins[0].config.session_secret: is not carried over',
        'plugins[0].config.redis: is not carried over',
        expect.stringContaining('tokens for any audience are accepted'),
      ]),
    );
  });

  test('run_on_preflight: false lets OPTIONS pass, and strips what clients claim', async () => {
    const response = await request(await door({ run_on_preflight: false }))
      .options('/')
      .set('X-Consumer-ID', 'x');
    expect(response.status).toBe(200);
    expect(response.body.headers['x-consumer-id']).toBeUndefined();
  });
});
