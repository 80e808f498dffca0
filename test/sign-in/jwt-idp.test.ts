import { beforeEach, describe, expect, test } from '@jest/globals';
import { jwtIdp, memoryUsers } from '../../lib/index.js';
import { SERVERS } from '../helpers/every-server.js';
import { AUDIENCE, ISSUER } from '../helpers/oidc-door.js';
import { app, type Middleware, showPrincipal } from '../helpers/servers.js';
import {
  BINDING_COOKIE,
  Browser,
  HOME,
  idpOptions,
  JWT_ENDPOINT,
  outcome,
  queryOf,
  session,
  signInApp,
  wafToken,
} from '../helpers/sign-in.js';
import { inSeconds } from '../helpers/tokens.js';
import { WAF_HEADER, wafDoor } from '../helpers/waf.js';

const cookieLine = (page: { headers: unknown }) => String((page.headers as Record<string, unknown>)['set-cookie']);
const principalOf = (text: string) => JSON.parse(text).principal;

describe('GET /login', () => {
  test('sends the browser to the WAF with the two parameters, and keeps the query that was there', async () => {
    const { status, location = '' } = await new Browser(signInApp()).get('/login');
    expect(status).toBe(302);
    expect(location.startsWith(`${JWT_ENDPOINT}&authRequestID=`)).toBe(true);
    expect([...new URL(location).searchParams.keys()]).toEqual(['tenant', 'authRequestID', 'userAgentID']);
  });

  test('puts a query where there was none', async () => {
    const browser = new Browser(signInApp({ jwtEndpoint: 'https://waf.example.com/jwt' }));
    expect((await browser.get('/login')).location).toMatch(/^https:\/\/waf\.example\.com\/jwt\?authRequestID=/);
  });

  test('lets nobody on the way read where the browser goes, or which browser it is', async () => {
    const browser = new Browser(signInApp());
    const query = await browser.begin({ returnTo: '/orders' });
    const parts = (query.get('userAgentID') ?? '').split('.').map((part) => Buffer.from(part, 'base64url').toString());
    const readable = `${parts.join()}${query}`;
    expect(parts).toHaveLength(5);
    expect(readable).not.toContain('orders');
    expect(readable).not.toContain(browser.cookies.get(BINDING_COOKIE));
  });

  test('remembers the browser in a cookie that scripts and other sites cannot reach', async () => {
    const page = await new Browser(signInApp()).get('/login');
    expect(cookieLine(page)).toMatch(
      /^__Host-sign-in=[\w-]{43}; Max-Age=300; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.headers['referrer-policy']).toBe('no-referrer');
  });

  test('takes another cookie where it is told to', async () => {
    const cookie = { name: 'browser', secure: false, path: '/in' };
    const page = await new Browser(signInApp({ cookie })).get('/login');
    expect(cookieLine(page)).toMatch(/^browser=[\w-]{43}; Max-Age=300; Path=\/in; HttpOnly; SameSite=Lax$/);
  });
});

