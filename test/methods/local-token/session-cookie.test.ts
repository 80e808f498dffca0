import { describe, expect, test } from '@jest/globals';
import cookieParser from 'cookie-parser';
import request from 'supertest';
import {
  fromCookie,
  fromHeader,
  jwtAuth,
  type LocalTokenMethod,
  oidcBearer,
  type SessionCookieOptions,
} from '../../../lib/index.js';
import { local, someone } from '../../helpers/local.js';
import { staticOptions } from '../../helpers/oidc-door.js';
import { rawRequest } from '../../helpers/requests.js';
import { app, type Middleware } from '../../helpers/servers.js';

const COOKIE_SECRET = 'the secret that cookie-parser has';
const parser = () => cookieParser(COOKIE_SECRET) as Middleware;
const issue = async (method: LocalTokenMethod) => (await method.issue(await someone())).token;
const cookieOf = (method: LocalTokenMethod, token: string) => method.cookie?.set(token, 60).split(';')[0] ?? '';

/** What a request with these header lines gets: `200`, or status and code. */
async function verdictOn(
  middlewares: readonly Middleware[],
  headers: readonly string[],
  verb = 'GET',
): Promise<200 | string> {
  const { status, text } = await rawRequest(app(...middlewares), { method: verb, headers });
  return status === 200 ? 200 : `${status} ${(JSON.parse(text || '{}') as { code?: string }).code}`;
}

describe('the cookie of a local token', () => {
  test.each<[string, true | SessionCookieOptions, string]>([
    ['is __Host-session', true, '__Host-session=t; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure'],
    ['is the same with no options', {}, '__Host-session=t; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure'],
    [
      'may be strict',
      { sameSite: 'strict' },
      '__Host-session=t; Max-Age=60; Path=/; HttpOnly; SameSite=Strict; Secure',
    ],
    [
      'may go everywhere',
      { sameSite: 'none' },
      '__Host-session=t; Max-Age=60; Path=/; HttpOnly; SameSite=None; Secure',
    ],
    ['may have a name', { name: 'sid' }, 'sid=t; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure'],
    ['may go to a path', { name: 'sid', path: '/app' }, 'sid=t; Max-Age=60; Path=/app; HttpOnly; SameSite=Lax; Secure'],
    ['may be insecure', { name: 'sid', secure: false }, 'sid=t; Max-Age=60; Path=/; HttpOnly; SameSite=Lax'],
  ])('%s', (_title, cookie, expected) => {
    expect(local({ cookie }).cookie?.set('t', 60.9)).toBe(expected);
  });

  test('is cleared with the attributes that it was set with', () => {
    expect(local({ cookie: { name: 'sid', path: '/app' } }).cookie?.clear()).toBe(
      'sid=; Max-Age=0; Path=/app; HttpOnly; SameSite=Lax; Secure',
    );
    expect(local({ cookie: true }).cookie?.set('t', -5)).toContain('Max-Age=0;');
    expect(local().cookie).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['an insecure __Host-', { name: '__Host-x', secure: false }, /__Host- asks for secure/],
    ['an insecure __host-, which browsers drop too', { name: '__host-x', secure: false }, /__Host- asks for secure/],
    ['a __Host- for a path', { path: '/app' }, /__Host- asks for .* path/],
    ['an insecure __Secure-', { name: '__Secure-x', secure: false }, /__Secure- asks/],
    ['an insecure one for everywhere', { name: 'x', sameSite: 'none', secure: false }, /"none" asks for secure/],
    ['a SameSite in capitals', { sameSite: 'Lax' }, /sameSite/],
    ['a SameSite of the prototype', { sameSite: 'toString' }, /sameSite/],
    ['a name with a space', { name: 'a b' }, /name/],
    ['a name with an attribute', { name: 'a;Domain=x' }, /name/],
    ['an empty name', { name: '' }, /name/],
    ['a path with an attribute', { name: 'a', path: '/;Domain=x' }, /path/],
    ['a path that is relative', { name: 'a', path: 'app' }, /path/],
    ['an empty secret', { signedWith: '' }, /signedWith/],
    ['a domain, which makes it everybody’s', { domain: 'example.com' }, /domain/],
    ['scripts', { httpOnly: false }, /httpOnly/],
    ['security that is no boolean', { name: 'x', secure: 'yes' }, /secure/],
  ])('is refused at creation with %s', (_title, cookie, message) => {
    expect(() => local({ cookie })).toThrow(message);
  });

  test('is taken beside Authorization, and beside whatever else the application says', async () => {
    const method = local({ cookie: true });
    const token = await issue(method);
    expect(await verdictOn([method], ['Cookie', cookieOf(method, token)])).toBe(200);
    expect(await verdictOn([method], ['Authorization', `Bearer ${token}`])).toBe(200);
    const own = local({ cookie: true, tokenFrom: fromHeader('x-session') });
    expect(await verdictOn([own], ['X-Session', token])).toBe(200);
    expect(await verdictOn([own], ['Cookie', cookieOf(own, token)])).toBe(200);
    expect(await verdictOn([own], ['Authorization', `Bearer ${token}`])).toBe('401 credentials_missing');
  });

  test('is not taken where nobody asked for cookies', async () => {
    const method = local();
    expect(await verdictOn([method], ['Cookie', `__Host-session=${await issue(method)}`])).toBe(
      '401 credentials_missing',
    );
  });

  test('that comes twice with two tokens is ambiguous', async () => {
    const method = local({ cookie: true });
    const [first, second] = [await issue(method), await issue(method)];
    const both = `${cookieOf(method, first)}; ${cookieOf(method, second)}`;
    expect(await verdictOn([method], ['Cookie', both])).toBe('400 credentials_ambiguous');
    expect(await verdictOn([method], ['Cookie', cookieOf(method, first), 'Authorization', `Bearer ${second}`])).toBe(
      '400 credentials_ambiguous',
    );
  });

  test.each(['\u00a0', '\u000b', '\u000c', '\ufeff'])(
    'is not one whose name begins with %j, which browsers let any host of the domain set',
    async (space) => {
      const method = local({ cookie: true });
      const cookie = `${space}${cookieOf(method, await issue(method))}`;
      const headers = { cookie };
      const asked = method.authenticate({ method: 'GET', url: '/', headers, rawHeaders: ['Cookie', cookie] } as never);
      expect(await asked).toBeUndefined();
      if (space === '\u00a0') expect(await verdictOn([method], ['Cookie', cookie])).toBe('401 credentials_missing');
    },
  );

  test('ends with its token: a revoked one is refused', async () => {
    const method = local({ cookie: true });
    const token = await issue(method);
    await method.revoke(token);
    expect(await verdictOn([method], ['Cookie', cookieOf(method, token)])).toBe('401 token_revoked');
  });
});

