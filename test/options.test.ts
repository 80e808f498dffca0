import { describe, expect, test } from '@jest/globals';
import {
  ConfigurationError,
  type ConsumerJwtOptions,
  consumerJwt,
  fromBearer,
  fromBody,
  fromCookie,
  fromHeader,
  fromQuery,
  type JwtAuthOptions,
  jwtAuth,
} from '../lib/index.js';
import { howtoConsumers } from './helpers/consumers.js';

const consumers = howtoConsumers();
const method = () => consumerJwt({ consumers });

/** Options as JavaScript would pass them. */
const consumer = (wrong: object) => () => consumerJwt({ consumers, ...wrong } as ConsumerJwtOptions);
const composed = (wrong: object) => () => jwtAuth({ methods: [method()], ...wrong } as JwtAuthOptions);

function expectRefusal(create: () => unknown, option: string, problem: RegExp): void {
  expect(create).toThrow(ConfigurationError);
  expect(create).toThrow(expect.objectContaining({ option, message: expect.stringMatching(problem) }));
  expect(create).toThrow(`${option}: `);
}

const DOOR: [wrong: object, option: string, problem: RegExp][] = [
  [{ name: '' }, 'name', /non-empty/],
  [{ name: 7 }, 'name', /non-empty/],
  [{ realm: '' }, 'realm', /non-empty/],
  [{ realm: null }, 'realm', /non-empty/],
  [{ credentialsRequired: 'no' }, 'credentialsRequired', /true or false/],
  [{ credentialsRequired: null }, 'credentialsRequired', /true or false/],
  [{ skipPreflight: 1 }, 'skipPreflight', /true or false/],
  [{ exposeReason: 'always' }, 'exposeReason', /true or false/],
  [{ respond: 'json' }, 'respond', /"next" or a function/],
  [{ respond: null }, 'respond', /"next" or a function/],
  [{ onEvent: 'log' }, 'onEvent', /function/],
  [{ anonymous: true }, 'anonymous', /object/],
  [{ anonymous: null }, 'anonymous', /object/],
  [{ anonymous: {} }, 'anonymous.username', /non-empty/],
  [{ anonymous: { username: 'guest', groups: 'all' } }, 'anonymous.groups', /array/],
  [{ anonymous: { username: 'guest', coverFailures: 'yes' } }, 'anonymous.coverFailures', /true or false/],
  [{ anonymous: { username: 'guest', coverFailure: true } }, 'anonymous.coverFailure', /"coverFailures"/],
  [{ anonymous: { username: 'guest' }, credentialsRequired: true }, 'anonymous', /contradicts/],
  [{ authRequired: false }, 'authRequired', /"credentialsRequired"/],
  [{ run_on_preflight: false }, 'run_on_preflight', /"skipPreflight"/],
  [{ logger: console }, 'logger', /"onEvent"/],
  [{ onError: () => {} }, 'onError', /"respond"/],
  [{ relm: 'x' }, 'relm', /"realm"/],
  [{ Realm: 'x' }, 'Realm', /"realm"/],
  [{ expose_reason: true }, 'expose_reason', /"exposeReason"/],
  [{ constructor: 1 }, 'constructor', /known options: /],
  [{ whatever: 1 }, 'whatever', /known options: .*credentialsRequired/],
];

describe.each([
  ['consumerJwt', consumer],
  ['jwtAuth', composed],
])('%s refuses', (factory, create) => {
  test.each(DOOR)('%j', (wrong, option, problem) => {
    expectRefusal(create(wrong), `${factory}.${option}`, problem);
  });
});

