import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  type AuthError,
  type AuthEvent,
  type ConsumerJwtOptions,
  type ConsumerStore,
  consumerJwt,
  fromBearer,
  fromCookie,
  fromQuery,
  InvalidRequestError,
  requireGroups,
  requireScopes,
} from '../../lib/index.js';
import { consumersOf } from '../helpers/consumers.js';
import { SERVERS } from '../helpers/every-server.js';
import { bearer } from '../helpers/requests.js';
import { app } from '../helpers/servers.js';
import { HOWTO, howtoToken, hs256, inSeconds } from '../helpers/tokens.js';

const SECRET = HOWTO.secret;
const consumers = consumersOf(HOWTO);
const method = (options: Partial<ConsumerJwtOptions> = {}) => consumerJwt({ consumers, ...options });
const ask = (door: Parameters<typeof request>[0], token = howtoToken()) =>
  request(door).get('/').set('Authorization', bearer(token));

const claim = (claims: Record<string, unknown>) => howtoToken(claims);
const BAD_TOKENS: [code: string, token: string, options?: Partial<ConsumerJwtOptions>][] = [
  ['token_malformed', 'abc'],
  ['token_malformed', `${howtoToken()}=`],
  ['token_malformed', hs256('[]')],
  ['token_malformed', hs256({ iss: HOWTO.key }, { header: { crit: ['exp'] } })],
  ['algorithm_not_allowed', hs256({ iss: HOWTO.key, exp: inSeconds(60) }, { header: { alg: 'none' } })],
  ['algorithm_not_allowed', hs256({ iss: HOWTO.key, exp: inSeconds(60) }, { header: { alg: 'HS512' } })],
  ['signature_invalid', hs256({ iss: HOWTO.key, exp: inSeconds(60) }, { secret: 'x'.repeat(32) })],
  ['token_expired', claim({ exp: inSeconds(-61) })],
  ['token_not_yet_valid', claim({ nbf: inSeconds(120) })],
  ['token_not_yet_valid', claim({ iat: inSeconds(120) })],
  ['token_lifetime_exceeded', claim({ iat: inSeconds(0) }), { maxLifetime: 60 }],
  ['claim_missing', hs256({ iss: HOWTO.key })],
  ['claim_missing', hs256({ exp: inSeconds(60) })],
  ['claim_invalid', hs256({ iss: null, exp: inSeconds(60) })],
  ['claim_invalid', claim({ exp: 'tomorrow' })],
  ['claim_invalid', claim({ sub: {} })],
  ['claim_invalid', howtoToken(), { validators: () => false }],
  ['claim_invalid', howtoToken(), { validators: [() => true, async () => 'yes' as unknown as boolean] }],
  ['claim_invalid', claim({ department: { name: 'x' } }), { claims: { attributes: { department: 'department' } } }],
  ['credential_unknown', hs256({ iss: 'nobody', exp: inSeconds(60) })],
  ['token_revoked', howtoToken(), { isRevoked: () => true }],
  ['token_revoked', howtoToken(), { isRevoked: async () => undefined as unknown as boolean }],
];

