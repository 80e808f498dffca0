import { describe, expect, jest, test } from '@jest/globals';
import request from 'supertest';
import {
  AuthError,
  type AuthEvent,
  type AuthMethod,
  apiKey,
  ConfigurationError,
  consumerJwt,
  defineMethod,
  ForbiddenError,
  fromBearer,
  fromHeader,
  InvalidTokenError,
  jwtAuth,
  type MethodAnswer,
  type MethodDefinition,
  memoryApiKeys,
  type Principal,
} from '../../lib/index.js';
import { SERVERS } from '../helpers/every-server.js';
import { howtoConsumers } from '../helpers/front-door.js';
import { basic, grantMethod, tokenServer } from '../helpers/grants.js';
import { local } from '../helpers/local.js';
import { AUDIENCE, accessToken, door, verdict } from '../helpers/oidc-door.js';
import { bearer } from '../helpers/requests.js';
import { app, type Middleware } from '../helpers/servers.js';
import { Browser, signInApp } from '../helpers/sign-in.js';
import { howtoToken } from '../helpers/tokens.js';
import { WAF_HEADER } from '../helpers/waf.js';

const provider = await tokenServer();

const ANN: MethodAnswer = { type: 'user', id: 'ann' };

/** A method that knows one text. */
const define = (options: Partial<MethodDefinition> = {}) =>
  defineMethod({
    name: 'own',
    exposeReason: true,
    verify: (token) => (token === 'good' ? ANN : undefined),
    ...options,
  });

/** A method that answers this, whatever it is shown. */
const answering = (answer: unknown, options: Partial<MethodDefinition> = {}) =>
  define({ verify: () => answer as MethodAnswer, ...options });

interface Seen {
  readonly status: number;
  readonly code?: string;
  readonly principal: Principal;
}

async function seen(method: AuthMethod, token = 'good', header = 'Authorization'): Promise<Seen> {
  const value = header === 'Authorization' ? bearer(token) : token;
  const { status, body } = await request(app(method)).get('/').set(header, value);
  return { status, code: body.code, principal: body.principal };
}

describe.each(SERVERS)('under %s', (_name, make) => {
  test('who verify says it is reaches the handler', async () => {
    const { body } = await request(make(define())).get('/').set('Authorization', bearer('good'));
    expect(body.principal).toEqual({
      type: 'user',
      id: 'ann',
      method: 'own',
      groups: [],
      roles: [],
      scopes: [],
      attributes: {},
      listAttributes: {},
      claims: {},
      credential: { kind: 'own' },
    });
  });

  test('a request without a credential is asked for one', async () => {
    const { status, body, headers } = await request(make(define({ realm: 'desk' }))).get('/');
    expect([status, body.code, headers['www-authenticate']]).toEqual([
      401,
      'credentials_missing',
      'Bearer realm="desk"',
    ]);
  });
});

