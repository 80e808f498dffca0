import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  type ApiKeyStore,
  type AuthEvent,
  type AuthMethod,
  apiKey,
  consumerJwt,
  fromBearer,
  fromQuery,
  jwtAuth,
  type ManagedApiKeyStore,
  memoryApiKeys,
  requireScopes,
} from '../../../lib/index.js';
import { consumersOf, howtoConsumers, PARTNER, tokenOf } from '../../helpers/consumers.js';
import { SERVERS } from '../../helpers/every-server.js';
import { accessToken, door as bearerDoor } from '../../helpers/oidc-door.js';
import { rawRequest } from '../../helpers/requests.js';
import { app } from '../../helpers/servers.js';
import { HOWTO, howtoToken } from '../../helpers/tokens.js';

const RIGHTS = { scopes: ['things:read'], groups: ['ops'], roles: ['editor'] };
const dead = () => Promise.reject(new Error('connection refused'));

const get = (method: AuthMethod, key: string, header = 'x-api-key') => request(app(method)).get('/').set(header, key);
const asBearer = (method: AuthMethod, token: string) => get(method, `Bearer ${token}`, 'authorization');

/** Returns the key with another last letter. */
const mistyped = (key: string) => key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');

/** Keys that are no good any more, or never were, by what is wrong with them. */
async function badKeys(keys: ManagedApiKeyStore): Promise<Record<string, [key: string, code: string]>> {
  const unknown = await memoryApiKeys().create({ owner: 'a' });
  const expired = await keys.create({ owner: 'a', expiresAt: new Date(Date.now() - 1) });
  const revoked = await keys.create({ owner: 'a' });
  await keys.revoke(revoked.id);
  const good = await keys.create({ owner: 'a' });
  return {
    unknown: [unknown.key, 'credential_unknown'],
    mistyped: [mistyped(good.key), 'credential_unknown'],
    'cut off': [good.key.slice(0, -1), 'credential_unknown'],
    'a JWT': [howtoToken(), 'credential_unknown'],
    expired: [expired.key, 'credential_disabled'],
    revoked: [revoked.key, 'credential_disabled'],
  };
}

test.each(SERVERS)('a good key is let in by its record, and leaves the request: %s', async (_name, make) => {
  const keys = memoryApiKeys();
  const expiresAt = new Date(Date.now() + 60_000);
  const { key, id } = await keys.create({ owner: 'build', name: 'nightly', expiresAt, ...RIGHTS });
  const { status, body, text } = await request(make(apiKey({ keys })))
    .get('/')
    .set('X-API-Key', key);
  expect(status).toBe(200);
  expect(body.principal).toEqual({
    type: 'api-key',
    id,
    method: 'apiKey',
    username: 'build',
    ...RIGHTS,
    attributes: {},
    listAttributes: {},
    claims: {},
    credential: { kind: 'api-key', id, expiresAt: expiresAt.toISOString() },
  });
  expect(text).not.toContain(key);
});

test('a key without an end says nothing about one', async () => {
  const keys = memoryApiKeys();
  const { key, id } = await keys.create({ owner: 'build' });
  const { body } = await get(apiKey({ keys }), key);
  expect(body.principal.credential).toEqual({ kind: 'api-key', id });
});

describe('every bad key', () => {
  test('gets one and the same 401, and events carry the precise code', async () => {
    const keys = memoryApiKeys();
    const events: AuthEvent[] = [];
    const method = apiKey({ keys, onEvent: (event) => events.push(event) });
    const bad = Object.values(await badKeys(keys));
    const answers: unknown[] = [];
    for (const [key] of bad) {
      const { status, body, headers } = await get(method, key);
      answers.push({ status, body, challenge: headers['www-authenticate'] });
    }
    expect(answers[0]).toMatchObject({
      status: 401,
      body: { code: 'invalid_token' },
      challenge: expect.stringContaining('error="invalid_token"'),
    });
    expect(answers).toEqual(answers.map(() => answers[0]));
    expect(events.map((event) => 'code' in event && event.code)).toEqual(bad.map(([, code]) => code));
    for (const [key] of bad) expect(JSON.stringify(events)).not.toContain(key);
  });

  test('stays refused where credentials are optional', async () => {
    const keys = memoryApiKeys();
    const method = apiKey({ keys, credentialsRequired: false });
    for (const [key] of Object.values(await badKeys(keys))) expect((await get(method, key)).status).toBe(401);
    expect((await request(app(method)).get('/')).body.principal).toBeNull();
  });
});

test('no key is 401 without an error', async () => {
  const { status, headers, body } = await request(app(apiKey({ keys: memoryApiKeys() }))).get('/');
  expect([status, body.code, headers['www-authenticate']]).toEqual([401, 'credentials_missing', 'Bearer realm="api"']);
});

