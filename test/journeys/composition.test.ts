import { describe, expect, jest, test } from '@jest/globals';
import request from 'supertest';
import {
  type AuthEvent,
  type ConsumerJwtOptions,
  type ConsumerStore,
  consumerJwt,
  fromHeader,
  fromQuery,
  type JwtAuthOptions,
  jwtAuth,
} from '../../lib/index.js';
import { consumersOf, howtoConsumers, PARTNER, tokenOf } from '../helpers/consumers.js';
import { SERVERS } from '../helpers/every-server.js';
import { bearer, jsonOf, rawRequest, showLeftovers } from '../helpers/requests.js';
import { app } from '../helpers/servers.js';
import { HOWTO, howtoToken, hs256, inSeconds } from '../helpers/tokens.js';

const partners = () => consumersOf(PARTNER);
const staff = (options: Partial<ConsumerJwtOptions> = {}) =>
  consumerJwt({ consumers: howtoConsumers(), name: 'staff', ...options });
const partner = (options: Partial<ConsumerJwtOptions> = {}) =>
  consumerJwt({ consumers: partners(), name: 'partner', ...options });
const inOwnHeader = { tokenFrom: fromHeader('X-Partner') };

const forged = (key: string) => hs256({ iss: key, exp: inSeconds(300) }, { secret: 'x'.repeat(32) });

async function outcome(options: JwtAuthOptions, headers: readonly string[], path = '/') {
  const answer = await rawRequest(app(jwtAuth(options)), { headers, path });
  const body = jsonOf(answer) as { principal?: { method: string; username: string }; code?: string };
  return answer.status === 200 ? [body.principal?.method, body.principal?.username] : [answer.status, body.code];
}

describe('two methods that read the same place', () => {
  const methods = [staff(), partner()];

  test.each([
    ['the first', howtoToken(), ['staff', 'jsmith']],
    ['the second', tokenOf(PARTNER), ['partner', 'partner']],
    ['nobody', hs256({ iss: 'unknown', exp: inSeconds(300) }), [401, 'credential_unknown']],
    ['the first, forged', forged(HOWTO.key), [401, 'signature_invalid']],
    ['the second, forged', forged(PARTNER.key), [401, 'signature_invalid']],
    ['no reader', 'not-a-token', [401, 'token_malformed']],
    ['no key', hs256({ exp: inSeconds(300) }), [401, 'claim_missing']],
  ])('route by key: a token of %s', async (_title, token, expected) => {
    expect(await outcome({ methods, exposeReason: true }, ['Authorization', bearer(token)])).toEqual(expected);
  });

  test('never ask a second method after the first has recognised its key', async () => {
    const weaker = partner({ consumers: consumersOf({ ...PARTNER, key: HOWTO.key }) });
    const token = tokenOf({ ...PARTNER, key: HOWTO.key });
    expect(await outcome({ methods: [staff(), weaker] }, ['Authorization', bearer(token)])).toEqual([
      401,
      'invalid_token',
    ]);
    expect(await outcome({ methods: [weaker, staff()] }, ['Authorization', bearer(token)])).toEqual([
      'partner',
      'partner',
    ]);
  });

  test('never ask a second method when the first one’s rules refuse its own', async () => {
    const strict = staff({ requiredClaims: ['exp', 'department'] });
    const token = howtoToken();
    expect(await outcome({ methods: [strict, staff({ name: 'lax' })] }, ['Authorization', bearer(token)])).toEqual([
      401,
      'invalid_token',
    ]);
  });

  test('may name their credentials by different claims', async () => {
    const byKid = partner({ keyClaim: 'kid' });
    const token = hs256({ exp: inSeconds(300) }, { secret: PARTNER.secret, header: { kid: PARTNER.key } });
    for (const methods of [
      [staff(), byKid],
      [byKid, staff()],
    ]) {
      expect(await outcome({ methods }, ['Authorization', bearer(token)])).toEqual(['partner', 'partner']);
      expect(await outcome({ methods }, ['Authorization', bearer(howtoToken())])).toEqual(['staff', 'jsmith']);
    }
  });

  test('are an outage when a store that would decide is down', async () => {
    const down: ConsumerStore = { findCredential: async () => Promise.reject(new Error('down')) };
    const methods = [staff({ consumers: down }), partner()];
    const anonymous = { username: 'guest', coverFailures: true };
    expect(await outcome({ methods, anonymous }, ['Authorization', bearer(tokenOf(PARTNER))])).toEqual([
      503,
      'store_unavailable',
    ]);
  });
});