describe('verify', () => {
  test('says everything about a principal but its method', async () => {
    const expiresAt = new Date('2099-01-01T00:00:00Z');
    const fields = {
      ...{ type: 'client', id: 'robot', issuer: 'us', subject: 'r2', username: 'robot', email: 'r@example.com' },
      ...{ emailVerified: true, name: 'R2', groups: ['g'], roles: ['r'], scopes: ['s'], attributes: { a: 'b' } },
      ...{ listAttributes: { l: ['m'] }, claims: { n: [1, { o: null }] }, user: { row: 1 }, created: false },
      credential: { kind: 'badge', id: '7', expiresAt },
    };
    const { principal } = await seen(answering(fields));
    const credential = { ...fields.credential, expiresAt: expiresAt.toISOString() };
    expect(principal).toEqual({ ...fields, method: 'own', credential });
  });

  test.each([
    ['beside the fields', { type: 'user', identity: { subject: 'ann', email: 'ann@example.com' } }],
    ['around both', { principal: { type: 'user' }, identity: { subject: 'ann', email: 'ann@example.com' } }],
  ])('names a person %s, who then has an id and all that was said', async (_title, answer) => {
    const { principal } = await seen(answering(answer));
    expect(principal).toMatchObject({ id: 'own|ann', issuer: 'own', subject: 'ann', email: 'ann@example.com' });
  });

  test('may be asynchronous, and is shown the credential and the request', async () => {
    const verify = jest.fn(async (token: string, req: { url?: string }) => ({ ...ANN, name: `${token} ${req.url}` }));
    expect((await seen(define({ verify: verify as MethodDefinition['verify'] }))).principal.name).toBe('good /');
  });

  test.each([undefined, null])('that answers %p refuses a credential that nobody has', async (answer) => {
    expect(await seen(answering(answer))).toMatchObject({ status: 401, code: 'credential_unknown' });
  });

  test('that throws an AuthError refuses by it', async () => {
    const throwing = (error: Error) =>
      define({
        verify: () => {
          throw error;
        },
      });
    expect(await seen(throwing(new InvalidTokenError('token_expired')))).toMatchObject({
      status: 401,
      code: 'token_expired',
    });
    expect(await seen(throwing(new ForbiddenError('user_disabled')))).toMatchObject({
      status: 403,
      code: 'user_disabled',
    });
  });

  test.each([
    ['throws', () => Promise.reject(new TypeError('no such table'))],
    ['throws at once', () => JSON.parse('{')],
    ['throws a text', () => Promise.reject('down')],
  ])('that %s is our outage, and tells nobody why', async (_title, verify) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const { status, body, headers, text } = await request(app(define({ verify: verify as () => Promise<never> })))
      .get('/')
      .set('Authorization', bearer('good'));
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'check_failed', expect.anything()]);
    expect(text).not.toMatch(/table|JSON|down/);
    warn.mockRestore();
  });

  test.each([
    ['a text', 'ann'],
    ['true', true],
    ['a list', [ANN]],
    ['no type', { id: 'ann' }],
    ['a type that there is not', { type: 'admin', id: 'ann' }],
    ['nobody as a principal', { type: 'anonymous', id: 'ann' }],
    ['neither an id nor an identity', { type: 'user' }],
    ['an empty id', { type: 'user', id: '' }],
    ['a number as an id', { type: 'user', id: 7 }],
    ['a method of its own', { type: 'user', id: 'ann', method: 'oidcBearer' }],
    ['a member that no principal has', { type: 'user', id: 'ann', password: 'x' }],
    ['groups in one text', { type: 'user', id: 'ann', groups: 'ops' }],
    ['a group that is no text', { type: 'user', id: 'ann', groups: ['ops', 7] }],
    ['roles that are a set', { type: 'user', id: 'ann', roles: new Set(['a']) }],
    ['attributes that are no texts', { type: 'user', id: 'ann', attributes: { a: 1 } }],
    ['claims that are a list', { type: 'user', id: 'ann', claims: [] }],
    ['an end that is no date', { type: 'user', id: 'ann', credential: { expiresAt: 'tomorrow' } }],
    ['an end that is no time', { type: 'user', id: 'ann', credential: { expiresAt: new Date(Number.NaN) } }],
    ['verified as a text', { type: 'user', id: 'ann', emailVerified: 'true' }],
    ['an identity without a subject', { type: 'user', identity: {} }],
    ['an identity with an empty subject', { type: 'user', identity: { subject: '' } }],
    ['an identity that is a text', { type: 'user', identity: 'ann' }],
    ['an identity with a member too many', { type: 'user', identity: { subject: 'ann', tenant: 'x' } }],
    ['a program that is a person', { type: 'client', id: 'c', identity: { subject: 'ann' } }],
    ['a principal beside its fields', { type: 'user', id: 'ann', principal: { type: 'user', id: 'bob' } }],
    ['a principal that is none', { principal: null, identity: { subject: 'ann' } }],
  ])('that answers with %s is our outage, and never a pass', async (_title, answer) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    expect(await seen(answering(answer))).toMatchObject({ status: 503, code: 'check_failed' });
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  test('that goes round in circles is our outage', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const claims: Record<string, unknown> = {};
    claims.self = claims;
    expect((await seen(answering({ ...ANN, claims }))).code).toBe('check_failed');
    warn.mockRestore();
  });

  test('keeps what it answered: only copies are frozen', async () => {
    const kept = { ...ANN, groups: ['a'], claims: { deep: { list: [1] } }, user: { seen: 0 } };
    const principal = await answering(kept).authenticate({
      headers: { authorization: 'Bearer good' },
      rawHeaders: [],
    } as never);
    kept.groups.push('b');
    kept.claims.deep.list.push(2);
    kept.user.seen += 1;
    expect(principal).toMatchObject({ groups: ['a'], claims: { deep: { list: [1] } }, user: { seen: 1 } });
    expect([principal, principal?.groups, principal?.claims.deep].every(Object.isFrozen)).toBe(true);
  });
});