describe.each(SERVERS)('under %s', (_name, server) => {
  test('no credential is a 401 whose challenge has no error', async () => {
    const response = await request(server(method({ realm: 'things' }))).get('/');
    expect([response.status, response.headers['www-authenticate']]).toEqual([401, 'Bearer realm="things"']);
    expect(response.body).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      code: 'credentials_missing',
    });
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(response.headers['cache-control']).toBe('no-store');
  });

  test('an unreadable credential is a 400 invalid_request', async () => {
    const response = await request(server(method())).get('/').set('Authorization', 'Bearer');
    expect([response.status, response.headers['www-authenticate']]).toEqual([
      400,
      'Bearer realm="api", error="invalid_request"',
    ]);
    expect(response.body).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      code: 'request_malformed',
    });
  });

  test('every bad token gets the same answer, byte for byte', async () => {
    const seen = new Set<string>();
    for (const [, token, options] of BAD_TOKENS) {
      const { status, text, headers } = await ask(server(method(options)), token);
      const { date: _date, ...others } = headers as Record<string, string>;
      seen.add(JSON.stringify([status, text, others]));
    }
    expect(seen.size).toBe(1);
    expect([...seen].join()).toContain('invalid_token');
  });

  test('HEAD gets the same headers and no body', async () => {
    const response = await request(server(method())).head('/');
    expect([response.status, response.headers['www-authenticate']]).toEqual([401, 'Bearer realm="api"']);
    expect(response.text ?? '').toBe('');
    expect(Number(response.headers['content-length'])).toBeGreaterThan(0);
  });

  test('a store that throws is a 503 with Retry-After and no challenge', async () => {
    const stores: ConsumerStore['findCredential'][] = [
      async () => Promise.reject(new Error('down')),
      () => {
        throw new Error('down');
      },
      async () => Promise.reject(undefined),
      async () => Promise.reject(new InvalidRequestError('request_malformed')),
    ];
    for (const findCredential of stores) {
      const response = await ask(server(method({ consumers: { findCredential } })));
      expect(response.status).toBe(503);
      expect(response.headers['retry-after']).toBe('5');
      expect(response.headers['www-authenticate']).toBeUndefined();
      expect(response.body).toMatchObject({ title: 'Service Unavailable', code: 'store_unavailable' });
    }
  });
});

describe('exposeReason', () => {
  test.each(BAD_TOKENS)('tells the client %s (%#)', async (code, token, options = {}) => {
    const events: AuthEvent[] = [];
    const response = await ask(
      app(method({ ...options, exposeReason: true, onEvent: (event) => events.push(event) })),
      token,
    );
    expect([response.status, response.body.code]).toEqual([401, code]);
    expect(response.headers['www-authenticate']).toBe('Bearer realm="api", error="invalid_token"');
    expect(events).toEqual([expect.objectContaining({ type: 'refused', code, status: 401, method: 'consumerJwt' })]);
  });

  test('off, the precise code is still in the event', async () => {
    const events: AuthEvent[] = [];
    const response = await ask(
      app(method({ onEvent: (event) => events.push(event) })),
      hs256({ iss: 'nobody', exp: inSeconds(60) }),
    );
    expect(response.body.code).toBe('invalid_token');
    expect(events).toEqual([expect.objectContaining({ code: 'credential_unknown' })]);
  });
});

describe('an outage', () => {
  const anonymous = { username: 'guest', coverFailures: true };
  const down = async () => Promise.reject(new Error('down'));

  test.each<[string, Partial<ConsumerJwtOptions>]>([
    ['of the store', { consumers: { findCredential: down } }],
    ['of the revocation list', { isRevoked: down }],
    ['of a validator', { validators: down }],
    ['of a claims function', { claims: { username: (claims) => (claims.person as { name: string }).name } }],
    [
      'of a validator that throws at once',
      {
        validators: () => {
          throw new TypeError('x');
        },
      },
    ],
  ])('%s is a 503, never anonymous and never a pass', async (_title, options) => {
    for (const lenient of [{}, { anonymous }, { credentialsRequired: false }]) {
      const response = await ask(app(method({ ...options, ...lenient })));
      expect([response.status, response.headers['retry-after']]).toEqual([503, '5']);
    }
  });
});

describe('leniency', () => {
  test.each(BAD_TOKENS)('credentialsRequired: false does not excuse %s (%#)', async (_code, token, options = {}) => {
    expect((await ask(app(method({ ...options, credentialsRequired: false })), token)).status).toBe(401);
  });

  test('anonymous does not excuse a bad token unless coverFailures says so', async () => {
    expect((await ask(app(method({ anonymous: { username: 'guest' } })), 'bad')).status).toBe(401);
    const { body } = await ask(app(method({ anonymous: { username: 'guest', coverFailures: true } })), 'bad');
    expect(body.principal).toMatchObject({ type: 'anonymous', id: 'guest' });
  });
});