describe('two methods in different places', () => {
  const methods = [staff(), partner(inOwnHeader)];
  const both = ['Authorization', bearer(howtoToken()), 'X-Partner', tokenOf(PARTNER)];

  test('take each its own', async () => {
    expect(await outcome({ methods }, both.slice(0, 2))).toEqual(['staff', 'jsmith']);
    expect(await outcome({ methods }, both.slice(2))).toEqual(['partner', 'partner']);
  });

  test('give the principal of the first in the list, wherever its token stands', async () => {
    expect(await outcome({ methods }, both)).toEqual(['staff', 'jsmith']);
    expect(await outcome({ methods: [...methods].reverse() }, both)).toEqual(['partner', 'partner']);
  });

  test('go by the list even where an earlier place is routed to a later method', async () => {
    const third = { ...PARTNER, username: 'third', key: 'third' };
    const between = consumerJwt({ consumers: consumersOf(third), name: 'third', ...inOwnHeader });
    const headers = ['Authorization', bearer(tokenOf(PARTNER)), 'X-Partner', tokenOf(third)];
    expect(await outcome({ methods: [staff(), between, partner()] }, headers)).toEqual(['third', 'third']);
    expect(await outcome({ methods: [staff(), partner(), between] }, headers)).toEqual(['partner', 'partner']);
  });

  test.each([
    ['the first is forged', ['Authorization', bearer(forged(HOWTO.key)), 'X-Partner', tokenOf(PARTNER)]],
    ['the second is forged', ['Authorization', bearer(howtoToken()), 'X-Partner', forged(PARTNER.key)]],
    ['the second is garbage', ['Authorization', bearer(howtoToken()), 'X-Partner', 'garbage']],
    ['one stands in the other’s place', ['Authorization', bearer(tokenOf(PARTNER))]],
    ['one stands in both places', ['Authorization', bearer(howtoToken()), 'X-Partner', howtoToken()]],
  ])('refuse when %s', async (_title, headers) => {
    expect(await outcome({ methods }, headers)).toEqual([401, 'invalid_token']);
    expect(await outcome({ methods: [...methods].reverse() }, headers)).toEqual([401, 'invalid_token']);
  });

  test.each([
    ['a header is sent twice', ['X-Partner', tokenOf(PARTNER), 'X-Partner', tokenOf(PARTNER)]],
    ['its alias is used', ['Authorization', bearer(howtoToken()), 'X_Partner', tokenOf(PARTNER)]],
    ['the scheme stands alone', ['Authorization', 'Bearer', 'X-Partner', tokenOf(PARTNER)]],
  ])('answer 400 when %s', async (_title, headers) => {
    expect((await outcome({ methods }, headers))[0]).toBe(400);
  });

  test('keep what they said of themselves, except how a request is met', async () => {
    const strict = partner({ ...inOwnHeader, maxLifetime: 60 });
    expect(await outcome({ methods: [staff(), strict] }, both)).toEqual([401, 'invalid_token']);
  });
});

