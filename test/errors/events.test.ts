import { execFile } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import { afterAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  type AuthEvent,
  type AuthMethod,
  basicGrant,
  consumerJwt,
  fromHeader,
  jwtAuth,
  oidcBearer,
  requirePrincipal,
  requireScopes,
} from '../../lib/index.js';
import { builtLib } from '../helpers/built-lib.js';
import { consumersOf } from '../helpers/consumers.js';
import { SERVERS } from '../helpers/every-server.js';
import { accessToken, ISSUER, staticOptions } from '../helpers/oidc-door.js';
import { bearer } from '../helpers/requests.js';
import { app, type Middleware } from '../helpers/servers.js';
import { HOWTO, howtoToken } from '../helpers/tokens.js';

/** Asks a method with a listener, and guards behind it, and says what was told. */
async function told(
  make: (told: { onEvent: (event: AuthEvent, req?: IncomingMessage) => void; exposeReason: true }) => AuthMethod,
  headers: Record<string, string>,
  { guards = [] as Middleware[], path = '/orders/7?token=hush', server = app } = {},
) {
  const calls: [event: AuthEvent, req: IncomingMessage | undefined][] = [];
  const method = make({ exposeReason: true, onEvent: (event, req) => calls.push([event, req]) });
  const {
    status,
    body,
    headers: sent,
  } = await request(server(method, ...guards))
    .get(path)
    .set(headers);
  const events = calls.map(([event]) => event);
  const refused = events.filter((event) => event.type === 'refused');
  return { status, body, sent, calls, events, refused, text: JSON.stringify([events, body]) };
}

const oidc =
  (options: Parameters<typeof staticOptions>[0] = {}) =>
  (more: object) =>
    oidcBearer(staticOptions({ ...options, ...more }));
const good = () => ({ authorization: bearer(accessToken({ scope: 'read' })) });
const bad = () => ({ authorization: bearer(accessToken({ aud: 'billing' })) });

describe.each(SERVERS)('an event under %s', (_name, server) => {
  test('says which request it is about, and never its query', async () => {
    const headers = { ...bad(), 'x-request-id': 'r-42' };
    const { events, calls, text } = await told(oidc(), headers, { server });
    expect(events).toEqual([
      {
        type: 'refused',
        method: 'oidcBearer',
        code: 'audience_mismatch',
        status: 401,
        reason: 'The token was issued for another audience.',
        detail: expect.objectContaining({ claim: 'aud', received: 'billing' }),
        error: expect.objectContaining({ code: 'audience_mismatch' }),
        request: { id: 'r-42', method: 'GET', path: '/orders/7' },
      },
    ]);
    expect(calls[0]?.[1]?.url).toContain('/orders/7');
    expect(text).not.toContain('hush');
  });

  test('comes with a request that is let in as well', async () => {
    const { calls } = await told(oidc(), good(), { server });
    expect(calls[0]?.[0]).toMatchObject({ type: 'accepted', request: { method: 'GET', path: '/orders/7' } });
    expect(calls[0]?.[1]?.headers.authorization).toBeDefined();
  });

  test('tells what a guard behind the method refuses', async () => {
    const { status, refused } = await told(oidc(), good(), { server, guards: [requireScopes('write')] });
    expect(status).toBe(403);
    expect(refused).toEqual([
      expect.objectContaining({ method: 'oidcBearer', code: 'insufficient_scope', status: 403 }),
    ]);
  });
});

describe('a guard’s refusal', () => {
  test('behind jwtAuth is told to jwtAuth, under the name of the method whose principal it is', async () => {
    const { refused } = await told(
      (more) => jwtAuth({ methods: [oidcBearer(staticOptions({ name: 'staff', exposeReason: false }))], ...more }),
      good(),
      { guards: [requireScopes('write')] },
    );
    expect(refused).toEqual([expect.objectContaining({ method: 'staff', code: 'insufficient_scope' })]);
  });

  test('of nobody at all is told, too', async () => {
    const make = (more: object) => oidcBearer(staticOptions({ credentialsRequired: false, ...more }));
    const { status, refused } = await told(make, {}, { guards: [requirePrincipal()] });
    expect([status, refused.map(({ code }) => code)]).toEqual([401, ['credentials_missing']]);
  });

  test('is told once, and nothing is told where nobody refuses', async () => {
    const { refused } = await told(oidc(), good(), { guards: [requireScopes('read')] });
    expect(refused).toEqual([]);
  });
});

