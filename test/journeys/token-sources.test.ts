import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  type ConsumerJwtOptions,
  consumerJwt,
  fromBearer,
  fromCookie,
  fromHeader,
  fromQuery,
} from '../../lib/index.js';
import { howtoConsumers, PARTNER, tokenOf } from '../helpers/consumers.js';
import { SERVERS } from '../helpers/every-server.js';
import { bearer, jsonOf, rawRequest } from '../helpers/requests.js';
import { app } from '../helpers/servers.js';
import { howtoToken } from '../helpers/tokens.js';

const token = howtoToken();
const another = howtoToken({ jti: 'another' });

const door = (tokenFrom?: ConsumerJwtOptions['tokenFrom']) =>
  app(consumerJwt({ consumers: howtoConsumers(), ...(tokenFrom === undefined ? {} : { tokenFrom }) }));

const REFUSALS = {
  missing: [401, 'credentials_missing', 'Bearer realm="api"'],
  malformed: [400, 'request_malformed', 'Bearer realm="api", error="invalid_request"'],
  ambiguous: [400, 'credentials_ambiguous', 'Bearer realm="api", error="invalid_request"'],
  bad: [401, 'invalid_token', 'Bearer realm="api", error="invalid_token"'],
} as const;

async function answerTo(headers: readonly string[], { path = '/', from = door() } = {}) {
  const answer = await rawRequest(from, { headers, path });
  return answer.status === 200 ? 'welcome' : [answer.status, jsonOf(answer).code, answer.headers['www-authenticate']];
}

describe('the Authorization header', () => {
  test.each([
    ['Bearer', bearer(token)],
    ['bearer, because schemes have no case', `bearer ${token}`],
    ['BEARER', `BEARER ${token}`],
    ['two spaces, which RFC 9110 allows', `Bearer  ${token}`],
  ])('lets in %s', async (_title, value) => {
    expect(await answerTo(['Authorization', value])).toBe('welcome');
  });

  test.each([
    ['no header', [], 'missing'],
    ['an empty one', ['Authorization', ''], 'missing'],
    ['another scheme', ['Authorization', 'Basic dXNlcjpwYXNz'], 'missing'],
    ['another scheme with parameters', ['Authorization', 'Digest username="a", realm="b"'], 'missing'],
    ['a scheme without credentials', ['Authorization', 'Negotiate'], 'missing'],
    ['a scheme that only begins like ours', ['Authorization', `Bearerish ${token}`], 'missing'],
    ['the scheme alone', ['Authorization', 'Bearer'], 'malformed'],
    ['a tab after the scheme', ['Authorization', `Bearer\t${token}`], 'malformed'],
    ['a no-break space after the scheme', ['Authorization', `Bearer\u00a0${token}`], 'malformed'],
    ['a colon after the scheme', ['Authorization', `Bearer: ${token}`], 'malformed'],
    ['the header twice', ['Authorization', bearer(token), 'authorization', bearer(token)], 'ambiguous'],
    [
      'a good one hidden behind another scheme',
      ['Authorization', 'Basic eDp5', 'Authorization', bearer(token)],
      'ambiguous',
    ],
    ['two tokens that a proxy joined', ['Authorization', `Bearer ${token}, Bearer ${another}`], 'ambiguous'],
    ['a token joined behind another scheme', ['Authorization', `Basic eDp5, Bearer ${token}`], 'ambiguous'],
    ['a token joined with another scheme', ['Authorization', `Bearer ${token}, Basic eDp5`], 'ambiguous'],
    ['the scheme twice', ['Authorization', `Bearer Bearer ${token}`], 'malformed'],
    ['several words', ['Authorization', 'Bearer a b'], 'malformed'],
    ['a space inside the token', ['Authorization', `Bearer ${token.replace('.', '. ')}`], 'bad'],
    ['a tab inside the token', ['Authorization', `Bearer ${token.replace('.', '.\t')}`], 'bad'],
    ['a quoted token', ['Authorization', `Bearer "${token}"`], 'bad'],
    ['the token without its scheme', ['Authorization', token], 'missing'],
  ] as const)('refuses %s', async (_title, headers, refusal) => {
    expect(await answerTo(headers)).toEqual(REFUSALS[refusal]);
  });

  test.each(SERVERS)('refuses a duplicate under %s', async (_name, server) => {
    const from = server(consumerJwt({ consumers: howtoConsumers() }));
    expect(await answerTo(['Authorization', bearer(token), 'Authorization', bearer(another)], { from })).toEqual(
      REFUSALS.ambiguous,
    );
  });

  test('is read as an earlier middleware left it', async () => {
    const exchanged = app(
      (req, _res, next) => {
        req.headers.authorization = bearer(token);
        next();
      },
      consumerJwt({ consumers: howtoConsumers() }),
    );
    expect(await answerTo(['Authorization', 'Bearer from-outside'], { from: exchanged })).toBe('welcome');
    const withdrawn = app(
      (req, _res, next) => {
        delete req.headers.authorization;
        next();
      },
      consumerJwt({ consumers: howtoConsumers() }),
    );
    expect(await answerTo(['Authorization', bearer(token)], { from: withdrawn })).toEqual(REFUSALS.missing);
  });
});

