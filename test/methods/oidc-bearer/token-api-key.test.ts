import { describe, expect, test } from '@jest/globals';
import {
  type ApiKeyStore,
  consumerJwt,
  type ManagedApiKeyStore,
  memoryApiKeys,
  memoryConsumers,
  type OidcBearerOptions,
  oidcBearer,
} from '../../../lib/index.js';
import { accessToken, door, ISSUER, present, STRANGER_KEY, staticOptions, verdict } from '../../helpers/oidc-door.js';
import { inSeconds } from '../../helpers/tokens.js';

const RIGHTS = { scopes: ['things:read'], groups: ['ops'], roles: ['editor'] };
/** What the token itself would give to a person. */
const PERSON = {
  email: 'ann@example.com',
  email_verified: true,
  groups: ['admins'],
  roles: ['root'],
  scope: 'everything',
};

async function withKey(options: Partial<OidcBearerOptions> = {}) {
  const apiKeys = memoryApiKeys();
  const created = await apiKeys.create({ owner: 'build', ...RIGHTS });
  return { apiKeys, ...created, method: door({ apiKeys, ...options }) };
}

describe('a good key in a token', () => {
  test('wins over the e-mail: its rights and no others, and issuer and subject of the token', async () => {
    const { method, key, id } = await withKey();
    const token = accessToken({ ...PERSON, apikey: key });
    const { status, principal } = await present(method, token);
    expect(status).toBe(200);
    expect(principal).toMatchObject({ type: 'api-key', id, username: 'build', issuer: ISSUER, subject: 'alice' });
    expect(principal).toMatchObject({ ...RIGHTS, credential: { kind: 'api-key', id } });
    expect(principal).not.toHaveProperty('email');
    expect(principal.claims).toMatchObject(PERSON);
  });

  test('registers nobody', async () => {
    let asked = 0;
    const users = async () => {
      asked += 1;
      return { id: 'u1' };
    };
    const { method, key } = await withKey({ users });
    expect((await present(method, accessToken({ ...PERSON, apikey: key }))).principal.type).toBe('api-key');
    expect(asked).toBe(0);
    expect((await present(method, accessToken(PERSON))).principal).toMatchObject({ type: 'user', user: { id: 'u1' } });
  });

  test('wins over an e-mail that names nobody, too', async () => {
    const { method, key } = await withKey();
    const token = (apikey?: string) => accessToken({ ...PERSON, sub: undefined, apikey });
    expect(await verdict(method, token(key))).toBe(200);
    expect(await verdict(method, token())).toBe('claim_missing');
  });

  test('is looked at anew with every request', async () => {
    const { method, key, id, apiKeys } = await withKey();
    const token = accessToken({ ...PERSON, apikey: key });
    expect([await verdict(method, token), await verdict(method, token)]).toEqual([200, 200]);
    await apiKeys.revoke(id);
    expect(await verdict(method, token)).toBe('credential_disabled');
  });

  test('needs neither an e-mail nor a subject', async () => {
    const { method, key } = await withKey();
    const { status, principal } = await present(method, accessToken({ sub: undefined, apikey: key }));
    expect([status, principal.type]).toEqual([200, 'api-key']);
    expect(principal).not.toHaveProperty('subject');
  });

  test.each<[string, OidcBearerOptions['claims'], (key: string) => object]>([
    ['the default claim', {}, (key) => ({ apikey: key })],
    ['another claim', { apiKey: 'console_key' }, (key) => ({ console_key: key })],
    ['a pointer', { apiKey: '/ext/keys/0' }, (key) => ({ ext: { keys: [key, 'other'], a: 1 } })],
    ['an array', { apiKey: ['a/b', 'c'] }, (key) => ({ 'a/b': { c: key } })],
    ['a function', { apiKey: (claims) => claims.k }, (key) => ({ k: key, copy: { of: [key] } })],
  ])('is read from %s, and leaves no trace in the principal', async (_what, claims = {}, carry) => {
    const { method, key, start } = await withKey({ claims });
    const { status, principal } = await present(method, accessToken({ ...carry(key), note: start }));
    expect([status, principal.type]).toEqual([200, 'api-key']);
    expect(JSON.stringify(principal)).not.toContain(key);
    expect(principal.claims).toMatchObject({ note: start, sub: 'alice' });
  });

  test('ends with the token or the key, whichever is first', async () => {
    const apiKeys = memoryApiKeys();
    const expiresAt = new Date(inSeconds(60) * 1000);
    const { key } = await apiKeys.create({ owner: 'a', expiresAt });
    const endOf = async (exp: number) =>
      (await present(door({ apiKeys }), accessToken({ exp, apikey: key }))).principal.credential.expiresAt;
    expect(await endOf(inSeconds(600))).toBe(expiresAt.toISOString());
    const exp = inSeconds(30);
    expect(await endOf(exp)).toBe(new Date(exp * 1000).toISOString());
  });
});

