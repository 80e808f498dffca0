import { describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { TestIssuer } from '../../lib/testing/index.js';
import { issuerForTest } from '../helpers/key-journey.js';

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
});
const TEST_CLIENT = basic('test-client', 'test-secret');

async function post(url: unknown, form: Record<string, string> | string, headers: Record<string, string> = {}) {
  const response = await fetch(String(url), { method: 'POST', body: new URLSearchParams(form), headers });
  const body: Record<string, unknown> = Object(await response.json());
  return { status: response.status, body };
}

const getToken = (issuer: TestIssuer, form: Record<string, string> | string, headers?: Record<string, string>) =>
  post(issuer.metadata['token_endpoint'], form, headers);

const introspect = (issuer: TestIssuer, token: string, headers = TEST_CLIENT) =>
  post(issuer.metadata['introspection_endpoint'], { token }, headers);

describe('the token endpoint', () => {
  test('gives a client a token of its own', async () => {
    const issuer = await issuerForTest();
    const form = { grant_type: 'client_credentials', scope: 'read write' };
    const { status, body } = await getToken(issuer, form, TEST_CLIENT);
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'read write' });
    expect(decodeJwt(String(body['access_token']))).toMatchObject({
      iss: issuer.url,
      sub: 'test-client',
      client_id: 'test-client',
      scope: 'read write',
    });
  });

  test('gives a user a token for a password', async () => {
    const users = [{ username: 'jane', password: 'p:ä', claims: { groups: ['ops'] } }];
    const clients = [{ id: 'my:app', secret: 'a+b %' }];
    const issuer = await issuerForTest({ users, clients });
    const form = { grant_type: 'password', username: 'jane', password: 'p:ä' };
    const { body } = await getToken(issuer, form, basic('my:app', 'a+b %'));
    expect(decodeJwt(String(body['access_token']))).toMatchObject({
      sub: 'jane',
      client_id: 'my:app',
      groups: ['ops'],
    });
  });

  test('knows a client by the form, too', async () => {
    const form = { grant_type: 'client_credentials', client_id: 'test-client', client_secret: 'test-secret' };
    expect((await getToken(await issuerForTest(), form)).status).toBe(200);
  });

  test.each([
    ['no client', 'grant_type=client_credentials', {}, 401, 'invalid_client'],
    ['a wrong secret', 'grant_type=client_credentials', basic('test-client', 'x'), 401, 'invalid_client'],
    ['an unknown client', 'grant_type=client_credentials', basic('x', 'test-secret'), 401, 'invalid_client'],
    ['a wrong password', 'grant_type=password&username=test-user&password=x', TEST_CLIENT, 400, 'invalid_grant'],
    ['an unknown user', 'grant_type=password&username=x&password=test-password', TEST_CLIENT, 400, 'invalid_grant'],
    ['another grant', 'grant_type=implicit', TEST_CLIENT, 400, 'unsupported_grant_type'],
    ['no grant', 'scope=a', TEST_CLIENT, 400, 'invalid_request'],
    ['a parameter twice', 'grant_type=password&grant_type=client_credentials', TEST_CLIENT, 400, 'invalid_request'],
  ])('refuses %s', async (_what, form, headers, status, error) => {
    expect(await getToken(await issuerForTest(), form, headers)).toEqual({ status, body: { error } });
  });
});

describe('introspection', () => {
  test('tells a client that a token is active, and what it says', async () => {
    const issuer = await issuerForTest();
    const { body } = await introspect(issuer, await issuer.mint({ scope: 'read' }));
    expect(body).toMatchObject({ active: true, iss: issuer.url, scope: 'read', sub: 'test-user' });
  });

  test.each<[string, (issuer: TestIssuer) => Promise<string>]>([
    ['an expired token', (issuer) => issuer.mint({}, { lifetime: -1 })],
    ['another issuer’s token', async (issuer) => (await issuerForTest()).mint({ iss: issuer.url })],
    ['a token that is none', async () => 'opaque'],
    [
      'a revoked token',
      async (issuer) => {
        const token = await issuer.mint();
        issuer.revoke(token);
        return token;
      },
    ],
  ])('says of %s only that it is not active', async (_what, tokenOf) => {
    const issuer = await issuerForTest();
    expect(await introspect(issuer, await tokenOf(issuer))).toEqual({ status: 200, body: { active: false } });
  });

  test('tells nobody but its clients', async () => {
    const issuer = await issuerForTest();
    expect((await introspect(issuer, await issuer.mint(), basic('x', 'y'))).status).toBe(401);
  });
});