describe('the id of a request', () => {
  test.each([
    ['of a logger in front', { id: 7 }, {}, '7'],
    ['of a logger, before that of a proxy', { id: 'own' }, { 'x-request-id': 'proxy' }, 'own'],
    ['of a proxy, at most 200 characters', {}, { 'x-request-id': 'x'.repeat(900) }, `${'x'.repeat(199)}…`],
    ['that nobody gave', {}, {}, undefined],
    ['that is an object', { id: { secret: 'hush' } }, {}, undefined],
  ])('%s', async (_what, members, headers, id) => {
    const facts: unknown[] = [];
    const method = oidcBearer(staticOptions({ onEvent: (event) => 'request' in event && facts.push(event.request) }));
    const named: Middleware = (req, _res, next) => {
      Object.assign(req, members);
      next();
    };
    await request(app(named, method))
      .get('/a')
      .set({ ...bad(), ...headers });
    expect(facts).toEqual([{ ...(id === undefined ? {} : { id }), method: 'GET', path: '/a' }]);
  });

  test('and its path, below a mounted router, are those that the client wrote', async () => {
    const { default: express } = await import('express');
    const paths: unknown[] = [];
    const method = oidcBearer(
      staticOptions({ onEvent: (event) => 'request' in event && paths.push(event.request.path) }),
    );
    const listener = express().use('/api', express.Router().use(method as never));
    await request(listener).get('/api/things?x=1');
    expect(paths).toEqual(['/api/things']);
  });
});

describe('a request in which no credential was found is told', () => {
  const token = accessToken();
  test.each<[what: string, headers: Record<string, string>, hint: RegExp | undefined]>([
    ['nothing where there is nothing', {}, undefined],
    ['that another scheme stands there', { authorization: `JWT ${token}` }, /scheme JWT, where Bearer is expected/],
    ['that another credential stands there', { authorization: 'Basic aWQ6c2VjcmV0' }, /scheme Basic/],
    ['that the scheme is missing', { authorization: token }, /without a scheme/],
    [
      'that the scheme of an opaque token is missing',
      { authorization: 'G-HMSESWae8UFLUliq7KsLe5c2' },
      /without a scheme/,
    ],
    ['nothing of what may be a secret', { authorization: 'tooLongForAnySchemeOfThisWorld secret' }, /another scheme/],
  ])('%s', async (_what, headers, hint) => {
    const { status, body, refused, text } = await told(oidc(), headers);
    expect([status, body.code]).toEqual([401, 'credentials_missing']);
    const [event] = refused;
    expect(event?.detail?.expected).toEqual(['header authorization']);
    if (hint === undefined) expect(event?.detail?.hint).toBeUndefined();
    else expect([event?.detail?.hint, body.detail]).toEqual([expect.stringMatching(hint), expect.stringMatching(hint)]);
    for (const secret of [token, 'aWQ6c2VjcmV0', 'G-HMSESWae8UFLUliq7KsLe5c2', 'secret', 'tooLong'])
      expect(text).not.toContain(secret);
  });

  test('where it was looked for', async () => {
    const verify = oidcBearer(staticOptions({ tokenFrom: fromHeader('x-token') }));
    const swapped = basicGrant({ issuer: ISSUER, tokenEndpoint: 'https://login.example.com/token', verify });
    const { refused } = await told((more) => jwtAuth({ methods: [verify, swapped], ...more }), {
      authorization: 'JWT x',
    });
    expect(refused[0]?.detail).toMatchObject({ expected: ['header x-token', 'header authorization'] });
    expect(refused[0]?.detail?.hint).toMatch(/where Basic is expected/);
  });
});