describe('a browser that the WAF knows', () => {
  test.each([
    ['where it wanted to go', '/orders'],
    ['to an address on another host', 'https://app.example.com/'],
    ['to the first of the list, where it does not say', undefined],
  ])('is signed in and sent %s', async (_where, returnTo) => {
    const browser = new Browser(signInApp());
    const page = await browser.signIn(wafToken(), returnTo === undefined ? {} : { returnTo });
    expect(outcome(page)).toBe(returnTo ?? HOME);
    expect(cookieLine(page)).toMatch(/^__Host-session=[\w.-]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    expect(page.headers['cache-control']).toBe('no-store');
  });

  test('is the same person afterwards, without the WAF', async () => {
    const browser = new Browser(signInApp());
    await browser.signIn(wafToken({ preferred_username: 'alice', groups: ['staff'], email: 'alice@example.com' }));
    expect(principalOf((await browser.get('/')).text)).toMatchObject({
      type: 'user',
      id: `${ISSUER}|alice`,
      username: 'alice',
      email: 'alice@example.com',
      groups: ['staff'],
      method: 'localToken',
    });
  });

  test('never stays signed in longer than the WAF said', async () => {
    const browser = new Browser(signInApp());
    await browser.signIn(wafToken({ exp: inSeconds(90) }));
    const { claims } = principalOf((await browser.get('/')).text);
    expect(claims.exp).toBeLessThanOrEqual(inSeconds(90));
  });

  test('stays as long as any session where the WAF does not say', async () => {
    const browser = new Browser(signInApp({ method: wafDoor({ requiredClaims: [] }) }));
    await browser.signIn(wafToken({ exp: undefined }));
    const { claims } = principalOf((await browser.get('/')).text);
    expect(claims.exp - claims.iat).toBe(3600);
  });

  test('can sign in in two tabs at once', async () => {
    const browser = new Browser(signInApp());
    const tabs = [await browser.begin(), await browser.begin({ returnTo: '/orders' })];
    const pages = await Promise.all(tabs.map((query) => browser.viaWaf(query, wafToken())));
    expect(outcome(await browser.get(pages[0]?.location ?? ''))).toBe(HOME);
    expect(outcome(await browser.get(pages[1]?.location ?? ''))).toBe('/orders');
  });

  test('is registered once, and known the next time', async () => {
    const store = memoryUsers();
    const signIn = signInApp({ method: wafDoor({ users: { store, autoRegister: true } }) });
    const [first, second] = [new Browser(signIn), new Browser(signIn)];
    await first.signIn(wafToken({ email: 'alice@example.com', email_verified: true }));
    await second.signIn(wafToken({ email: 'alice@example.com', email_verified: true }));
    const found = await store.find({ tenant: '', issuer: ISSUER, subject: 'alice' });
    const ids = await Promise.all([first, second].map(async (each) => principalOf((await each.get('/')).text).id));
    expect(ids).toEqual([found?.id, found?.id]);
  });
});

describe('behind a WAF on another host', () => {
  const callbackUrl = 'https://login.example.com/in/jwt/callback';

  test('the browser comes back to the host where it began', async () => {
    const browser = new Browser(signInApp({ callbackUrl }));
    // The WAF's host has no cookie of ours.
    const { location = '' } = await new Browser(signInApp({ callbackUrl })).viaWaf(await browser.begin(), wafToken());
    expect(location.startsWith(`${callbackUrl}?authRequestID=`)).toBe(true);
    expect(outcome(await browser.get(`/jwt/callback?${queryOf(location)}`))).toBe(HOME);
  });

  test('a cookie that another router keeps there under the same name is no obstacle', async () => {
    const elsewhere = new Browser(signInApp());
    await elsewhere.begin();
    const query = await new Browser(signInApp({ callbackUrl })).begin();
    expect(outcome(await elsewhere.viaWaf(query, wafToken()))).toContain(callbackUrl);
  });
});

describe.each(SERVERS)('under %s', (name, make) => {
  test('works where it is mounted', async () => {
    const idp = jwtIdp(idpOptions());
    const browser = new Browser(make(idp, session));
    expect(outcome(await browser.signIn(wafToken()))).toBe(HOME);
    expect(principalOf((await browser.get('/')).text).subject).toBe(`${ISSUER}|alice`);
  });

  test.each(['/login', '/jwt/authorize', '/jwt/callback'])('hands on everything but GET %s', async (path) => {
    const listener = make(jwtIdp(idpOptions()));
    const { default: request } = await import('supertest');
    for (const verb of ['post', 'put', 'delete', 'options'] as const)
      expect((await request(listener)[verb](path)).body).toMatchObject({ principal: null, url: path });
    expect((await request(listener).get(`${path}/more`)).body.url).toBe(`${path}/more`);
  });

  test('keeps the WAF’s header from everything it hands on', async () => {
    const { default: request } = await import('supertest');
    const { body } = await request(make(jwtIdp(idpOptions())))
      .get('/')
      .set(WAF_HEADER, wafToken());
    expect(body.headers).not.toHaveProperty(WAF_HEADER);
    expect(name).not.toBe('');
  });
});

describe('mounted under a path', () => {
  const mounted: [string, () => Promise<Browser>][] = [
    [
      'Express 5',
      async () => {
        const { default: express } = await import('express');
        const inner = express().use('/in', jwtIdp(idpOptions()) as never);
        return new Browser(
          express()
            .use('/sign', inner)
            .use(session as never, showPrincipal) as never,
        );
      },
    ],
    [
      'Express 4',
      async () => {
        const { default: express4 } = await import('express4');
        const inner = express4.Router().use('/in', jwtIdp(idpOptions()) as never);
        return new Browser(
          express4()
            .use('/sign', inner)
            .use(session as never, showPrincipal as never) as never,
        );
      },
    ],
    [
      'Connect',
      async () => {
        const { default: connect } = await import('connect');
        return new Browser(connect().use('/sign/in', jwtIdp(idpOptions())).use(session).use(showPrincipal) as never);
      },
    ],
  ];

  test.each(['//evil.example.com', '/\\evil.example.com', '\\/evil.example.com'])(
    'that could be read as the host %s, stays on its own',
    async (path) => {
      const idp = jwtIdp(idpOptions());
      const under: Middleware = (req, res, next) =>
        idp(Object.assign(req, { originalUrl: `${path}${req.url}` }), res, next);
      const browser = new Browser(app(under));
      const { location } = await browser.viaWaf(await browser.begin(), wafToken());
      expect(new URL(location ?? '', 'https://app.example.com').host).toBe('app.example.com');
    },
  );

  test.each(mounted)('%s finds its own way back', async (_name, open) => {
    const browser = await open();
    const query = await browser.begin({ path: '/sign/in' });
    const page = await browser.viaWaf(query, wafToken(), '/sign/in');
    expect(page.location).toMatch(/^\/sign\/in\/jwt\/callback\?authRequestID=/);
    expect(outcome(await browser.get(page.location ?? ''))).toBe(HOME);
  });
});

describe('what the WAF says', () => {
  let browser: Browser;
  beforeEach(() => {
    browser = new Browser(signInApp({ maxAge: 3600 }));
  });

  test('counts with and without Bearer in front', async () => {
    const { location } = await browser.get(`/jwt/authorize?${await browser.begin()}`, { [WAF_HEADER]: wafToken() });
    expect(location).toMatch(/^\/jwt\/callback\?/);
  });

  test('counts while it is young enough, whenever it ends', async () => {
    const old = { iat: inSeconds(-3590), exp: inSeconds(9000) };
    expect(outcome(await browser.signIn(wafToken(old)))).toBe(HOME);
  });

  test('is told to the method’s listener, like everywhere', async () => {
    const told: string[] = [];
    const method = wafDoor({ onEvent: ({ type }) => told.push(type) });
    await new Browser(app(jwtIdp(idpOptions({ method })))).signIn(wafToken({ aud: AUDIENCE }));
    expect(told).toEqual(['accepted']);
  });
});