describe('a method of the application’s own takes the options of every method', () => {
  test('anonymous, events, stripCredential and answers in its own words', async () => {
    const events: AuthEvent[] = [];
    const anonymous = define({ anonymous: { username: 'guest' }, onEvent: (event) => void events.push(event) });
    expect((await request(app(anonymous)).get('/')).body.principal.username).toBe('guest');
    await seen(anonymous, 'bad');
    expect(events).toMatchObject([{ type: 'refused', method: 'own', code: 'credential_unknown', status: 401 }]);
    expect(JSON.stringify(events)).not.toContain('bad');
    const stripped = await request(app(define({ stripCredential: true })))
      .get('/')
      .set('Authorization', bearer('good'));
    expect(stripped.body.headers).not.toHaveProperty('authorization');
  });

  test.each<[object, string]>([
    [{ name: undefined }, 'defineMethod.name'],
    [{ name: '' }, 'defineMethod.name'],
    [{ verify: undefined }, 'defineMethod.verify'],
    [{ verify: 'later' }, 'defineMethod.verify'],
    [{ claims: 'mine' }, 'defineMethod.claims'],
    [{ tokenFrom: {} }, 'defineMethod.tokenFrom'],
    [{ tokenFrom: [] }, 'defineMethod.tokenFrom'],
    [{ stripCredential: 1 }, 'defineMethod.stripCredential'],
    [{ credentialsRequired: 'no' }, 'defineMethod.credentialsRequired'],
    [{ tokenForm: fromHeader('x') }, 'defineMethod.tokenForm'],
  ])('and refuses %j at creation', (options, option) => {
    expect(() => define(options as Partial<MethodDefinition>)).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', option }),
    );
  });
});

describe('beside other methods in one place', () => {
  const opaque = (token: string) => !token.includes('.');
  const own = (claims?: MethodDefinition['claims'], options: Partial<MethodDefinition> = {}) =>
    define({ ...(claims === undefined ? {} : { claims }), verify: () => ANN, ...options });
  const takenBy = async (methods: readonly AuthMethod[], token: string) => {
    const { status, code, principal } = await seen(jwtAuth({ methods, exposeReason: true }), token);
    return status === 200 ? principal.method : code;
  };

  test.each(['first', 'last'])('takes what it claims and nothing else, listed %s', async (place) => {
    const mine = own((token) => (opaque(token) ? 'mine' : 'no'));
    const methods = place === 'first' ? [mine, door()] : [door(), mine];
    expect(await takenBy(methods, 'session-1')).toBe('own');
    expect(await takenBy(methods, accessToken())).toBe('oidcBearer');
    expect(await takenBy(methods, accessToken({ iss: 'https://nobody.example.com' }))).toBe('issuer_unknown');
  });

  test('mine beats what another method names, and maybe does not', async () => {
    const token = accessToken();
    expect(await takenBy([door(), own(() => 'mine')], token)).toBe('oidcBearer');
    expect(await takenBy([own(() => 'mine'), door()], token)).toBe('own');
    expect(await takenBy([own(() => 'maybe'), door()], token)).toBe('oidcBearer');
    expect(await takenBy([own(), door()], token)).toBe('oidcBearer');
  });

  test('a token of a named issuer is never given away, also where it is for somebody else', async () => {
    const elsewhere = accessToken({ aud: 'https://other.example.com' });
    expect(await takenBy([own(() => 'maybe'), door()], elsewhere)).toBe('audience_mismatch');
    expect(await takenBy([own(), door()], elsewhere)).toBe('audience_mismatch');
    expect(await takenBy([own(() => 'mine'), door()], elsewhere)).toBe('own');
    expect(await takenBy([door(), own(({ length }) => (length > 0 ? 'mine' : 'no'))], elsewhere)).toBe('own');
  });

  test('what nobody claims goes to it in its turn', async () => {
    const consumer = consumerJwt({ consumers: howtoConsumers() });
    const any = accessToken({ iss: 'https://nobody.example.com' });
    expect(await takenBy([door(), own()], any)).toBe('own');
    expect(await takenBy([consumer, own()], howtoToken())).toBe('consumerJwt');
    expect(await takenBy([consumer, own()], any)).toBe('own');
    expect(await takenBy([own(() => 'maybe'), consumer], howtoToken())).toBe('own');
    expect(await takenBy([own(() => 'no'), consumer], howtoToken())).toBe('consumerJwt');
    expect(await takenBy([own(() => 'no'), consumer], 'opaque')).toBe('token_malformed');
  });

  test('an API key stays one', async () => {
    const keys = memoryApiKeys();
    const { key } = await keys.create({ owner: 'ann' });
    expect(await takenBy([own(), apiKey({ keys, tokenFrom: fromBearer() })], key)).toBe('apiKey');
  });

  test('a failure never falls through to another method', async () => {
    const refusing = define({ claims: () => 'mine', verify: () => undefined });
    expect(await takenBy([refusing, door()], accessToken())).toBe('credential_unknown');
  });

  test.each<[string, unknown]>([
    ['throws', () => JSON.parse('{')],
    ['answers what is no answer', () => true],
    ['answers later', async () => 'mine'],
    ['answers later, with an exception', () => Promise.reject(new Error('down'))],
  ])('claims() that %s is our outage', async (_title, claims) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    expect(await takenBy([own(claims as MethodDefinition['claims']), door()], accessToken())).toBe('check_failed');
    warn.mockRestore();
  });

  test('a method behind one that takes everything is refused at creation', () => {
    const refused = (methods: readonly AuthMethod[]) => () => jwtAuth({ methods });
    expect(refused([own(), own(undefined, { name: 'second' })])).toThrow(ConfigurationError);
    expect(refused([own(), own(undefined, { name: 'second' })])).toThrow(/own.*claims\(\)/);
    expect(refused([own(), consumerJwt({ consumers: howtoConsumers() })])).toThrow(/list it first/);
    expect(refused([own(() => 'maybe'), own(undefined, { name: 'second' })])).not.toThrow();
    expect(refused([own(), own(undefined, { name: 'second', tokenFrom: fromHeader('x-second') })])).not.toThrow();
  });
});