describe('consumerJwt refuses', () => {
  test.each<[object, string, RegExp]>([
    [{ consumers: undefined }, 'consumers', /findCredential\(\)/],
    [{ consumers: {} }, 'consumers', /findCredential\(\)/],
    [{ consumers: [{ username: 'a' }] }, 'consumers', /findCredential\(\)/],
    [{ keyClaim: '' }, 'keyClaim', /non-empty/],
    [{ keyClaim: ['iss'] }, 'keyClaim', /non-empty/],
    [{ clockTolerance: -1 }, 'clockTolerance', /0 to 300/],
    [{ clockTolerance: 301 }, 'clockTolerance', /0 to 300/],
    [{ clockTolerance: Number.NaN }, 'clockTolerance', /0 to 300/],
    [{ clockTolerance: '60' }, 'clockTolerance', /0 to 300/],
    [{ clockTolerance: Number.POSITIVE_INFINITY }, 'clockTolerance', /0 to 300/],
    [{ requiredClaims: 'exp' }, 'requiredClaims', /array/],
    [{ requiredClaims: [''] }, 'requiredClaims', /array/],
    [{ maxLifetime: 0 }, 'maxLifetime', /seconds/],
    [{ maxLifetime: '1h' }, 'maxLifetime', /seconds/],
    [{ stripCredential: 'yes' }, 'stripCredential', /true or false/],
    [{ validators: [true] }, 'validators', /functions/],
    [{ validators: {} }, 'validators', /functions/],
    [{ isRevoked: true }, 'isRevoked', /function/],
    [{ tokenFrom: 'header' }, 'tokenFrom', /fromBearer\(\)/],
    [{ tokenFrom: null }, 'tokenFrom', /fromBearer\(\)/],
    [{ tokenFrom: [] }, 'tokenFrom', /at least one/],
    [{ tokenFrom: [fromBearer(), null] }, 'tokenFrom', /fromBearer\(\)/],
    [{ tokenFrom: { place: 'x', read: () => [] } }, 'tokenFrom', /fromBearer\(\)/],
    [{ claims: null }, 'claims', /object/],
    [{ claims: 'sub' }, 'claims', /object/],
    [{ claims: { username: '' } }, 'claims.username', /claim name/],
    [{ claims: { username: 7 } }, 'claims.username', /claim name/],
    [{ claims: { groups: '/a~2b' } }, 'claims.groups', /JSON Pointer/],
    [{ claims: { user: 'sub' } }, 'claims.user', /known options/],
    [{ claims: { attributes: 'department' } }, 'claims.attributes', /object/],
    [{ claims: { attributes: null } }, 'claims.attributes', /object/],
    [{ claims: { lists: ['a'] } }, 'claims.lists', /object/],
    [{ claims: { lists: { a: [] } } }, 'claims.lists.a', /claim name/],
    [{ getToken: () => 'x' }, 'getToken', /"tokenFrom"/],
    [{ jwtFromRequest: () => 'x' }, 'jwtFromRequest', /"tokenFrom"/],
    [{ uri_param_names: ['jwt'] }, 'uri_param_names', /"tokenFrom"/],
    [{ key_claim_name: 'iss' }, 'key_claim_name', /"keyClaim"/],
    [{ claims_to_verify: ['exp'] }, 'claims_to_verify', /"requiredClaims"/],
    [{ ignoreExpiration: true }, 'ignoreExpiration', /"requiredClaims"/],
    [{ maximum_expiration: 60 }, 'maximum_expiration', /"maxLifetime"/],
    [{ clockSkew: 60 }, 'clockSkew', /"clockTolerance"/],
    [{ hide_credentials: true }, 'hide_credentials', /"stripCredential"/],
    [{ store: consumers }, 'store', /"consumers"/],
    [{ jwks_uri: 'https://example.com' }, 'jwks_uri', /oidcBearer\(\{ issuer, audience, jwksUri \}\)/],
    [{ methods: [] }, 'methods', /known options/],
  ])('%j', (wrong, option, problem) => {
    expectRefusal(consumer(wrong), `consumerJwt.${option}`, problem);
  });

  test.each([undefined, null, 'x', 7, [consumers], () => consumers])('%p in place of options', (options) => {
    expect(() => consumerJwt(options as never)).toThrow(ConfigurationError);
  });
});

describe('jwtAuth refuses', () => {
  const one = method();

  test.each<[string, object, string, RegExp]>([
    ['no methods', { methods: undefined }, 'methods', /non-empty array/],
    ['an empty list', { methods: [] }, 'methods', /non-empty array/],
    ['a method that is not in a list', { methods: one }, 'methods', /non-empty array/],
    ['a plain middleware', { methods: [() => {}] }, 'methods[0]', /consumerJwt\(\)/],
    ['another jwtAuth', { methods: [one, jwtAuth({ methods: [one] })] }, 'methods[1]', /consumerJwt\(\)/],
    ['nothing in the list', { methods: [undefined] }, 'methods[0]', /consumerJwt\(\)/],
    ['one method twice', { methods: [one, one] }, 'methods', /twice/],
    ['options of a method', { tokenFrom: fromBearer() }, 'tokenFrom', /known options/],
  ])('%s', (_title, wrong, option, problem) => {
    expectRefusal(composed(wrong), `jwtAuth.${option}`, problem);
  });
});