describe('a header of its own', () => {
  const own = { from: door(fromHeader('X-Jwt')) };

  test.each([
    ['in any case', ['x-JWT', token], 'welcome'],
    ['empty', ['X-Jwt', ''], REFUSALS.missing],
    ['twice, even with one token', ['X-Jwt', token, 'X-Jwt', token], REFUSALS.ambiguous],
    ['joined by a proxy', ['X-Jwt', `${token}, ${another}`], REFUSALS.ambiguous],
    ['under its alias with an underscore', ['X_Jwt', token], REFUSALS.malformed],
    ['under both names', ['X-Jwt', token, 'X_Jwt', token], REFUSALS.malformed],
    ['with a scheme that nobody asked for', ['X-Jwt', bearer(token)], REFUSALS.bad],
    ['in another header', ['Authorization', bearer(token)], REFUSALS.missing],
  ])('%s', async (_title, headers, expected) => {
    expect(await answerTo(headers, own)).toEqual(expected);
  });

  test('may be named with an underscore; then the dash is the alias', async () => {
    const underscored = { from: door(fromHeader('x_jwt')) };
    expect(await answerTo(['X_JWT', token], underscored)).toBe('welcome');
    expect(await answerTo(['X-Jwt', token], underscored)).toEqual(REFUSALS.malformed);
  });

  test('may ask for a scheme', async () => {
    const schemed = { from: door(fromHeader('X-Jwt', { scheme: 'JWT' })) };
    expect(await answerTo(['X-Jwt', `jwt ${token}`], schemed)).toBe('welcome');
    expect(await answerTo(['X-Jwt', token], schemed)).toEqual(REFUSALS.missing);
    expect(await answerTo(['X-Jwt', 'JWT'], schemed)).toEqual(REFUSALS.malformed);
  });

  test.each([
    ['constructor', 'welcome'],
    ['hasOwnProperty', 'welcome'],
    // Node itself cannot hold this one.
    ['__proto__', REFUSALS.missing],
  ])('called %s is a name as any other', async (name, expected) => {
    const from = door(fromHeader(name));
    expect(await answerTo([], { from })).toEqual(REFUSALS.missing);
    expect(await answerTo([name, token], { from })).toEqual(expected);
  });
});

