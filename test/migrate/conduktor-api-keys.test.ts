import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { memoryApiKeys } from '../../lib/index.js';
import { fromConduktor } from '../../lib/migrate/index.js';
import { type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { presentTo } from '../helpers/consul.js';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await testIssuer();
});
afterAll(() => issuer.close());

const apiKeys = memoryApiKeys();

async function present(claims: object, settings: object = {}) {
  const registered: unknown[] = [];
  const users = async (identity: { email?: string }) => {
    registered.push(identity.email);
    return { id: 'u1' };
  };
  const { methods } = await fromConduktor(
    { sso: { 'jwt-auth': { issuer: issuer.url, ...settings } } },
    { apiKeys, users },
  );
  return { ...(await presentTo(methods, await issuer.mint(claims))), registered };
}

describe('with the API keys of the application', () => {
  test.each([
    ['apikey', {}],
    ['/key', { 'api-key-claim': '/key' }],
  ])('a good one in the claim %s wins over the e-mail, and registers nobody', async (claim, settings) => {
    const { key, id } = await apiKeys.create({ owner: 'app', groups: ['writers'] });
    const claims = { email: 'ann@example.com', groups: ['admins'], [claim]: key };
    const { status, principal, registered } = await present(claims, settings);
    expect([status, registered]).toEqual([200, []]);
    expect(principal).toMatchObject({ type: 'api-key', id, username: 'app', groups: ['writers'], issuer: issuer.url });
    expect(JSON.stringify(principal)).not.toContain(key);
  });

  test('a token needs one of the two', async () => {
    const { key } = await apiKeys.create({ owner: 'app' });
    expect((await present({ apikey: key })).status).toBe(200);
    expect(await present({ email: 'ann@example.com' })).toMatchObject({ status: 200, registered: ['ann@example.com'] });
    expect(await present({ apikey: null })).toMatchObject({ status: 401, code: 'claim_missing' });
  });

  test.each([['sp_invented'], [''], [7]])('%j for a key is 401, and never falls back to the e-mail', async (apikey) => {
    const { status, registered } = await present({ email: 'ann@example.com', apikey });
    expect([status, registered]).toEqual([401, []]);
  });
});