describe('what is not said once and plainly is 400', () => {
  test.each([
    ['a header twice', (key: string) => ['x-api-key', key, 'x-api-key', key]],
    ['two keys joined by a comma', (key: string) => ['x-api-key', `${key}, ${key}`]],
    ['a header spelled with underscores', (key: string) => ['x_api_key', key]],
  ])('%s', async (_what, headersOf) => {
    const keys = memoryApiKeys();
    const { key } = await keys.create({ owner: 'a' });
    const { status } = await rawRequest(app(apiKey({ keys })), { headers: headersOf(key) });
    expect(status).toBe(400);
  });
});

describe('a store in trouble is 503, never 401 and never anonymous:', () => {
  const throws = () => {
    throw new Error('no connection');
  };
  test.each<[string, () => Promise<unknown>]>([
    ['it rejects', dead],
    ['it throws', throws],
    ['no id', async () => ({ owner: 'a' })],
    ['no owner', async () => ({ id: 'one' })],
    ['scopes that are a text', async () => ({ id: 'one', owner: 'a', scopes: 'admin' })],
    ['an end that is a text', async () => ({ id: 'one', owner: 'a', expiresAt: '2000-01-01' })],
    ['enabled: 0', async () => ({ id: 'one', owner: 'a', enabled: 0 })],
  ])('%s', async (_what, findApiKey) => {
    const keys = { findApiKey } as ApiKeyStore;
    const method = apiKey({ keys, anonymous: { username: 'guest', coverFailures: true } });
    const { status, headers, body } = await get(method, 'any key');
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'store_unavailable', '5']);
  });
});

describe('a store of the application’s own', () => {
  const keys: ApiKeyStore = {
    async findApiKey(key) {
      return key === 'letmein' ? { id: '1', owner: 'legacy', enabled: true } : (null as never);
    },
  };

  test('writes its keys as it likes, and may answer null for nobody', async () => {
    expect((await get(apiKey({ keys }), 'letmein')).body.principal).toMatchObject({ username: 'legacy', scopes: [] });
    expect((await get(apiKey({ keys }), 'letmeout')).status).toBe(401);
  });

  test('is not asked about what no key can be', async () => {
    let asked = 0;
    const counting: ApiKeyStore = {
      async findApiKey() {
        asked += 1;
        return undefined;
      },
    };
    const method = apiKey({ keys: counting, tokenFrom: async () => 'x'.repeat(20_000) });
    expect((await request(app(method)).get('/')).status).toBe(401);
    expect(asked).toBe(0);
  });

  test('says which keys are its own, where it shares a place with tokens', async () => {
    const own = { ...keys, recognises: (key: string) => !key.includes('.') };
    const methods = [consumerJwt({ consumers: howtoConsumers() }), apiKey({ keys: own, tokenFrom: fromBearer() })];
    const method = jwtAuth({ methods });
    expect((await asBearer(method, 'letmein')).body.principal.type).toBe('api-key');
    expect((await asBearer(method, howtoToken())).body.principal.type).toBe('consumer');
  });
});

