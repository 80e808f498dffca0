import { describe, expect, test } from '@jest/globals';
import request, { type Test } from 'supertest';
import { consumerJwt, jwtAuth, memoryConsumers, requireGroups } from '../../lib/index.js';
import { fromKong } from '../../lib/migrate/index.js';
import { headersApp, JSMITH, kongConfig, kongMethod } from '../helpers/kong.js';
import { app } from '../helpers/servers.js';
import { HOWTO, howtoToken, hs256 } from '../helpers/tokens.js';

const ID = 'a3e5c2a4-7a4b-4c8e-9d7e-0f1a2b3c4d5e';
const GUEST = '0d4f2e0a-64a5-4d8e-8a0b-6f1f3f7b9c11';
const token = hs256({ iss: HOWTO.key });

const consumers = [
  { ...JSMITH, id: ID, custom_id: 'customer-7' },
  { id: GUEST, username: 'guest', acls: [{ group: 'public' }] },
];

/** Every name in the spellings that a client might try. */
const SPOOFED = {
  'X-Consumer-ID': 'evil',
  X_Consumer_ID: 'evil',
  'x-consumer_custom-id': 'evil',
  'X-Consumer-Custom-ID': 'evil',
  'X-Consumer-Username': 'evil',
  x_consumer_username: 'evil',
  'X-Credential-Identifier': 'evil',
  'X-Anonymous-Consumer': 'evil',
  x_anonymous_consumer: 'evil',
};

const SPOKEN = /^x.(consumer|credential|anonymous)/;

/** The identity headers that the application sees; all views of Node must agree. */
async function identity(pending: Test) {
  const { body, status } = await pending;
  if (status !== 200) throw new Error(`answered ${status}`);
  const view = (entries: [string, unknown][]) => Object.fromEntries(entries.filter(([name]) => SPOKEN.test(name)));
  const headers = view(Object.entries(body.headers));
  expect(view(Object.entries<string[]>(body.distinct).map(([name, values]) => [name, values.join('|')]))).toEqual(
    headers,
  );
  const raw: [string, string][] = body.raw.filter(([name]: [string]) => SPOKEN.test(name));
  expect(raw).toHaveLength(Object.keys(headers).length);
  expect(Object.fromEntries(raw)).toEqual(headers);
  return headers;
}

const asJsmith = {
  'x-consumer-id': ID,
  'x-consumer-custom-id': 'customer-7',
  'x-consumer-username': 'jsmith',
  'x-credential-identifier': HOWTO.key,
};
const asGuest = { 'x-consumer-id': GUEST, 'x-consumer-username': 'guest', 'x-anonymous-consumer': 'true' };

describe('the consumer headers', () => {
  test('say who it is, whatever the client said', async () => {
    const server = headersApp(await kongMethod({}, { consumers }));
    expect(await identity(request(server).get('/').set(SPOOFED).set('Authorization', `Bearer ${token}`))).toEqual(
      asJsmith,
    );
  });

  test('without a value are cleared', async () => {
    const nameless = [{ id: ID, custom_id: 'customer-7', jwt_secrets: JSMITH.jwt_secrets }];
    const server = headersApp(await kongMethod({}, { consumers: nameless }));
    expect(await identity(request(server).get('/').set(SPOOFED).set('Authorization', `Bearer ${token}`))).toEqual({
      'x-consumer-id': ID,
      'x-consumer-custom-id': 'customer-7',
      'x-credential-identifier': HOWTO.key,
    });
  });

  test('name the consumer by the id that Kong without a database gives it', async () => {
    const server = headersApp(await kongMethod());
    // Computed apart, as RFC 9562 asks, from Kong's namespace.
    expect(await identity(request(server).get('/').set('Authorization', `Bearer ${token}`))).toMatchObject({
      'x-consumer-id': '70cde786-1a0f-53ed-843e-9f016b42bde2',
    });
  });

  test('show UTF-8 as Node shows it, and no line breaks', async () => {
    const odd = [{ ...JSMITH, username: 'José\r\nX-Admin: 1' }];
    const server = headersApp(await kongMethod({}, { consumers: odd }));
    expect(await identity(request(server).get('/').set('Authorization', `Bearer ${token}`))).toMatchObject({
      'x-consumer-username': 'JosÃ©%0D%0AX-Admin: 1',
    });
  });

  test('are the last method’s where several must agree', async () => {
    const second = { username: 'second', jwt_secrets: [{ key: 'second', secret: 's'.repeat(32) }] };
    const plugins = [
      { name: 'jwt' },
      { name: 'jwt', config: { uri_param_names: ['other'], header_names: ['x-other'] } },
    ];
    const { methods } = await fromKong(kongConfig({}, { consumers: [...consumers, second], plugins }));
    const other = hs256({ iss: 'second' }, { secret: 's'.repeat(32) });
    const get = () => request(headersApp(...methods)).get(`/?other=${other}`);
    const seen = await identity(get().set('Authorization', `Bearer ${token}`));
    expect(seen).toMatchObject({ 'x-consumer-username': 'second', 'x-credential-identifier': 'second' });
    expect(seen).not.toHaveProperty('x-consumer-custom-id');
    expect((await get()).text).toBe('{"message":"Unauthorized"}');
  });

  test('are removed, and not set, where jwtAuth chooses another method’s principal', async () => {
    const own = consumerJwt({
      consumers: memoryConsumers([{ username: 'own', credentials: [{ key: 'own', secret: 'o'.repeat(32) }] }]),
    });
    const server = headersApp(jwtAuth({ methods: [own, await kongMethod({}, { consumers })] }));
    const ownToken = hs256({ iss: 'own', exp: 9_999_999_999 }, { secret: 'o'.repeat(32) });
    const get = () => request(server).get('/').set(SPOOFED);
    expect(await identity(get().set('Authorization', `Bearer ${ownToken}`))).toEqual({});
    expect(await identity(get().set('Authorization', `Bearer ${token}`))).toEqual(asJsmith);
  });
});

