import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { fromKong } from '../../lib/migrate/index.js';
import { type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { active, INACTIVE, introspectionEndpoint, opaqueToken } from '../helpers/introspection-endpoint.js';
import { app } from '../helpers/servers.js';

const endpoint = await introspectionEndpoint();
let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await testIssuer({ clients: [{ id: 'kong', secret: 'kong-secret' }] });
});
afterAll(() => issuer.close());

type Config = Readonly<Record<string, unknown>>;
const says = (members: Config = {}) => active({ iss: issuer.url, ...members });

async function door(config: Config = {}) {
  const introspecting = {
    issuer: issuer.url,
    auth_methods: ['bearer', 'introspection'],
    client_id: ['kong'],
    client_secret: ['kong-secret'],
    introspection_endpoint: endpoint.url,
    ...config,
  };
  const { methods } = await fromKong({ plugins: [{ name: 'openid-connect', config: introspecting }] });
  return app(...methods);
}

const get = (server: Awaited<ReturnType<typeof door>>, token: string) =>
  request(server).get('/').set('Authorization', `Bearer ${token}`);
const askedFor = async (work: () => Promise<unknown>) => {
  const before = endpoint.asked.length;
  await work();
  return endpoint.asked.length - before;
};

describe('fromKong, openid-connect: introspection', () => {
  test('an opaque token is asked about, as the client that Kong is', async () => {
    endpoint.answers(says({ username: 'ann', scope: 'read' }));
    const token = opaqueToken();
    const { status, body } = await get(await door({ scopes_required: ['read'] }), token);
    expect([status, body.principal.username, body.headers.authorization]).toEqual([200, 'ann', `Bearer ${token}`]);
    const [asked] = endpoint.asked.slice(-1);
    expect([asked?.token, asked?.headers.authorization]).toEqual([
      token,
      `Basic ${Buffer.from('kong:kong-secret').toString('base64')}`,
    ]);
  });

  test('what it must hold is looked for in the answer', async () => {
    endpoint.answers(says({ scope: 'write' }));
    const { status, text } = await get(await door({ scopes_required: ['read'] }), opaqueToken());
    expect([status, text]).toEqual([403, '{"message":"Forbidden"}']);
  });

  test('a token that is not active is a 401, an endpoint in trouble a 503', async () => {
    endpoint.answers(INACTIVE);
    const { status, text } = await get(await door(), opaqueToken());
    expect([status, text]).toEqual([401, '{"message":"Unauthorized"}']);
    endpoint.answers({ status: 500, body: '' });
    expect((await get(await door(), opaqueToken())).status).toBe(503);
  });

  test('a JWT is verified here, and nobody is asked', async () => {
    endpoint.answers(INACTIVE);
    const server = await door();
    const token = await issuer.mint();
    expect(await askedFor(async () => expect((await get(server, token)).status).toBe(200))).toBe(0);
  });

  test.each([
    ['introspect_jwt_tokens', { introspect_jwt_tokens: true }],
    ['introspection as the only method', { auth_methods: ['introspection'] }],
  ])('with %s the provider is asked about JWTs too', async (_title, config) => {
    const server = await door(config);
    endpoint.answers(says());
    expect((await get(server, await issuer.mint())).status).toBe(200);
    endpoint.answers(INACTIVE);
    expect((await get(server, await issuer.mint())).status).toBe(401);
  });

  test('answers are kept unless cache_introspection is off', async () => {
    endpoint.answers(says());
    const twice = async (config: Config) => {
      const server = await door(config);
      const token = opaqueToken();
      return askedFor(async () => {
        await get(server, token);
        await get(server, token);
      });
    };
    expect(await twice({})).toBe(1);
    expect(await twice({ cache_introspection: false })).toBe(2);
  });

  test('an opaque token where nobody introspects is a 401', async () => {
    const server = await door({ auth_methods: ['bearer'] });
    expect(await askedFor(async () => expect((await get(server, opaqueToken())).status).toBe(401))).toBe(0);
  });

  test('an inactive answer is never let through, whatever the configuration says', async () => {
    await expect(door({ introspection_check_active: false })).rejects.toThrow('introspection_check_active: false');
  });
});
