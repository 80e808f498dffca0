import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { fromKong } from '../../lib/migrate/index.js';
import { type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { app } from '../helpers/servers.js';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await testIssuer();
});
afterAll(() => issuer.close());

/** The headers that the application behind the plugin sees. */
async function seen(config: object, claims = {}, sent: Readonly<Record<string, string>> = {}) {
  const plugin = { name: 'openid-connect', config: { issuer: issuer.url, auth_methods: ['bearer'], ...config } };
  const { methods } = await fromKong({ plugins: [plugin] });
  const get = request(app(...methods)).get('/');
  for (const [name, value] of Object.entries(sent)) get.set(name, value);
  if (sent['X-Access-Token'] === undefined) get.set('Authorization', `Bearer ${await issuer.mint(claims)}`);
  const { status, body } = await get;
  expect(status).toBe(200);
  return body.headers as Readonly<Record<string, string | undefined>>;
}

describe('fromKong, openid-connect: upstream_headers', () => {
  const upstream = (...entries: object[]) => ({ upstream_headers: entries });
  const tier = { header: 'X-Tier', path: ['plan', 'tier'] };

  test('tell the application what stands in a claim, however deep', async () => {
    expect(await seen(upstream(tier), { plan: { tier: 'gold' } })).toMatchObject({ 'x-tier': 'gold' });
    expect(await seen(upstream({ header: 'x-first', path: ['teams', '1'] }), { teams: ['a', 'b'] })).toMatchObject({
      'x-first': 'a',
    });
  });

  test('a header that a client brings along never stays, with the claim or without', async () => {
    const spoofed = { 'X-Tier': 'platinum' };
    expect((await seen(upstream(tier), {}, spoofed))['x-tier']).toBeUndefined();
    expect((await seen(upstream(tier), { plan: { tier: null } }, spoofed))['x-tier']).toBeUndefined();
    expect((await seen(upstream(tier), { plan: { tier: 'gold' } }, { ...spoofed, X_Tier: 'p' }))['x-tier']).toBe(
      'gold',
    );
  });

  test('numbers and booleans become text, lists and objects base64 of their JSON', async () => {
    const config = upstream(
      { header: 'x-level', path: ['level'] },
      { header: 'x-flag', path: ['flag'] },
      { header: 'x-teams', path: ['teams'] },
    );
    const headers = await seen(config, { level: 7, flag: false, teams: ['a', 'b'] });
    expect(headers).toMatchObject({
      'x-level': '7',
      'x-flag': 'false',
      'x-teams': Buffer.from('["a","b"]').toString('base64'),
    });
  });

  test('the older pair of lists says the same, and the last of two that name one header wins', async () => {
    const pair = { upstream_headers_claims: ['email', 'sub'], upstream_headers_names: ['X-Who', 'x-id'] };
    const claims = { email: 'ann@example.com', sub: 's1' };
    expect(await seen(pair, claims)).toMatchObject({ 'x-who': 'ann@example.com', 'x-id': 's1' });
    const twice = upstream({ header: 'X-Who', path: ['sub'] }, { header: 'x-who', path: ['email'] });
    expect((await seen({ ...pair, ...twice }, claims))['x-who']).toBe('ann@example.com');
  });

  test('where one of those lists is longer, a warning says that the rest is left out', async () => {
    const lists = { upstream_headers_claims: ['email'], upstream_headers_names: ['X-Who', 'X-Id'] };
    const config = { issuer: issuer.url, auth_methods: ['bearer'], ...lists };
    const { warnings } = await fromKong({ plugins: [{ name: 'openid-connect', config }] });
    expect(warnings).toContainEqual(expect.stringContaining('upstream_headers_names: has another length'));
  });

  test('a claim cannot end its header early', async () => {
    const { 'x-tier': value } = await seen(upstream(tier), { plan: { tier: 'gold\r\nx-admin: 1' } });
    expect(value).toBe('gold%0D%0Ax-admin: 1');
  });
});

describe('fromKong, openid-connect: upstream_access_token_header', () => {
  test('puts the token into Authorization, wherever it stood, and takes it from where it stood', async () => {
    const token = await issuer.mint();
    const headers = await seen({}, {}, { 'X-Access-Token': token });
    expect(headers.authorization).toBe(`Bearer ${token}`);
    expect(headers['x-access-token']).toBeUndefined();
  });

  test('a token in the URL leaves it, unless hide_credentials is off', async () => {
    const token = await issuer.mint();
    const urlWith = async (config: object) => {
      const plugin = { name: 'openid-connect', config: { issuer: issuer.url, auth_methods: ['bearer'], ...config } };
      const { methods } = await fromKong({ plugins: [plugin] });
      const { body } = await request(app(...methods)).get(`/?access_token=${token}&x=1`);
      expect(body.headers.authorization).toBe(`Bearer ${token}`);
      return body.url;
    };
    expect(await urlWith({})).toBe('/?x=1');
    expect(await urlWith({ hide_credentials: false })).toBe(`/?access_token=${token}&x=1`);
  });

  test('names another header, with a scheme or without', async () => {
    const token = await issuer.mint();
    const plain = await seen({ upstream_access_token_header: 'x-upstream-token' }, {}, { 'X-Access-Token': token });
    expect([plain['x-upstream-token'], plain.authorization]).toEqual([token, undefined]);
    const spoofed = { 'X-Access-Token': token, 'X-Upstream-Token': 'forged' };
    const schemed = await seen({ upstream_access_token_header: 'x-upstream-token:jwt' }, {}, spoofed);
    expect(schemed['x-upstream-token']).toBe(`Jwt ${token}`);
  });

  test('null: the application gets no token', async () => {
    const token = await issuer.mint();
    const headers = await seen({ upstream_access_token_header: null }, {}, { 'X-Access-Token': token });
    expect([headers.authorization, headers['x-access-token']]).toEqual([undefined, undefined]);
  });
});
