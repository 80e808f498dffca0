import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import express4 from 'express4';
import request from 'supertest';
import {
  type AuthEvent,
  type BackchannelLogoutOptions,
  backchannelLogout,
  ConfigurationError,
  memoryRevocations,
  staticKeys,
} from '../../lib/index.js';
import { SERVERS } from '../helpers/every-server.js';
import { given, type Loose } from '../helpers/loose.js';
import { accessToken, door, ISSUER, PROVIDER_KEY, PROVIDER_PEM, STRANGER_KEY, verdict } from '../helpers/oidc-door.js';
import { app, type Middleware } from '../helpers/servers.js';
import { segment, signed } from '../helpers/signing.js';
import { inSeconds } from '../helpers/tokens.js';

const CLIENT_ID = 'our-client';
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

const TYPED = { typ: 'logout+jwt' };
let count = 0;
function logoutClaims(claims: Record<string, unknown> = {}): Record<string, unknown> {
  const good = { iss: ISSUER, aud: CLIENT_ID, iat: inSeconds(0), exp: inSeconds(120), jti: `jti-${++count}` };
  return { ...good, sub: 'alice', sid: 'her-session', events: { [EVENT]: {} }, ...claims };
}
const logoutToken = (claims: Record<string, unknown> = {}, header: object = TYPED, key = PROVIDER_KEY) =>
  signed('ES256', key, logoutClaims(claims), header);

/** What was revoked, in order. */
const revoked: unknown[] = [];
const events: AuthEvent[] = [];
beforeEach(() => {
  revoked.length = 0;
  events.length = 0;
});
const recorder = {
  async revokeSession(session: object, options: object = {}) {
    revoked.push({ ...session, ...options });
  },
  async revokeSubject(person: object, options: object = {}) {
    revoked.push({ ...person, ...options });
  },
};

function logout(options: Loose<BackchannelLogoutOptions> = {}): Middleware {
  const own = { revocations: recorder, onEvent: (event: AuthEvent) => void events.push(event) };
  const trust = { issuer: ISSUER, audience: CLIENT_ID, publicKeys: PROVIDER_PEM };
  return backchannelLogout(given<BackchannelLogoutOptions>({ ...trust, ...own, ...options }));
}
const post = (listener: Parameters<typeof request>[0], token: string) =>
  request(listener).post('/').type('form').send({ logout_token: token });

describe('a good logout token', () => {
  test.each(SERVERS)('gets 200 under %s, without a parser and not to be cached', async (_name, make) => {
    const answer = await post(make(logout()), logoutToken({ iat: inSeconds(0) }));
    expect([answer.status, answer.text, answer.headers['cache-control']]).toEqual([200, '', 'no-store']);
    expect(revoked).toEqual([{ issuer: ISSUER, sid: 'her-session', since: expect.any(Date) }]);
  });

  test.each<[parser: string, parser: Middleware]>([
    ['a form parser', express.urlencoded() as unknown as Middleware],
    ['a parser for something else', express.json() as unknown as Middleware],
    ['one that leaves an empty body', express4.json() as unknown as Middleware],
  ])('gets 200 behind %s', async (_what, parser) => {
    expect((await post(app(parser, logout()), logoutToken())).status).toBe(200);
  });

  test('is for the session, or for the person where it names none, since it was issued', async () => {
    const iat = inSeconds(-20);
    const since = new Date(iat * 1000);
    const listener = app(logout());
    await post(listener, logoutToken({ iat, sub: undefined }));
    await post(listener, logoutToken({ iat, sid: undefined }));
    await post(listener, logoutToken({ iat }));
    const session = { issuer: ISSUER, sid: 'her-session', since };
    expect(revoked).toEqual([session, { issuer: ISSUER, subject: 'alice', since }, session]);
  });

  test('is for the person under revokeBy "sub", or for the session where it names nobody', async () => {
    const listener = app(logout({ revokeBy: 'sub' }));
    await post(listener, logoutToken());
    await post(listener, logoutToken({ sub: undefined }));
    expect(revoked).toMatchObject([{ subject: 'alice' }, { sid: 'her-session' }]);
  });

  test.each<[what: string, claims: Record<string, unknown>, header: object]>([
    ['has no type', {}, { typ: undefined }],
    ['is typed as any JWT', {}, { typ: 'JWT' }],
    ['writes its type out', {}, { typ: 'application/logout+jwt' }],
    ['is for others too', { aud: ['another-client', CLIENT_ID] }, TYPED],
    ['took a while', { iat: inSeconds(-280) }, TYPED],
    ['says something about the event', { events: { [EVENT]: { reason: 'session timed out' } } }, TYPED],
    ['names another event too', { events: { [EVENT]: {}, revoke_offline_access: true } }, TYPED],
  ])('counts where it %s', async (_what, claims, header) => {
    expect((await post(app(logout()), logoutToken(claims, header))).status).toBe(200);
    expect(revoked).toHaveLength(1);
  });
});