describe('a token source refuses', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['fromHeader.name', () => fromHeader(''), /header name/],
    ['fromHeader.name', () => fromHeader('a b'), /header name/],
    ['fromHeader.name', () => fromHeader('a:'), /header name/],
    ['fromHeader.name', () => fromHeader(undefined as never), /header name/],
    ['fromHeader.name', () => fromHeader(['x'] as never), /header name/],
    ['fromHeader.scheme', () => fromHeader('x', { scheme: '' }), /scheme/],
    ['fromHeader.scheme', () => fromHeader('x', { scheme: 'Bearer ' }), /scheme/],
    ['fromHeader.scheme', () => fromHeader('x', { scheme: true as never }), /scheme/],
    ['fromHeader.prefix', () => fromHeader('x', { prefix: 'JWT' } as never), /known options/],
    ['fromHeader', () => fromHeader('x', 'JWT' as never), /object/],
    ['fromQuery.name', () => fromQuery(''), /non-empty/],
    ['fromQuery.name', () => fromQuery(undefined as never), /non-empty/],
    ['fromCookie.name', () => fromCookie(''), /non-empty/],
    ['fromCookie.signed', () => fromCookie('t', { signed: 'yes' as never }), /true or false/],
    ['fromCookie.sigend', () => fromCookie('t', { sigend: true } as never), /"signed"/],
    ['fromBody.name', () => fromBody(''), /non-empty/],
  ])('%s (%#)', (option, create, problem) => {
    expectRefusal(create, option, problem);
  });
});

const EVERY: ConsumerJwtOptions = {
  consumers,
  keyClaim: 'iss',
  name: 'n',
  realm: 'r',
  credentialsRequired: false,
  anonymous: { username: 'guest', groups: ['g'], coverFailures: true },
  skipPreflight: true,
  respond: 'next',
  exposeReason: true,
  onEvent: () => undefined,
  tokenFrom: [fromBearer(), fromHeader('x'), fromQuery('t'), fromCookie('t'), fromBody('t'), () => undefined],
  clockTolerance: 300,
  requiredClaims: [],
  maxLifetime: 31_536_000,
  claims: {
    username: 'u',
    groups: '/a/b',
    roles: ['a', 'b'],
    scopes: (claims) => claims.scope,
    attributes: { a: 'a' },
    lists: {},
  },
  validators: [() => true],
  isRevoked: () => false,
  stripCredential: true,
};

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && (value as unknown) !== consumers) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}

test('every option together is accepted, and none is changed', () => {
  const copy = { ...EVERY };
  expect(() => consumerJwt(deepFreeze(EVERY))).not.toThrow();
  expect(EVERY).toEqual(copy);
  const { methods, ...door } = deepFreeze({ methods: [method()], realm: 'r', respond: () => undefined });
  expect(() => jwtAuth({ methods, ...door })).not.toThrow();
});

test('undefined is the same as left out', () => {
  const absent = Object.fromEntries(Object.keys(EVERY).map((name) => [name, undefined]));
  expect(consumerJwt({ ...absent, consumers } as ConsumerJwtOptions).name).toBe('consumerJwt');
  expect(jwtAuth({ name: undefined, realm: undefined, anonymous: undefined, methods: [method()] } as never).name).toBe(
    'jwtAuth',
  );
  expect(() =>
    consumerJwt({ consumers, claims: { username: undefined, attributes: undefined } } as never),
  ).not.toThrow();
  expect(() => consumerJwt({ consumers, anonymous: { username: 'a', groups: undefined } } as never)).not.toThrow();
});

test('what is changed in the options later changes nothing', async () => {
  const requiredClaims = ['exp'];
  const validators = [() => true];
  const options = { consumers, requiredClaims, validators, realm: 'before' };
  const { authenticate } = consumerJwt(options);
  requiredClaims.push('nonsense');
  validators.push(() => false);
  options.realm = 'after';
  const { howtoToken } = await import('./helpers/tokens.js');
  const req = { headers: { authorization: `Bearer ${howtoToken()}` }, rawHeaders: [] } as never;
  expect(await authenticate(req)).toMatchObject({ username: 'jsmith' });
});