describe('works wherever a method is taken:', () => {
  const everybody = () => define({ verify: (token) => ({ type: 'user', identity: { subject: token.slice(0, 20) } }) });

  test('as verify of basicGrant', async () => {
    const { body } = await request(app(grantMethod(provider, { verify: everybody() })))
      .get('/')
      .set('Authorization', basic('id', 'a secret'));
    expect(body.principal).toMatchObject({ method: 'basicGrant', issuer: 'own', credential: { kind: 'basic' } });
  });

  test('in loginRouter', async () => {
    const tokens = local();
    const router = tokens.loginRouter({ methods: [everybody()] }) as Middleware;
    const { status, body } = await request(app(router)).post('/login').send({ method: 'own', token: 'a session' });
    expect(status).toBe(200);
    expect(await verdict(tokens, body.token)).toBe(200);
  });

  test('in jwtIdp', async () => {
    const method = define({ tokenFrom: fromHeader(WAF_HEADER), verify: () => ({ type: 'user', id: 'ann' }) });
    const { location } = await new Browser(signInApp({ method })).signIn('whatever the proxy says');
    expect(location).toBe('https://app.example.com/home');
  });

  test('in authenticate, for upgrades', async () => {
    const req = { headers: { authorization: 'Bearer good' }, rawHeaders: ['Authorization', 'Bearer good'] };
    expect(await define().authenticate(req as never)).toMatchObject({ id: 'ann' });
    const refused = define().authenticate({
      ...req,
      headers: { authorization: 'Bearer bad' },
      rawHeaders: [],
    } as never);
    await expect(refused).rejects.toBeInstanceOf(AuthError);
  });
});

test('a bound method is the method', async () => {
  const bound = define().bind(null);
  expect((await seen(bound)).status).toBe(200);
  expect((await seen(jwtAuth({ methods: [bound] }))).principal.method).toBe('own');
  expect(await bound.ready()).toBeUndefined();
  expect(bound.health()).toEqual([]);
  const twice = () => jwtAuth({ methods: [door(), bound, bound.bind(null)] });
  expect(twice).toThrow(/lists one method twice/);
  const oidc = door({ audience: AUDIENCE }).bind(undefined);
  expect((await seen(jwtAuth({ methods: [oidc] }), accessToken())).principal.method).toBe('oidcBearer');
});