describe('a logout token that is not good', () => {
  const hmac = () => {
    const input = `${segment({ alg: 'HS256', typ: 'logout+jwt' })}.${segment(logoutClaims())}`;
    return `${input}.${createHmac('sha256', PROVIDER_PEM).update(input).digest('base64url')}`;
  };
  test.each<[what: string, token: () => string, code: string]>([
    ['is no token', () => 'alice', 'token_malformed'],
    ['is not signed', () => `${segment({ alg: 'none' })}.${segment(logoutClaims())}.`, 'token_malformed'],
    [
      'names no algorithm',
      () => `${segment({ alg: 'none' })}.${segment(logoutClaims())}.AAAA`,
      'algorithm_not_allowed',
    ],
    ['is signed with the public key as a secret', hmac, 'algorithm_not_allowed'],
    ['is signed by somebody else', () => logoutToken({}, {}, STRANGER_KEY), 'signature_invalid'],
    ['is of another issuer', () => logoutToken({ iss: 'https://another.example.com' }), 'issuer_unknown'],
    ['is of nobody', () => logoutToken({ iss: undefined }), 'issuer_unknown'],
    ['is for another client', () => logoutToken({ aud: 'another-client' }), 'audience_mismatch'],
    ['is for nobody', () => logoutToken({ aud: undefined }), 'claim_missing'],
    ['does not say when', () => logoutToken({ iat: undefined }), 'claim_missing'],
    ['does not say until when', () => logoutToken({ exp: undefined }), 'claim_missing'],
    ['is old', () => logoutToken({ iat: inSeconds(-370) }), 'token_expired'],
    ['is of tomorrow', () => logoutToken({ iat: inSeconds(90) }), 'token_not_yet_valid'],
    ['has expired', () => logoutToken({ exp: inSeconds(-90) }), 'token_expired'],
    ['has no jti', () => logoutToken({ jti: undefined }), 'claim_missing'],
    ['has an empty jti', () => logoutToken({ jti: '' }), 'claim_missing'],
    ['names nobody and nothing', () => logoutToken({ sub: undefined, sid: undefined }), 'claim_missing'],
    ['names an empty person', () => logoutToken({ sub: '', sid: undefined }), 'claim_invalid'],
    ['names a session by number', () => logoutToken({ sid: 7 }), 'claim_invalid'],
    ['is typed as an access token', () => logoutToken({}, { typ: 'at+jwt' }), 'claim_invalid'],
    ['is typed as another event', () => logoutToken({}, { typ: 'secevent+jwt' }), 'claim_invalid'],
    ['has a nonce, as an ID token', () => logoutToken({ nonce: 'n' }), 'claim_invalid'],
    ['has a null nonce', () => logoutToken({ nonce: null }), 'claim_invalid'],
    ['has no event, as an ID token', () => logoutToken({ events: undefined }), 'claim_missing'],
    [
      'has another event',
      () => logoutToken({ events: { 'http://schemas.openid.net/event/other': {} } }),
      'claim_invalid',
    ],
    ['has an event of almost the name', () => logoutToken({ events: { [`${EVENT}/`]: {} } }), 'claim_invalid'],
    ['lists its events', () => logoutToken({ events: [EVENT] }), 'claim_invalid'],
    ['has an event of no form', () => logoutToken({ events: { [EVENT]: true } }), 'claim_invalid'],
    ['has an event of a wrong form', () => logoutToken({ events: { [EVENT]: [] } }), 'claim_invalid'],
  ])('gets 400 and revokes nothing where it %s', async (_what, token, code) => {
    const answer = await post(app(logout()), token());
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(JSON.parse(answer.text)).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      code: 'request_malformed',
    });
    expect(revoked).toEqual([]);
    expect(events).toEqual([expect.objectContaining({ type: 'refused', method: 'backchannelLogout', code })]);
  });

  test('gets 400 where its algorithm is not among those that were named', async () => {
    const keys = staticKeys({ publicKeys: PROVIDER_PEM });
    const other = { publicKeys: undefined, keys, algorithms: ['RS256'] } as never;
    expect((await post(app(logout(other)), logoutToken())).status).toBe(400);
    expect(events).toMatchObject([{ code: 'algorithm_not_allowed' }]);
  });

  test('tells nobody what stood in it', async () => {
    const token = logoutToken({ sub: 'alice-4711', nonce: 'n' });
    const { text } = await post(app(logout()), token);
    expect(text + JSON.stringify(events)).not.toMatch(/4711|eyJ/);
  });
});

