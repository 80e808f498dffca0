import type { IncomingMessage, RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { JwtIdpOptions } from '../../lib/index.js';
import { listening } from '../helpers/requests.js';
import { Browser, HOME, outcome, signInApp, wafToken } from '../helpers/sign-in.js';
import { inSeconds } from '../helpers/tokens.js';

const FOREIGN = new URLSearchParams({ authRequestID: '163840776835432705', userAgentID: 'G7hJ_4d2Qw-0' });

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A login service of somebody else's, and what it was asked. */
async function loginService(answer: RequestListener): Promise<{ url: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const { server, port } = await listening((req, res) => {
    asked.push(req);
    answer(req, res);
  });
  closing.push(() => server.close());
  return { url: `http://127.0.0.1:${port}/idps/jwt`, asked };
}

const redirecting =
  (location: string, status = 302): RequestListener =>
  (_req, res) =>
    res.writeHead(status, { location }).end('Found');
const failing =
  (status: number): RequestListener =>
  (_req, res) =>
    res.writeHead(status).end('no');

const through = (loginServiceOptions: JwtIdpOptions['loginService'], more: Partial<JwtIdpOptions> = {}) =>
  new Browser(signInApp({ ...more, ...(loginServiceOptions && { loginService: loginServiceOptions }) }));

describe('the JWT endpoint of somebody else’s login service', () => {
  test('hands it the token and the query, and the browser its redirect', async () => {
    const { url, asked } = await loginService(redirecting('https://zitadel.example.com/done?id=1&token=2'));
    const token = wafToken();
    const page = await through({ url: `${url}?flow=1`, header: 'x-waf-jwt' }).viaWaf(FOREIGN, token);
    expect(page.status).toBe(302);
    expect(page.location).toBe('https://zitadel.example.com/done?id=1&token=2');
    expect(page.headers['cache-control']).toBe('no-store');
    expect(asked.map((req) => [req.method, req.url, req.headers['x-waf-jwt']])).toEqual([
      ['GET', `/idps/jwt?flow=1&${FOREIGN}`, `Bearer ${token}`],
    ]);
  });

  test('takes an address that is written relative to it', async () => {
    const { url } = await loginService(redirecting('/ui/login/login/jwt/callback?x=1'));
    const { origin } = new URL(url);
    expect(outcome(await through({ url }).viaWaf(FOREIGN, wafToken()))).toBe(
      `${origin}/ui/login/login/jwt/callback?x=1`,
    );
  });

  test('tells it nothing else about the browser', async () => {
    const { url, asked } = await loginService(redirecting(HOME));
    const browser = through({ url });
    browser.cookies.set('__Host-session', 'ours');
    await browser.viaWaf(FOREIGN, wafToken());
    expect(asked[0]?.headers.authorization).toMatch(/^Bearer ey/);
    expect(asked[0]?.headers).not.toHaveProperty('cookie');
    expect(asked[0]?.headers).not.toHaveProperty('x-waf-jwt');
  });

  test.each<[string, string | undefined, string]>([
    ['no token', undefined, '401 credentials_missing'],
    ['an expired token', wafToken({ exp: inSeconds(-61) }), '401 token_expired'],
    ['a token that is too old', wafToken({ iat: inSeconds(-61) }), '401 token_expired'],
  ])('asks it nothing with %s', async (_what, token, expected) => {
    const { url, asked } = await loginService(redirecting(HOME));
    expect(outcome(await through({ url }, { maxAge: 60 }).viaWaf(FOREIGN, token))).toBe(expected);
    expect(asked).toEqual([]);
  });

  test.each<[string, RequestListener, string]>([
    ['refuses', failing(403), '401 exchange_rejected'],
    ['is busy', failing(429), '503 exchange_unavailable'],
    ['fails', failing(500), '503 exchange_unavailable'],
    ['answers with a page', failing(200), '503 exchange_unavailable'],
    ['sends to a script', redirecting('javascript:alert(1)'), '503 exchange_unavailable'],
    ['hangs up', (req) => req.socket.destroy(), '503 exchange_unavailable'],
  ])('which %s sends the browser nowhere', async (_what, answer, expected) => {
    const { url } = await loginService(answer);
    const page = await through({ url }).viaWaf(FOREIGN, wafToken());
    expect(outcome(page)).toBe(expected);
  });

  test('completes its own sign-ins as before, and asks nobody about them', async () => {
    const { url, asked } = await loginService(redirecting('https://zitadel.example.com/done'));
    const browser = through({ url });
    expect(outcome(await browser.signIn(wafToken()))).toBe(HOME);
    expect(asked).toEqual([]);
  });

  test('is nobody’s by default', async () => {
    expect(outcome(await through(undefined).viaWaf(FOREIGN, wafToken()))).toBe('400 state_invalid');
  });
});