describe('one token in the places of two methods', () => {
  const methods = [
    staff(),
    partner({ tokenFrom: [fromHeader('Authorization', { scheme: 'Bearer' }), fromQuery('t')] }),
  ];

  test('is judged by the one it belongs to, in each place', async () => {
    const token = tokenOf(PARTNER);
    expect(await outcome({ methods }, ['Authorization', bearer(token)], `/?t=${token}`)).toEqual([
      'partner',
      'partner',
    ]);
    expect(await outcome({ methods }, ['Authorization', bearer(howtoToken())], `/?t=${howtoToken()}`)).toEqual([
      401,
      'invalid_token',
    ]);
  });

  test('is ambiguous where one method finds two', async () => {
    expect(await outcome({ methods }, ['Authorization', bearer(howtoToken())], `/?t=${tokenOf(PARTNER)}`)).toEqual([
      400,
      'credentials_ambiguous',
    ]);
  });
});

describe('what jwtAuth says of the door', () => {
  const inner = { realm: 'inner', exposeReason: true, credentialsRequired: false, skipPreflight: true } as const;
  const methods = [
    staff(inner),
    partner({ ...inOwnHeader, anonymous: { username: 'inner-guest', coverFailures: true } }),
  ];
  const preflight = { Origin: 'https://app.example.com', 'Access-Control-Request-Method': 'GET' };

  test('holds for all its methods: realm, credentialsRequired, exposeReason, anonymous, skipPreflight', async () => {
    const door = app(jwtAuth({ methods, realm: 'outer' }));
    const none = await request(door).get('/');
    expect([none.status, none.headers['www-authenticate']]).toEqual([401, 'Bearer realm="outer"']);
    const bad = await request(door).get('/').set('X-Partner', 'bad');
    expect([bad.status, bad.body.code]).toEqual([401, 'invalid_token']);
    expect(bad.headers['www-authenticate']).toBe('Bearer realm="outer", error="invalid_token"');
    expect((await request(door).options('/').set(preflight)).status).toBe(401);
  });

  test('credentialsRequired: false lets nobody in as nobody, and a bad credential not at all', async () => {
    const door = app(jwtAuth({ methods, credentialsRequired: false }));
    const none = await request(door).get('/');
    expect([none.status, none.body.principal]).toEqual([200, null]);
    expect((await request(door).get('/').set('X-Partner', 'bad')).status).toBe(401);
  });

  test('anonymous gives nobody a name', async () => {
    const door = app(jwtAuth({ methods, anonymous: { username: 'guest', groups: ['visitors'] } }));
    const { body } = await request(door).get('/');
    expect(body.principal).toMatchObject({
      type: 'anonymous',
      username: 'guest',
      method: 'jwtAuth',
      groups: ['visitors'],
    });
    expect((await request(door).get('/').set('X-Partner', 'bad')).status).toBe(401);
  });

  test('skipPreflight lets a preflight pass and no other OPTIONS', async () => {
    const door = app(jwtAuth({ methods, skipPreflight: true }));
    expect((await request(door).options('/').set(preflight)).status).toBe(200);
    expect((await request(door).options('/')).status).toBe(401);
    expect((await request(door).options('/').set('Origin', 'https://app.example.com')).status).toBe(401);
    expect((await request(door).get('/').set(preflight)).status).toBe(401);
  });

  test('respond answers for all', async () => {
    const respond = jest.fn((error: { code: string }, _req: unknown, res: { end(text: string): void }) =>
      res.end(`sorry: ${error.code}`),
    );
    const door = app(jwtAuth({ methods, respond }));
    expect((await request(door).get('/').set('X-Partner', 'bad')).text).toBe('sorry: token_malformed');
    expect((await request(door).get('/')).text).toBe('sorry: credentials_missing');
  });

  test('onEvent hears each decision once, and so does the method’s own listener', async () => {
    const outer: AuthEvent[] = [];
    const own: AuthEvent[] = [];
    const methods = [staff({ onEvent: (event) => own.push(event) }), partner(inOwnHeader)];
    const door = app(jwtAuth({ methods, name: 'front', onEvent: (event) => outer.push(event) }));
    await request(door).get('/').set('Authorization', bearer(howtoToken()));
    await request(door)
      .get('/')
      .set('Authorization', bearer(forged(HOWTO.key)));
    await request(door).get('/');
    const facts = ({ type, ...event }: AuthEvent) => {
      const { method, principalType, code, status } = event as Record<string, unknown>;
      return { type, method, principalType, code, status };
    };
    const decisions = [
      { type: 'accepted', method: 'staff', principalType: 'consumer' },
      { type: 'refused', method: 'staff', code: 'signature_invalid', status: 401 },
    ];
    expect(own.map(facts)).toEqual(decisions);
    expect(outer.map(facts)).toEqual([
      ...decisions,
      { type: 'refused', method: 'front', code: 'credentials_missing', status: 401 },
    ]);
  });

  test('a covered failure is told as anonymous and not as a refusal', async () => {
    const events: AuthEvent[] = [];
    const anonymous = { username: 'guest', coverFailures: true };
    const door = app(jwtAuth({ methods, anonymous, onEvent: (event) => events.push(event) }));
    const { body } = await request(door).get('/').set('X-Partner', 'bad');
    expect(body.principal.username).toBe('guest');
    expect(events).toEqual([
      { type: 'anonymous', method: 'partner', code: 'token_malformed', request: { method: 'GET', path: '/' } },
    ]);
  });
});