describe('a request that is no logout', () => {
  const form = 'application/x-www-form-urlencoded';
  const oneToken = logoutToken();
  test.each<[what: string, type: string, body: string]>([
    ['is empty', form, ''],
    ['has no logout token', form, 'id_token=a'],
    ['has two', form, `logout_token=${oneToken}&logout_token=${oneToken}`],
    ['is JSON', 'application/json', JSON.stringify({ logout_token: oneToken })],
    ['is of no type', 'text/plain', `logout_token=${oneToken}`],
    ['is larger than any token', form, `logout_token=${'a'.repeat(300_000)}`],
  ])('gets 400 where it %s', async (_what, type, body) => {
    for (const parsers of [[], [express.urlencoded() as unknown as Middleware]]) {
      if (body.length > 100_000 && parsers.length > 0) continue;
      const answer = await request(app(...parsers, logout()))
        .post('/')
        .set('Content-Type', type)
        .send(body);
      expect([answer.status, answer.body.code]).toEqual([400, 'request_malformed']);
    }
    expect(revoked).toEqual([]);
  });

  test('does not stand in the way of the next one on its connection', async () => {
    const listening = createServer(app(logout())).listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const answers: number[] = [];
    for (const body of ['a'.repeat(2_000_000), `logout_token=${logoutToken()}`]) {
      const { port } = listening.address() as AddressInfo;
      const asked = httpRequest({ port, host: '127.0.0.1', method: 'POST', agent });
      asked.setHeader('Content-Type', form).end(body);
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      answers.push(answer.statusCode ?? 0);
      await once(answer.resume(), 'end');
    }
    expect(answers).toEqual([400, 200]);
    agent.destroy();
    listening.close();
  });

  test('is passed on where it is no POST', async () => {
    const answer = await request(app(logout())).get('/').query({ logout_token: oneToken });
    expect([answer.status, answer.body.principal]).toEqual([200, null]);
    expect(revoked).toEqual([]);
  });
});

describe('a logout token that comes twice', () => {
  test('gets 400 the second time, and ends no session that began in between', async () => {
    const revocations = memoryRevocations();
    const [listener, method] = [app(logout({ revocations })), door({ isRevoked: revocations.check })];
    const iat = inSeconds(-10);
    const token = logoutToken({ sid: undefined, iat });
    expect((await post(listener, token)).status).toBe(200);
    expect(await verdict(method, accessToken({ iat }))).toBe('token_revoked');
    const later = accessToken({ iat: iat + 1 });
    expect(await verdict(method, later)).toBe(200);
    expect((await post(listener, token)).status).toBe(400);
    expect(events).toMatchObject([{ code: 'token_revoked' }]);
    expect(await verdict(method, later)).toBe(200);
  });

  test('is another one where another issuer or another jti signed it', async () => {
    const states = new Set<string>();
    const claim = async (id: string) => !states.has(id) && states.add(id) !== undefined;
    const another = 'https://another.example.com';
    const listener = app(logout({ states: { claim } }));
    expect((await post(listener, logoutToken({ jti: 'a' }))).status).toBe(200);
    expect((await post(listener, logoutToken({ jti: 'b' }))).status).toBe(200);
    const other = app(logout({ states: { claim }, issuer: another }));
    expect((await post(other, logoutToken({ jti: 'a', iss: another }))).status).toBe(200);
    expect((await post(listener, logoutToken({ jti: 'a' }))).status).toBe(400);
  });
});

describe('an outage of ours', () => {
  test('of the keys is a 503', async () => {
    const nobody = { publicKeys: undefined, jwksUri: 'http://127.0.0.1:9/jwks' } as never;
    const answer = await post(app(logout(nobody)), logoutToken());
    expect([answer.status, answer.body.code, Number(answer.headers['retry-after']) > 0]).toEqual([
      503,
      'keys_unavailable',
      true,
    ]);
  });

  test.each(['revocations', 'states'] as const)(
    'of the %s is a 503, and the same token counts when it is over',
    async (what) => {
      let isUp = false;
      const down = () => (isUp ? Promise.resolve() : Promise.reject(new Error('down')));
      const failing = {
        revocations: {
          ...recorder,
          revokeSession: (session: object) => down().then(() => recorder.revokeSession(session)),
        },
        states: { claim: () => down().then(() => true) },
      };
      const listener = app(logout({ [what]: failing[what] }));
      const token = logoutToken();
      const answer = await post(listener, token);
      expect([answer.status, answer.body.code]).toEqual([503, 'store_unavailable']);
      isUp = true;
      revoked.length = 0;
      expect((await post(listener, token)).status).toBe(200);
      expect(revoked).toHaveLength(1);
    },
  );
});

describe('at creation, refuses', () => {
  test.each<[what: string, options: object]>([
    ['no issuer', { issuer: undefined }],
    ['no client id', { audience: undefined }],
    ['any client id', { audience: null }],
    ['no revocations', { revocations: undefined }],
    ['revocations of the jti alone', { revocations: { revoke() {}, isRevoked() {} } }],
    ['states that cannot claim', { states: {} }],
    ['an unknown claim to revoke by', { revokeBy: 'jti' }],
    ['an endless age', { maxAge: 86_400 }],
    ['an algorithm with a shared secret', { algorithms: ['HS256'] }],
    ['an unknown option', { clientId: CLIENT_ID }],
  ])('%s', (_what, options) => {
    expect(() => logout(options)).toThrow(ConfigurationError);
  });
});