describe('run_on_preflight: false', () => {
  test('passes every OPTIONS request, and no spoofed header with it', async () => {
    const server = headersApp(await kongMethod({ run_on_preflight: false }, { consumers }));
    expect(await identity(request(server).options('/').set(SPOOFED))).toEqual({});
    expect((await request(server).options('/').set('Authorization', 'Bearer forged')).body.principal).toBeNull();
    expect((await request(server).get('/')).status).toBe(401);
  });

  test('is not the default', async () => {
    const server = headersApp(await kongMethod());
    const preflight = { origin: 'https://app.example.com', 'access-control-request-method': 'GET' };
    expect((await request(server).options('/').set(preflight)).status).toBe(401);
  });
});

describe('anonymous', () => {
  const anonymously = (name: string) => kongMethod({ anonymous: name, claims_to_verify: ['exp'] }, { consumers });

  test.each([
    ['no token', undefined],
    ['garbage', 'Bearer garbage'],
    ['a forged token', `Bearer ${hs256({ iss: HOWTO.key }, { secret: 'x'.repeat(32) })}`],
    ['an expired token', `Bearer ${hs256({ iss: HOWTO.key, exp: 1 })}`],
    ['a key that is no text, where Kong crashes', `Bearer ${hs256({ iss: 1 })}`],
  ])('is who comes with %s', async (_what, authorization) => {
    for (const name of ['guest', GUEST]) {
      const get = request(headersApp(await anonymously(name)))
        .get('/')
        .set(SPOOFED);
      expect(await identity(authorization === undefined ? get : get.set({ authorization }))).toEqual(asGuest);
    }
  });

  test('is who comes with two tokens', async () => {
    const get = request(headersApp(await anonymously('guest'))).get(`/?jwt=${token}&jwt=${howtoToken()}`);
    expect(await identity(get)).toEqual(asGuest);
  });

  test('is a principal with the groups of its consumer', async () => {
    const server = headersApp(await anonymously('guest'), requireGroups('public'));
    const { body } = await request(server).get('/');
    expect(body.principal).toMatchObject({
      type: 'anonymous',
      id: GUEST,
      username: 'guest',
      groups: ['public'],
      consumer: { id: GUEST },
    });
  });

  test('yields to a good token', async () => {
    const get = request(headersApp(await anonymously('guest')))
      .get('/')
      .set(SPOOFED);
    expect(await identity(get.set('Authorization', `Bearer ${howtoToken()}`))).toEqual(asJsmith);
  });

  test('on all methods makes the first that succeeds the answer', async () => {
    const second = { username: 'second', jwt_secrets: [{ key: 'second', secret: 's'.repeat(32) }] };
    const plugins = [
      { name: 'jwt', config: { anonymous: 'guest' } },
      { name: 'jwt', config: { anonymous: 'guest', uri_param_names: ['other'], header_names: ['x-other'] } },
    ];
    const { methods } = await fromKong(kongConfig({}, { consumers: [...consumers, second], plugins }));
    const server = headersApp(...methods);
    const other = hs256({ iss: 'second' }, { secret: 's'.repeat(32) });
    const get = (path = '/') => request(server).get(path).set(SPOOFED);
    expect(await identity(get(`/?other=${other}`).set('Authorization', `Bearer ${token}`))).toEqual(asJsmith);
    expect(await identity(get().set('Authorization', `Bearer ${token}`))).toEqual(asJsmith);
    expect(await identity(get(`/?other=${other}`))).toMatchObject({ 'x-consumer-username': 'second' });
    expect(await identity(get())).toEqual(asGuest);
  });

  test('is never for an outage', async () => {
    const { methods, consumers: store } = await fromKong(kongConfig({ anonymous: 'guest' }, { consumers }));
    store.findCredential = async () => {
      throw new Error('down');
    };
    const { status, headers, text } = await request(app(...methods))
      .get('/')
      .set('Authorization', `Bearer ${token}`);
    expect({ status, text }).toEqual({ status: 503, text: '{"message":"Service Unavailable"}' });
    expect(headers['retry-after']).toBe('5');
    expect(headers).not.toHaveProperty('www-authenticate');
  });
});

test('a guard behind answers in Kong’s words', async () => {
  const server = app(await kongMethod(), requireGroups('ops'));
  const { status, text } = await request(server).get('/').set('Authorization', `Bearer ${token}`);
  expect({ status, text }).toEqual({ status: 403, text: '{"message":"You cannot consume this service"}' });
});

test('inside jwtAuth a bad token is as bad as any other, and says nothing', async () => {
  const server = app(jwtAuth({ methods: [await kongMethod()] }));
  const { status, body, headers } = await request(server)
    .get('/')
    .set('Authorization', `Bearer ${hs256({ iss: 'x' })}`);
  expect({ status, code: body.code }).toEqual({ status: 401, code: 'invalid_token' });
  expect(headers['www-authenticate']).toBe('Bearer realm="api", error="invalid_token"');
});