describe('beside other methods', () => {
  test('a key in its header and a token in its own must both be good, and the first method says who it is', async () => {
    const keys = memoryApiKeys();
    const { key } = await keys.create({ owner: 'build' });
    const method = jwtAuth({ methods: [apiKey({ keys }), consumerJwt({ consumers: howtoConsumers() })] });
    const both = (presented: string, token: string) => get(method, presented).set('authorization', `Bearer ${token}`);
    expect((await both(key, howtoToken())).body.principal).toMatchObject({ type: 'api-key', username: 'build' });
    expect((await get(method, key)).body.principal.type).toBe('api-key');
    expect((await asBearer(method, howtoToken())).body.principal.type).toBe('consumer');
    expect((await both(mistyped(key), howtoToken())).status).toBe(401);
    expect((await both(key, `${howtoToken()}x`)).status).toBe(401);
  });

  test.each([
    ['first', (method: AuthMethod) => [method, consumerJwt({ consumers: howtoConsumers() })]],
    ['last', (method: AuthMethod) => [consumerJwt({ consumers: howtoConsumers() }), method]],
    ['among several', (method: AuthMethod) => [bearerDoor(), method, consumerJwt({ consumers: howtoConsumers() })]],
  ])('in the place of the tokens it takes its keys and no token: %s', async (_where, methodsOf) => {
    const keys = memoryApiKeys();
    const { key } = await keys.create({ owner: 'build' });
    const codes: unknown[] = [];
    const method = jwtAuth({
      methods: methodsOf(apiKey({ keys, tokenFrom: fromBearer() })),
      onEvent: (event) => codes.push(event.type === 'accepted' ? event.principalType : 'code' in event && event.code),
    });
    const statuses: number[] = [];
    for (const token of [key, howtoToken(), mistyped(key), 'garbage', `${howtoToken()}x`]) {
      statuses.push((await asBearer(method, token)).status);
    }
    expect(statuses).toEqual([200, 200, 401, 401, 401]);
    expect(codes.slice(0, 4)).toEqual(['api-key', 'consumer', 'token_malformed', 'token_malformed']);
  });

  test('a revoked key in that place is refused by its method, and not handed on', async () => {
    const keys = memoryApiKeys();
    const { key, id } = await keys.create({ owner: 'build' });
    await keys.revoke(id);
    const methods = [bearerDoor(), apiKey({ keys, tokenFrom: fromBearer() })];
    const { body } = await asBearer(jwtAuth({ methods, exposeReason: true }), key);
    expect(body.code).toBe('credential_disabled');
    expect((await asBearer(jwtAuth({ methods }), accessToken())).body.principal.type).toBe('user');
  });

  test('the only token method in that place is told of what it cannot read', async () => {
    const told: unknown[] = [];
    const tokens = consumerJwt({
      consumers: howtoConsumers(),
      onEvent: (event) => told.push('code' in event && event.code),
    });
    const method = jwtAuth({ methods: [apiKey({ keys: memoryApiKeys(), tokenFrom: fromBearer() }), tokens] });
    expect((await asBearer(method, 'garbage')).status).toBe(401);
    expect(told).toEqual(['token_malformed']);
  });

  test('keys of two prefixes in one place go to their own stores', async () => {
    const stores = ['acme', 'umbrella'].map((prefix) => memoryApiKeys([], { prefix }));
    const methods = stores.map((keys, index) => apiKey({ keys, name: `keys-${index}` }));
    for (const [index, keys] of stores.entries()) {
      const { key } = await keys.create({ owner: 'a' });
      expect((await get(jwtAuth({ methods }), key)).body.principal.method).toBe(`keys-${index}`);
    }
    expect((await get(jwtAuth({ methods }), 'garbage')).status).toBe(401);
  });

  test('several consumer methods still share what is no key', async () => {
    const keys = memoryApiKeys();
    const [a, b] = [howtoConsumers(), consumersOf(PARTNER)].map((consumers) => consumerJwt({ consumers }));
    const methods = [a, apiKey({ keys, tokenFrom: fromBearer() }), b].filter((method) => method !== undefined);
    expect((await asBearer(jwtAuth({ methods }), tokenOf(PARTNER))).body.principal.username).toBe(PARTNER.username);
    expect((await asBearer(jwtAuth({ methods }), tokenOf(HOWTO))).body.principal.username).toBe(HOWTO.username);
  });
});

test('users of jwtAuth are not asked about keys, which speak for programs', async () => {
  const keys = memoryApiKeys();
  const { key, id } = await keys.create({ owner: 'build' });
  const users = async () => null;
  const { status, body } = await get(jwtAuth({ methods: [apiKey({ keys })], users }), key);
  expect([status, body.principal.id]).toEqual([200, id]);
});

test('a guard sees the scopes of the key, and no others', async () => {
  const keys = memoryApiKeys();
  const { key } = await keys.create({ owner: 'build', scopes: ['things:read'] });
  const ask = async (scope: string) =>
    (
      await request(app(apiKey({ keys }), requireScopes(scope)))
        .get('/')
        .set('x-api-key', key)
    ).status;
  expect([await ask('things:read'), await ask('things:write')]).toEqual([200, 403]);
});

test('the key stands where it was said: another header, the query, and leaves it where that was asked', async () => {
  const keys = memoryApiKeys();
  const { key } = await keys.create({ owner: 'build' });
  expect((await get(apiKey({ keys, header: 'X-Partner-Key' }), key, 'x-partner-key')).status).toBe(200);
  expect((await get(apiKey({ keys, header: 'X-Partner-Key' }), key)).status).toBe(401);
  const method = apiKey({ keys, tokenFrom: fromQuery('key'), stripCredential: true });
  const { status, body } = await request(app(method)).get(`/?key=${key}&a=1`);
  expect([status, body.url]).toEqual([200, '/?a=1']);
});

test.each<[string, object]>([
  ['apiKey.keys', {}],
  ['apiKey.keys', { keys: {} }],
  ['apiKey.header', { keys: memoryApiKeys(), header: '' }],
  ['fromHeader.name', { keys: memoryApiKeys(), header: 'x api key' }],
  ['apiKey.header', { keys: memoryApiKeys(), header: 'x-key', tokenFrom: fromBearer() }],
  ['apiKey.tokenFrom', { keys: memoryApiKeys(), tokenFrom: 'x-key' }],
  ['apiKey.stripCredential', { keys: memoryApiKeys(), stripCredential: 1 }],
  ['apiKey.users', { keys: memoryApiKeys(), users: async () => null }],
  ['apiKey.apiKeys', { apiKeys: memoryApiKeys() }],
])('%s is refused by its name (%#)', (option, options) => {
  expect(() => apiKey(options as never)).toThrow(expect.objectContaining({ name: 'ConfigurationError', option }));
});