describe('a realm', () => {
  test.each([
    ['with quotes and backslashes', 'a "b" \\c', 'Bearer realm="a \\"b\\" \\\\c"'],
    ['with line breaks', 'a\r\nSet-Cookie: b=c', 'Bearer realm="a??Set-Cookie: b=c"'],
    ['beyond ASCII', 'Büro 😀', 'Bearer realm="B?ro ??"'],
    ['with a comma', 'a, Basic realm=b', 'Bearer realm="a, Basic realm=b"'],
  ])('%s stays inside its quotes', async (_title, realm, challenge) => {
    const response = await request(app(method({ realm }))).get('/');
    expect(response.headers['www-authenticate']).toBe(challenge);
    expect(response.headers['set-cookie']).toBeUndefined();
  });
});

describe('what a principal may not do', () => {
  test('a missing scope is a 403 whose challenge names all scopes that are needed', async () => {
    const response = await ask(app(method({ realm: 'things' }), requireScopes('a:read', 'a:write')));
    expect([response.status, response.body.code]).toEqual([403, 'insufficient_scope']);
    expect(response.headers['www-authenticate']).toBe(
      'Bearer realm="things", error="insufficient_scope", scope="a:read a:write"',
    );
  });

  test('a missing group is a 403 without a challenge', async () => {
    const response = await ask(app(method(), requireGroups('ops')));
    expect([response.status, response.body.code]).toEqual([403, 'insufficient_group']);
    expect(response.headers['www-authenticate']).toBeUndefined();
  });
});

describe('nothing secret', () => {
  const tokenFrom = [fromBearer(), fromQuery('t'), fromCookie('t')];

  test('is in any event, error or answer, however it is looked at', async () => {
    for (const [, token, options] of BAD_TOKENS) {
      const seen: string[] = [];
      const look = (value: unknown) =>
        seen.push(inspect(value, { depth: 20, showHidden: true, getters: true }), JSON.stringify(value));
      const respond: ConsumerJwtOptions['respond'] = (error: AuthError, _req, res) => {
        look(error);
        look({ ...error, stack: error.stack, headers: error.headers });
        res.end(JSON.stringify(error));
      };
      const door = app(method({ ...options, tokenFrom, respond, onEvent: look }));
      seen.push((await ask(door, token)).text);
      expect(seen.length).toBeGreaterThan(6);
      const [, payload = ''] = token.split('.');
      for (const text of seen) {
        expect(text).not.toContain(token);
        expect(text).not.toContain(SECRET);
        if (payload.length > 8) expect(text).not.toContain(payload);
      }
    }
  });

  test('is in the event of an accepted request, nor anything personal', async () => {
    const seen: unknown[] = [];
    await ask(app(method({ onEvent: (event) => seen.push(event) })), howtoToken({ email: 'j@example.com' }));
    expect(seen).toEqual([
      {
        type: 'accepted',
        method: 'consumerJwt',
        principalType: 'consumer',
        credentialId: expect.any(String),
        request: { method: 'GET', path: '/' },
      },
    ]);
  });

  test('goes to the console', async () => {
    const written: string[] = [];
    const { write } = process.stderr;
    process.stderr.write = (chunk: string | Uint8Array) => written.push(String(chunk)) > 0;
    try {
      for (const [, token, options] of BAD_TOKENS) await ask(app(method(options)), token);
    } finally {
      process.stderr.write = write;
    }
    expect(written).toEqual([]);
  });
});

describe('a listener', () => {
  test.each<[string, () => void]>([
    [
      'that throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['that rejects', (async () => Promise.reject(new Error('broken'))) as () => void],
  ])('%s changes no answer', async (_title, onEvent) => {
    const door = app(method({ onEvent }));
    expect((await ask(door)).status).toBe(200);
    expect((await ask(door, 'bad')).status).toBe(401);
  });
});