describe.each(SERVERS)('headers that speak of identity, under %s', (_name, server) => {
  const preflight = ['Origin', 'https://app.example.com', 'Access-Control-Request-Method', 'GET'];
  const methods = [partner(inOwnHeader), staff()];
  const guest = { username: 'guest', coverFailures: true };

  test.each<[string, Omit<JwtAuthOptions, 'methods'>, string, readonly string[]]>([
    ['accepted', {}, 'GET', ['X-Partner', tokenOf(PARTNER)]],
    ['without need of a credential', { credentialsRequired: false }, 'GET', ['X-Partner', '']],
    ['anonymous', { anonymous: guest }, 'GET', ['X_partner', 'alias', 'X-PARTNER', 'forged']],
    ['a preflight', { skipPreflight: true }, 'OPTIONS', ['X-Partner', 'forged', 'x_partner', 'alias', ...preflight]],
  ])('are gone when the request is %s', async (_title, options, method, headers) => {
    const door = server(jwtAuth({ methods, ...options }), showLeftovers);
    const { status, text } = await rawRequest(door, { headers, method });
    expect(status).toBe(200);
    expect(text.toLowerCase()).not.toMatch(/x[-_]partner/);
    expect(text).not.toContain('forged');
  });
});

describe('headers that speak of identity', () => {
  test('are gone when the application answers the refusal itself', async () => {
    let left = '';
    const door = app(
      jwtAuth({
        methods: [partner(inOwnHeader)],
        respond: (_error, req, res) => {
          left = JSON.stringify([req.headers, req.rawHeaders, req.headersDistinct]).toLowerCase();
          res.end();
        },
      }),
    );
    await rawRequest(door, { headers: ['X-Partner', 'forged'] });
    expect(left).toContain('host');
    expect(left).not.toContain('x-partner');
  });

  test('can still be read by a second method on a route', async () => {
    const everywhere = jwtAuth({
      methods: [partner({ ...inOwnHeader, name: 'everywhere' })],
      credentialsRequired: false,
    });
    const { body } = await request(app(everywhere, partner(inOwnHeader)))
      .get('/')
      .set('X-Partner', tokenOf(PARTNER));
    expect(body.principal).toMatchObject({ method: 'partner', username: 'partner' });
  });

  test('stay ambiguous for a second method', async () => {
    const first = partner({ ...inOwnHeader, anonymous: { username: 'guest', coverFailures: true } });
    const headers = ['X-Partner', tokenOf(PARTNER), 'X-Partner', tokenOf(PARTNER)];
    expect((await rawRequest(app(first, partner(inOwnHeader)), { headers })).status).toBe(400);
  });
});
