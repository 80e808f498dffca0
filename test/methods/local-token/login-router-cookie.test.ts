import { describe, expect, test } from '@jest/globals';
import cookieParser from 'cookie-parser';
import request from 'supertest';
import type { LocalTokenMethod } from '../../../lib/index.js';
import { local, localLookalike } from '../../helpers/local.js';
import { accessToken, door } from '../../helpers/oidc-door.js';
import { app, type Middleware } from '../../helpers/servers.js';
import { inSeconds } from '../../helpers/tokens.js';

const SAME = { 'Sec-Fetch-Site': 'same-origin' };
const CROSS = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example.com' };

function site(method: LocalTokenMethod, ...before: Middleware[]) {
  return app(...before, method.loginRouter({ methods: [door({ name: 'oidc' })] }) as Middleware, method);
}

const login = (listener: ReturnType<typeof site>, headers: Record<string, string> = SAME) =>
  request(listener).post('/login').set(headers).send({ method: 'oidc', token: accessToken() });

const cookiesOf = ({ headers }: { headers: Record<string, unknown> }) => (headers['set-cookie'] ?? []) as string[];
const pairOf = ([cookie = '']: readonly string[]) => cookie.split(';')[0] ?? '';

describe('a browser', () => {
  test('logs in, is known by its cookie, logs out, and is not known any more', async () => {
    const listener = site(local({ cookie: true }));
    const answer = await login(listener);
    const [cookie = ''] = cookiesOf(answer);
    expect(cookie).toMatch(
      /^__Host-session=[\w-]+\.[\w-]+\.[\w-]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    const pair = pairOf(cookiesOf(answer));
    expect((await request(listener).get('/').set('Cookie', pair)).body.principal).toMatchObject({ type: 'user' });
    const out = await request(listener)
      .post('/logout')
      .set({ ...SAME, Cookie: pair });
    expect(cookiesOf(out)).toEqual(['__Host-session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure']);
    expect((await request(listener).get('/').set('Cookie', pair)).body).toMatchObject({ code: 'token_revoked' });
  });

  test('does the same with cookie-parser’s signed cookies', async () => {
    const signedWith = 'the secret that cookie-parser has';
    const listener = site(local({ cookie: { signedWith } }), cookieParser(signedWith) as Middleware);
    const pair = pairOf(cookiesOf(await login(listener)));
    expect(pair).toMatch(/^__Host-session=s%3A/);
    expect((await request(listener).get('/').set('Cookie', pair)).status).toBe(200);
    expect(
      (
        await request(listener)
          .post('/logout')
          .set({ ...SAME, Cookie: pair })
      ).status,
    ).toBe(200);
    expect((await request(listener).get('/').set('Cookie', pair)).body).toMatchObject({ code: 'token_revoked' });
  });

  test('keeps its cookie no longer than the token lives', async () => {
    const listener = site(local({ cookie: true, ttl: 120 }));
    const [, age] = /Max-Age=(\d+)/.exec(cookiesOf(await login(listener))[0] ?? '') ?? [];
    expect(Number(age)).toBeLessThanOrEqual(120);
    expect(Number(age)).toBeGreaterThan(60);
  });

  test('is not logged in by another site: that would be an account of the attacker', async () => {
    const answer = await login(site(local({ cookie: true })), CROSS);
    expect(answer.body).toMatchObject({ status: 403, code: 'cross_site_request' });
    expect(cookiesOf(answer)).toEqual([]);
  });

  test('is not logged out by another site, with its cookie or without', async () => {
    const listener = site(local({ cookie: true }));
    const pair = pairOf(cookiesOf(await login(listener)));
    const forced = await request(listener)
      .post('/logout')
      .set({ ...CROSS, Cookie: pair });
    expect(forced.body).toMatchObject({ status: 403, code: 'cross_site_request' });
    expect(cookiesOf(forced)).toEqual([]);
    expect(cookiesOf(await request(listener).post('/logout').set(CROSS))).toEqual([]);
    expect((await request(listener).get('/').set('Cookie', pair)).status).toBe(200);
  });

  test('gets rid of a cookie that has ended', async () => {
    const ended = `__Host-session=${localLookalike({ exp: inSeconds(-300) })}`;
    const out = await request(site(local({ cookie: true })))
      .post('/logout')
      .set({ ...SAME, Cookie: ended });
    expect(out.status).toBe(401);
    expect(cookiesOf(out)).toEqual([expect.stringMatching(/^__Host-session=; Max-Age=0;/)]);
  });

  test('gets rid of cookies that nobody can read, but not for another site', async () => {
    const signedWith = 'the new secret of cookie-parser';
    const method = local({ cookie: { signedWith } });
    const listener = site(method, cookieParser(signedWith) as Middleware);
    const forged = '__Host-session=s%3Ax.AAAA';
    const twice = `${pairOf(cookiesOf(await login(listener)))}; ${pairOf(cookiesOf(await login(listener)))}`;
    for (const [Cookie, status] of [[forged, 401] as const, [twice, 400] as const]) {
      const out = await request(listener)
        .post('/logout')
        .set({ ...SAME, Cookie });
      expect([out.status, cookiesOf(out)]).toEqual([status, [expect.stringMatching(/^__Host-session=; Max-Age=0;/)]]);
      const cross = await request(listener)
        .post('/logout')
        .set({ ...CROSS, Cookie });
      expect([cross.status, cookiesOf(cross)]).toEqual([403, []]);
    }
  });

  test('keeps the cookies that the application sets beside it', async () => {
    const setsOne: Middleware = (_req, res, next) => {
      res.setHeader('Set-Cookie', 'theme=dark');
      next();
    };
    const listener = site(local({ cookie: true }), setsOne);
    expect(cookiesOf(await login(listener))).toEqual(['theme=dark', expect.stringMatching(/^__Host-session=/)]);
  });

  test('gets no cookie that browsers would silently drop for its size, and no login', async () => {
    const listener = site(local({ cookie: true }));
    const enter = (count: number) => {
      const groups = Array.from({ length: count }, (_, index) => `group ${index}`);
      return request(listener)
        .post('/login')
        .set(SAME)
        .send({ method: 'oidc', token: accessToken({ groups }) });
    };
    const [fits, toBig] = [await enter(150), await enter(250)];
    expect([fits.status, cookiesOf(fits)[0]?.length]).toEqual([200, expect.any(Number)]);
    expect(cookiesOf(fits)[0]?.length).toBeLessThanOrEqual(4096);
    expect(toBig.body).toMatchObject({ status: 401, code: 'token_too_large' });
    expect(cookiesOf(toBig)).toEqual([]);
  });

  test('gets no cookie where the login fails', async () => {
    const answer = await request(site(local({ cookie: true })))
      .post('/login')
      .set(SAME)
      .send({ method: 'oidc', token: 'x' });
    expect([answer.status, cookiesOf(answer)]).toEqual([401, []]);
  });
});

test('a client without cookies may log in and out from anywhere with its token in hand', async () => {
  const listener = site(local({ cookie: true }));
  const { body } = await login(listener, {});
  const out = await request(listener)
    .post('/logout')
    .set({ ...CROSS, Authorization: `Bearer ${body.token}` });
  expect(out.status).toBe(200);
});