describe('an issuer that nearly is a configured one', () => {
  test('is said where the token was left to the consumers', async () => {
    const methods = () => [oidcBearer(staticOptions()), consumerJwt({ consumers: consumersOf(HOWTO) })];
    const { body, refused } = await told((more) => jwtAuth({ methods: methods(), ...more }), {
      authorization: bearer(accessToken({ iss: `${ISSUER}/` })),
    });
    expect(body.detail).toMatch(/slash/);
    expect(refused[0]?.detail?.hint).toContain(ISSUER);
  });

  test('is said where nobody else takes it', async () => {
    const other = oidcBearer(staticOptions({ name: 'other', issuer: 'https://other.example.com' }));
    const { refused } = await told((more) => jwtAuth({ methods: [oidcBearer(staticOptions()), other], ...more }), {
      authorization: bearer(accessToken({ iss: ISSUER.toUpperCase() })),
    });
    expect(refused[0]).toMatchObject({ code: 'issuer_unknown', detail: { hint: expect.stringMatching(/lower case/) } });
  });

  test('is not said of consumers’ own names', async () => {
    const methods = [oidcBearer(staticOptions()), consumerJwt({ consumers: consumersOf(HOWTO) })];
    const { refused } = await told((more) => jwtAuth({ methods, ...more }), {
      authorization: bearer(howtoToken({ iss: 'nobody' })),
    });
    expect(refused[0]?.detail?.hint).toBeUndefined();
  });
});

test('a stand-in for a request that has no headers is told so, and no store is blamed', async () => {
  await expect(oidcBearer(staticOptions()).authenticate({} as never)).rejects.toMatchObject({
    code: 'check_failed',
    cause: { message: expect.stringMatching(/headers/) },
  });
});

describe('NODE_DEBUG=sallyport', () => {
  const lib = builtLib();
  afterAll(lib.remove);
  const script = `
    import { consumerJwt, memoryConsumers } from '${lib.url}index.js';
    const method = consumerJwt({ consumers: memoryConsumers([{ username: 'a', credentials: [{ key: 'k', secret: 'x'.repeat(32) }] }]) });
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const authorization = 'Bearer ' + part({ alg: 'HS256' }) + '.' + part({ iss: 'k', exp: 1 }) + '.AAAA';
    const req = { method: 'GET', url: '/orders?q=hush', headers: { authorization }, rawHeaders: ['authorization', authorization], socket: {} };
    await method.authenticate(req).catch(() => undefined);
  `;
  const stderrOf = (debug: string) =>
    new Promise<string>((resolve) => {
      const child = execFile(
        process.execPath,
        ['--input-type=module'],
        { env: { NODE_DEBUG: debug } },
        (_error, _out, err) => resolve(err),
      );
      child.stdin?.end(script);
    });

  test('writes one line per refusal to stderr: which request, what was wrong, and no secret', async () => {
    const lines = (await stderrOf('sallyport')).trim().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^SALLYPORT \d+: 401 token_expired by consumerJwt for GET \/orders: .*exp/),
    ]);
    expect(lines.join()).not.toMatch(/hush|eyJ/);
  });

  test('and nothing where nobody asks', async () => {
    expect(await stderrOf('')).toBe('');
  });
});

describe('a request that a method meets again', () => {
  const listenTo = (calls: AuthEvent[]) => oidcBearer(staticOptions({ onEvent: (event) => calls.push(event) }));
  const swapTo =
    (value: string): Middleware =>
    (req, _res, next) => {
      req.headers.authorization = value;
      req.rawHeaders = ['Authorization', value];
      next();
    };

  test('passes, and is verified once, while its credential is the one that passed', async () => {
    const calls: AuthEvent[] = [];
    const method = listenTo(calls);
    expect(
      (
        await request(app(method, method, method))
          .get('/')
          .set(good())
      ).status,
    ).toBe(200);
    expect(calls.map(({ type }) => type)).toEqual(['accepted']);
  });

  test('is verified anew with another credential', async () => {
    const calls: AuthEvent[] = [];
    const method = listenTo(calls);
    const other = bearer(accessToken({ sub: 'bob' }));
    const { status, body } = await request(app(method, swapTo(other), method, method))
      .get('/')
      .set(good());
    expect([status, body.principal.subject]).toEqual([200, 'bob']);
    expect(calls.map(({ type }) => type)).toEqual(['accepted', 'accepted']);
  });

  test('is refused with one that is not good, or that cannot be read', async () => {
    for (const [forged, expected] of [
      [bad().authorization, 401],
      ['Bearer a b', 400],
    ] as const) {
      const method = listenTo([]);
      expect(
        (
          await request(app(method, swapTo(forged), method))
            .get('/')
            .set(good())
        ).status,
      ).toBe(expected);
    }
  });

  test('is somebody where it was nobody at first', async () => {
    const method = oidcBearer(staticOptions({ credentialsRequired: false }));
    const { body } = await request(app(method, swapTo(good().authorization), method)).get('/');
    expect(body.principal.subject).toBe('alice');
  });
});