describe('a signed cookie', () => {
  const method = () => local({ cookie: { signedWith: COOKIE_SECRET } });

  test('is one that cookie-parser reads', async () => {
    const signedMethod = method();
    const cookie = cookieOf(signedMethod, await issue(signedMethod));
    expect(await verdictOn([parser(), signedMethod], ['Cookie', cookie])).toBe(200);
  });

  test('may be one that cookie-parser’s users wrote with res.cookie', async () => {
    const signedMethod = method();
    const token = await issue(signedMethod);
    const write: Middleware = (_req, res) => {
      (res as unknown as { cookie(...given: unknown[]): { end(): void } })
        .cookie('__Host-session', token, { signed: true })
        .end();
    };
    const { headers } = await request(app(parser(), write)).get('/');
    const [written = ''] = headers['set-cookie'] as unknown as string[];
    const [cookie = ''] = written.split(';');
    expect(await verdictOn([parser(), signedMethod], ['Cookie', cookie])).toBe(200);
    expect(cookieOf(signedMethod, token)).toBe(cookie);
  });

  test.each([
    [
      'by somebody else',
      async (m: LocalTokenMethod) => cookieOf(local({ cookie: { signedWith: 'another' } }), await issue(m)),
      '401 token_malformed',
    ],
    ['by nobody', async (m: LocalTokenMethod) => `__Host-session=${await issue(m)}`, '401 credentials_missing'],
    [
      'and changed',
      async (m: LocalTokenMethod) => `${cookieOf(m, await issue(m)).slice(0, -2)}AA`,
      '401 token_malformed',
    ],
  ])('that was signed %s is refused', async (_title, write, expected) => {
    const signedMethod = method();
    const headers = ['Cookie', await write(signedMethod)];
    expect(await verdictOn([parser(), signedMethod], headers)).toBe(expected);
  });

  test('needs cookie-parser before it; without, the application is wrong and not the caller', async () => {
    const signedMethod = method();
    const headers = ['Cookie', cookieOf(signedMethod, await issue(signedMethod))];
    expect(await verdictOn([signedMethod], headers)).toBe('503 check_failed');
  });
});

