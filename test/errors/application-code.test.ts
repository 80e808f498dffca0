import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import request from 'supertest';
import {
  type AuthEvent,
  type AuthMethod,
  apiKey,
  basicGrant,
  consumerJwt,
  fromCookie,
  jwtAuth,
  localToken,
  type MethodOptions,
  memoryApiKeys,
  memoryUsers,
  type OidcBearerOptions,
  oidcBearer,
  wafToken,
} from '../../lib/index.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { basic, tokenServer } from '../helpers/grants.js';
import { localLookalike, localOptions } from '../helpers/local.js';
import { accessToken, door, staticOptions } from '../helpers/oidc-door.js';
import { bearer } from '../helpers/requests.js';
import { app } from '../helpers/servers.js';
import { howtoToken } from '../helpers/tokens.js';
import { wafOptions } from '../helpers/waf.js';

const provider = await tokenServer();
const boom = new TypeError('boom of the application');
const throws = (): never => {
  throw boom;
};
const rejects = () => Promise.reject(boom);

type Place = [
  place: string,
  code: string,
  make: (told: MethodOptions) => AuthMethod,
  headers: () => Record<string, string> | Promise<Record<string, string>>,
];

const byBearer = (token: () => string) => () => ({ authorization: bearer(token()) });
const toOidc = byBearer(() => accessToken({ groups: ['ops'] }));
const toConsumer = byBearer(howtoToken);

const oidc = (name: string, code: string, options: () => Partial<OidcBearerOptions>): Place => [
  `oidcBearer ${name}`,
  code,
  (told) => {
    const { publicKeys, ...others } = staticOptions({ ...options(), ...told });
    return oidcBearer(('keys' in others ? others : { ...others, publicKeys }) as OidcBearerOptions);
  },
  toOidc,
];
const ofUsers = (name: string, users: () => NonNullable<OidcBearerOptions['users']>): Place =>
  oidc(`users: ${name}`, 'provisioning_unavailable', () => ({ users: users() }));

const brokenStore = () => Object.assign(memoryUsers(), { find: rejects });

const PLACES: readonly Place[] = [
  ...(['throws', 'rejects'] as const).flatMap((how): Place[] => {
    const fail = { throws, rejects }[how];
    return [
      oidc(`validators (${how})`, 'check_failed', () => ({ validators: [() => true, fail] })),
      oidc(`isRevoked (${how})`, 'check_failed', () => ({ isRevoked: fail })),
      oidc(`tokenFrom (${how})`, 'check_failed', () => ({ tokenFrom: fail })),
      oidc(`a source of its own (${how})`, 'check_failed', () => ({
        tokenFrom: { place: 'elsewhere', read: fail, remove: () => undefined },
      })),
      [`issuers (${how})`, 'check_failed', (told) => oidcBearer({ issuers: fail, ...told }), toOidc],
      ofUsers(`callback (${how})`, () => fail),
      ofUsers(`autoRegister (${how})`, () => ({ store: memoryUsers(), autoRegister: fail })),
      oidc(`keys (${how})`, 'keys_unavailable', () => ({
        keys: {
          source: 'own',
          find: fail,
          ready: async () => {},
          health: () => ({ source: 'own', keyCount: 0 }),
          close() {},
        },
      })),
      [
        `consumerJwt consumers (${how})`,
        'store_unavailable',
        (told) => consumerJwt({ consumers: { findCredential: fail }, ...told }),
        toConsumer,
      ],
      [
        `apiKey keys (${how})`,
        'store_unavailable',
        (told) => apiKey({ keys: { findApiKey: fail }, ...told }),
        () => ({ 'x-api-key': 'anything' }),
      ],
      [
        `localToken revocations (${how})`,
        'store_unavailable',
        (told) => localToken(localOptions({ revocations: { revoke: rejects, isRevoked: fail }, ...told })),
        byBearer(localLookalike),
      ],
      [
        `wafToken validators (${how})`,
        'check_failed',
        (told) => wafToken(wafOptions({ validators: fail, ...told })),
        () => ({ 'x-waf-jwt': accessToken() }),
      ],
      [
        `consumerJwt validators (${how})`,
        'check_failed',
        (told) => consumerJwt({ consumers: howtoConsumers(), validators: fail, ...told }),
        toConsumer,
      ],
      [
        `the verify of basicGrant (${how})`,
        'check_failed',
        (told) =>
          basicGrant({
            issuer: 'https://login.example.com',
            tokenEndpoint: provider.url,
            verify: door({ validators: fail }),
            ...told,
          }),
        () => ({ authorization: basic('a', 'b') }),
      ],
    ];
  }),
  oidc('a claims function', 'check_failed', () => ({ claims: { email: throws } })),
  oidc('a function of attributes', 'check_failed', () => ({ claims: { attributes: { team: throws } } })),
  oidc('a role binding', 'check_failed', () => ({ roleBindings: [{ when: throws, role: 'x' }] })),
  oidc('an API key inside a token', 'check_failed', () => ({ apiKeys: memoryApiKeys(), claims: { apiKey: throws } })),
  ofUsers('store', () => ({ store: brokenStore() })),
  ofUsers('groups', () => ({ store: memoryUsers(), autoRegister: true, groups: { mode: 'add', map: throws } })),
  [
    'consumerJwt a claims function',
    'check_failed',
    (told) => consumerJwt({ consumers: howtoConsumers(), claims: { username: throws }, ...told }),
    toConsumer,
  ],
  [
    'basicGrant isSecure',
    'check_failed',
    (told) =>
      basicGrant({
        issuer: 'https://login.example.com',
        tokenEndpoint: provider.url,
        verify: door(),
        isSecure: throws,
        ...told,
      }),
    () => ({ authorization: basic('a', 'b') }),
  ],
];