describe('a key that is not good refuses the token, whatever else it says:', () => {
  const revokedKey = async (apiKeys: ManagedApiKeyStore) => {
    const { id, key } = await apiKeys.create({ owner: 'a' });
    await apiKeys.revoke(id);
    return key;
  };
  const expiredKey = async (apiKeys: ManagedApiKeyStore) =>
    (await apiKeys.create({ owner: 'a', expiresAt: new Date(Date.now() - 1) })).key;

  test.each<[string, unknown, string]>([
    ['an invented one', 'sp_0000000000000000_x', 'credential_unknown'],
    ['one of another store', async () => (await memoryApiKeys().create({ owner: 'a' })).key, 'credential_unknown'],
    ['a revoked one', revokedKey, 'credential_disabled'],
    ['an expired one', expiredKey, 'credential_disabled'],
    ['an empty one', '', 'claim_invalid'],
    ['a number', 7, 'claim_invalid'],
    ['false', false, 'claim_invalid'],
    ['a list', ['k'], 'claim_invalid'],
  ])('%s', async (_what, apikey, code) => {
    const { apiKeys, method } = await withKey();
    const value = typeof apikey === 'function' ? await apikey(apiKeys) : apikey;
    expect(await verdict(method, accessToken({ ...PERSON, apikey: value }))).toBe(code);
  });
});

test.each([[undefined], [null]])('a token whose key is %j speaks for its person', async (apikey) => {
  const { method } = await withKey();
  const { principal } = await present(method, accessToken({ ...PERSON, apikey }));
  expect(principal).toMatchObject({ type: 'user', email: PERSON.email, groups: PERSON.groups });
});

test('a key in a token that is not genuine is not even looked at', async () => {
  let asked = 0;
  const apiKeys: ApiKeyStore = {
    async findApiKey() {
      asked += 1;
      return { id: '1', owner: 'a' };
    },
  };
  const method = door({ apiKeys });
  expect(await verdict(method, accessToken({ apikey: 'k' }, { key: STRANGER_KEY }))).toBe('signature_invalid');
  expect(await verdict(method, accessToken({ apikey: 'k', aud: 'other' }))).toBe('audience_mismatch');
  expect(await verdict(method, accessToken({ apikey: 'k', exp: inSeconds(-600) }))).toBe('token_expired');
  expect(asked).toBe(0);
  expect(await verdict(method, accessToken({ apikey: 'k' }))).toBe(200);
});

test('a store in trouble is 503', async () => {
  const findApiKey = () => Promise.reject(new Error('connection refused'));
  const token = accessToken({ ...PERSON, apikey: 'k' });
  expect(await verdict(door({ apiKeys: { findApiKey } }), token)).toBe('503 store_unavailable');
});

test('without apiKeys the claim is one like any other', async () => {
  const { principal } = await present(door(), accessToken({ apikey: 'k' }));
  expect([principal.type, principal.claims.apikey]).toEqual(['user', 'k']);
});

test.each<[string, () => unknown]>([
  ['oidcBearer.claims.apiKey', () => oidcBearer(staticOptions({ claims: { apiKey: 'k' } }))],
  ['oidcBearer.claims.apiKey', () => oidcBearer(staticOptions({ apiKeys: memoryApiKeys(), claims: { apiKey: '' } }))],
  ['oidcBearer.apiKeys', () => oidcBearer(staticOptions({ apiKeys: {} as never }))],
  ['oidcBearer.claims', () => oidcBearer(staticOptions({ apiKeys: memoryApiKeys(), claims: null as never }))],
  ['oidcBearer.claims.nam', () => oidcBearer(staticOptions({ claims: { nam: 'x' } as never }))],
  ['consumerJwt.claims.apiKey', () => consumerJwt({ consumers: memoryConsumers(), claims: { apiKey: 'k' } as never })],
])('%s is refused by its name (%#)', (option, make) => {
  expect(make).toThrow(expect.objectContaining({ name: 'ConfigurationError', option }) as never);
});