describe('an unsafe request with the cookie', () => {
  const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'];

  test.each<[string, readonly string[], 200 | string]>([
    ['from the same origin', ['Sec-Fetch-Site', 'same-origin'], 200],
    ['from the address bar', ['Sec-Fetch-Site', 'none'], 200],
    ['from a sibling of the site', ['Sec-Fetch-Site', 'same-site'], '403 cross_site_request'],
    ['from another site', ['Sec-Fetch-Site', 'cross-site'], '403 cross_site_request'],
    ['from a word that nobody knows', ['Sec-Fetch-Site', 'SAME-ORIGIN'], '403 cross_site_request'],
    [
      'from another site that claims our origin',
      ['Sec-Fetch-Site', 'cross-site', 'Origin', 'http://localhost'],
      '403 cross_site_request',
    ],
    ['from an old browser here', ['Origin', 'https://localhost'], 200],
    ['from an old browser elsewhere', ['Origin', 'https://evil.example.com'], '403 cross_site_request'],
    ['from a look-alike', ['Origin', 'https://localhost.evil.example.com'], '403 cross_site_request'],
    ['from another port', ['Origin', 'https://localhost:8443'], '403 cross_site_request'],
    ['from an opaque origin', ['Origin', 'null'], '403 cross_site_request'],
    ['from an origin that is none', ['Origin', 'localhost'], '403 cross_site_request'],
    ['from no browser', [], 200],
  ])('%s', async (_title, headers, expected) => {
    const method = local({ cookie: true });
    const cookie = ['Cookie', cookieOf(method, await issue(method))];
    const verdicts = await Promise.all(METHODS.map((verb) => verdictOn([method], [...headers, ...cookie], verb)));
    expect(verdicts).toEqual(METHODS.map(() => expected));
  });

  const CROSS = ['Sec-Fetch-Site', 'cross-site', 'Origin', 'https://evil.example.com'];

  test('is checked; a safe one is not, because it changes nothing', async () => {
    const method = local({ cookie: true });
    const cookie = ['Cookie', cookieOf(method, await issue(method))];
    expect(await verdictOn([method], [...CROSS, ...cookie], 'GET')).toBe(200);
    expect((await rawRequest(app(method), { method: 'HEAD', headers: [...CROSS, ...cookie] })).status).toBe(200);
  });

  test('counts a WebSocket, which a page of another site can open as well', async () => {
    const method = local({ cookie: true });
    const headers = { host: 'localhost', cookie: cookieOf(method, await issue(method)), upgrade: 'websocket' };
    const upgrade = (origin: string) => {
      const all = { ...headers, origin };
      return method.authenticate({
        method: 'GET',
        url: '/',
        headers: all,
        rawHeaders: Object.entries(all).flat(),
      } as never);
    };
    await expect(upgrade('https://evil.example.com')).rejects.toMatchObject({ code: 'cross_site_request' });
    await expect(upgrade('https://localhost')).resolves.toMatchObject({ type: 'user' });
  });

  test('that also says its token aloud did not come along by itself', async () => {
    const method = local({ cookie: true });
    const token = await issue(method);
    const headers = [...CROSS, 'Authorization', `Bearer ${token}`];
    expect(await verdictOn([method], headers, 'POST')).toBe(200);
    expect(await verdictOn([method], [...headers, 'Cookie', cookieOf(method, token)], 'POST')).toBe(200);
  });

  test('is checked too where another method reads the same cookie', async () => {
    const method = local({ cookie: true });
    const oidc = oidcBearer(staticOptions({ tokenFrom: fromCookie('__Host-session') }));
    const cookie = ['Cookie', cookieOf(method, await issue(method))];
    for (const methods of [
      [oidc, method],
      [method, oidc],
    ]) {
      const auth = jwtAuth({ methods, exposeReason: true });
      expect(await verdictOn([auth], cookie, 'POST')).toBe(200);
      expect(await verdictOn([auth], [...CROSS, ...cookie], 'POST')).toBe('403 cross_site_request');
    }
  });
});