const warnings = jest.spyOn(process, 'emitWarning');
beforeEach(() => void warnings.mockReset().mockReturnValue());
afterEach(() => void warnings.mockReset());

/** Every warning as a process would print it. */
const printed = () => warnings.mock.calls.map((call) => JSON.stringify(call)).join('\n');

describe.each([
  ['by itself', (make: Place[2], told: MethodOptions) => make(told)],
  ['inside jwtAuth', (make: Place[2], told: MethodOptions) => jwtAuth({ methods: [make({})], ...told })],
])('what the application’s own code throws, %s,', (_title, mounted) => {
  test.each(PLACES)('in %s is a 503 %s, with the exception as its cause', async (_place, code, make, headersOf) => {
    const events: AuthEvent[] = [];
    const anonymous = { username: 'guest', coverFailures: true };
    const told = { anonymous, exposeReason: true, onEvent: (event: AuthEvent) => events.push(event) };
    const listener = app(mounted(make, told));
    const headers = await headersOf();
    const answers = [await request(listener).get('/').set(headers), await request(listener).get('/').set(headers)];
    for (const { status, body, headers: sent } of answers) {
      expect([status, body.code, sent['www-authenticate']]).toEqual([503, code, undefined]);
      expect(JSON.stringify(body)).not.toContain('boom');
    }
    const [event] = events;
    expect(event).toMatchObject({ type: 'refused', status: 503, code });
    expect(event !== undefined && 'error' in event && event.error.cause).toBe(boom);
  });

  test.each(PLACES)('in %s (%s) is a warning with its stack, once however often it happens', async (...row) => {
    const [, , make, headersOf] = row;
    const listener = app(mounted(make, {}));
    const headers = await headersOf();
    for (const _time of [1, 2, 3]) await request(listener).get('/').set(headers);
    expect(warnings).toHaveBeenCalledTimes(1);
    const [message, options] = warnings.mock.calls[0] as unknown as [string, { type: string; detail: string }];
    expect(message).toMatch(/threw|failed/);
    expect(options).toEqual({ type: 'SallyportWarning', detail: boom.stack });
  });
});

test('two methods with one mistake each are two warnings', async () => {
  for (const method of [door({ validators: throws }), door({ validators: throws })])
    await request(app(method)).get('/').set(toOidc());
  expect(warnings).toHaveBeenCalledTimes(2);
});

test('a warning shows no credential that an exception quotes', async () => {
  const token = accessToken();
  const [header = '', payload = '', signature = ''] = token.split('.');
  const quoting = (text: string) => door({ validators: () => Promise.reject(new Error(text)) });
  for (const text of [
    `bad ${token}!`,
    `Unexpected token in "${header}"`,
    bearer(token),
    bearer('opaque-0123456789'),
    basic('id', 'secret'),
  ])
    await request(app(quoting(text)))
      .get('/')
      .set({ authorization: bearer(token) });
  expect(warnings).toHaveBeenCalledTimes(5);
  for (const secret of [header, payload, signature, 'opaque-0123456789', basic('id', 'secret').slice(6)])
    expect(printed()).not.toContain(secret);
});

test('what has no stack, and not even a text, is warned of as well', async () => {
  const nothing = Object.create(null) as object;
  for (const thrown of [nothing, null, undefined, 'down', 42])
    expect(
      (
        await request(app(door({ validators: () => Promise.reject(thrown) })))
          .get('/')
          .set(toOidc())
      ).status,
    ).toBe(503);
  expect(warnings).toHaveBeenCalledTimes(5);
});

test('a promise that rejects where a value is wanted at once ends no process, and the answer is 503 with a warning', async () => {
  const claims = { email: rejects as () => unknown };
  expect(
    (
      await request(app(door({ claims })))
        .get('/')
        .set(toOidc())
    ).status,
  ).toBe(503);
  await new Promise((done) => setImmediate(done));
  expect(printed()).toContain('answered a promise');
});

test('a users callback that forgot its return is told so', async () => {
  const method = door({ users: () => undefined as never });
  const { status, body } = await request(app(method)).get('/').set(toOidc());
  expect([status, body.code]).toEqual([503, 'check_failed']);
  expect(printed()).toMatch(/return is missing/);
});

test('cookie-parser that is missing before a signed cookie is said in the warning', async () => {
  const method = door({ tokenFrom: fromCookie('t', { signed: true }) });
  const { status, body } = await request(app(method)).get('/').set({ cookie: 't=x' });
  expect([status, body.code]).toEqual([503, 'check_failed']);
  expect(printed()).toMatch(/cookie-parser/);
});

test('the list of revoked tokens is called a store where a sign-out cannot write to it', async () => {
  const session = localToken(
    localOptions({ revocations: { revoke: rejects, isRevoked: async () => false }, cookie: true }),
  );
  const logout = app(session.loginRouter({ methods: [door()] }));
  const { body } = await request(logout)
    .post('/logout')
    .set({ authorization: bearer(localLookalike()) });
  expect(body.code).toBe('store_unavailable');
});

test('what nobody foresaw is an internal error, and no store is blamed for it', async () => {
  const method = door();
  const listener = app((req, res, next) => {
    Object.defineProperty(req, 'principal', { set: throws });
    method(req, res, next);
  });
  const { status, body } = await request(listener).get('/').set(toOidc());
  expect([status, body.code]).toEqual([503, 'internal_error']);
  expect(printed()).toContain('boom of the application');
});