describe('a query parameter', () => {
  const from = door(fromQuery('t'));

  test.each([
    ['alone', `/?t=${token}`, 'welcome'],
    ['among others', `/?a=1&t=${token}&b=2`, 'welcome'],
    ['with an encoded name', `/?%74=${token}`, 'welcome'],
    ['twice with one token', `/?t=${token}&t=${token}`, 'welcome'],
    ['twice with two tokens', `/?t=${token}&t=${another}`, REFUSALS.ambiguous],
    ['once empty', `/?t=&t=${token}`, 'welcome'],
    ['empty', '/?t=', REFUSALS.missing],
    ['without a value', '/?t', REFUSALS.missing],
    ['that is not there', '/', REFUSALS.missing],
    ['with brackets', `/?t[a]=${token}`, REFUSALS.malformed],
    ['with empty brackets', `/?t[]=${token}`, REFUSALS.malformed],
    ['behind a second question mark', `/??t=${token}`, REFUSALS.missing],
    ['in another case', `/?T=${token}`, REFUSALS.missing],
    ['with broken percent encoding', '/?t=%E0%A4%A', REFUSALS.bad],
    ['with a NUL', '/?t=%00', REFUSALS.bad],
  ])('%s', async (_title, path, expected) => {
    expect(await answerTo([], { from, path })).toEqual(expected);
  });

  test.each(SERVERS)('an answer to it is neither stored nor passed on, under %s', async (_name, server) => {
    const method = consumerJwt({ consumers: howtoConsumers(), tokenFrom: [fromQuery('t'), fromBearer()] });
    for (const [path, status] of [
      [`/?t=${token}`, 200],
      ['/?t=bad', 401],
    ] as const) {
      const response = await request(server(method)).get(path);
      expect(response.status).toBe(status);
      expect(response.headers['cache-control']).toBe('no-store');
      expect(response.headers['referrer-policy']).toBe('no-referrer');
    }
    const clean = await request(server(method)).get('/').set('Authorization', bearer(token));
    expect(clean.status).toBe(200);
    expect(clean.headers['referrer-policy']).toBeUndefined();
  });

  test('a bad one that counts as none is kept private all the same', async () => {
    const anonymous = { username: 'guest', coverFailures: true };
    const method = consumerJwt({ consumers: howtoConsumers(), tokenFrom: fromQuery('t'), anonymous });
    const response = await request(app(method)).get('/?t=bad');
    expect(response.status).toBe(200);
    expect(response.headers['cache-control']).toBe('no-store');
  });
});

describe('several places of one method', () => {
  const from = door([fromBearer(), fromHeader('X-Jwt'), fromQuery('t'), fromCookie('t')]);

  test.each([
    [
      'each alone',
      [
        ['Authorization', bearer(token)],
        ['X-Jwt', token],
        ['Cookie', `t=${token}`],
      ],
    ],
    ['the same token in several', [['Authorization', bearer(token), 'X-Jwt', token, 'Cookie', `t=${token}`]]],
  ])('lets in %s', async (_title, requests) => {
    for (const headers of requests) expect(await answerTo(headers, { from })).toBe('welcome');
    expect(await answerTo(requests[0] ?? [], { from, path: `/?t=${token}` })).toBe('welcome');
  });

  test.each([
    ['in two headers', ['Authorization', bearer(token), 'X-Jwt', another], '/'],
    ['in header and query', ['Authorization', bearer(token)], `/?t=${another}`],
    ['in query and cookie', ['Cookie', `t=${another}`], `/?t=${token}`],
    ['of which one is garbage', ['Authorization', bearer(token)], '/?t=garbage'],
    ['of two consumers', ['Authorization', bearer(token), 'X-Jwt', tokenOf(PARTNER)], '/'],
  ])('refuses two different tokens %s', async (_title, headers, path) => {
    expect(await answerTo(headers, { from, path })).toEqual(REFUSALS.ambiguous);
  });

  test('nothing but the Authorization header is read unless asked for', async () => {
    expect(await answerTo(['X-Jwt', token, 'Cookie', `jwt=${token}; t=${token}`], { path: `/?jwt=${token}` })).toEqual(
      REFUSALS.missing,
    );
  });
});

describe('a function', () => {
  const getter = (find: () => unknown) => ({ from: door(find as () => string) });

  test.each([
    ['a token', () => token, 'welcome'],
    ['a promise of one', async () => token, 'welcome'],
    ['undefined', () => undefined, REFUSALS.missing],
    ['null', async () => null, REFUSALS.missing],
    ['an empty text', () => '', REFUSALS.missing],
    ['an object', () => ({ toString: () => token }), REFUSALS.malformed],
    ['an array', async () => [token], REFUSALS.malformed],
    ['false', () => false, REFUSALS.malformed],
  ])('may answer with %s', async (_title, find, expected) => {
    expect(await answerTo([], getter(find))).toEqual(expected);
  });

  test('that trips over the request is a mistake of ours, and no fault of the caller', async () => {
    const from = door((req) => (req.cookies as { token: string }).token);
    expect(await answerTo([], { from })).toEqual([503, 'check_failed', undefined]);
  });

  test('whose promise rejects is an outage, and nobody becomes anonymous by it', async () => {
    const anonymous = { username: 'guest', coverFailures: true };
    const tokenFrom = async () => Promise.reject(new Error('the session store is down'));
    const answer = await rawRequest(app(consumerJwt({ consumers: howtoConsumers(), tokenFrom, anonymous })), {});
    expect(answer.status).toBe(503);
    expect(jsonOf(answer).code).toBe('check_failed');
  });
});
