import { describe, expect, test } from '@jest/globals';
import { type AuthEvent, type JwtIdpOptions, jwtIdp, memoryUsers, type StateStore } from '../../lib/index.js';
import { STRANGER_KEY } from '../helpers/oidc-door.js';
import { app, type Middleware } from '../helpers/servers.js';
import {
  BINDING_COOKIE,
  Browser,
  HOME,
  idpOptions,
  outcome,
  type Page,
  signInApp,
  wafToken,
} from '../helpers/sign-in.js';
import { inSeconds } from '../helpers/tokens.js';
import { WAF_HEADER, wafDoor } from '../helpers/waf.js';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

/** What becomes of a sign-in with this token from the WAF. */
async function verdict(token: string | undefined, options: Partial<JwtIdpOptions> = {}): Promise<string> {
  const browser = new Browser(signInApp(options));
  return outcome(await browser.viaWaf(await browser.begin(), token));
}

describe('what the WAF’s header may be', () => {
  const good = wafToken();
  test.each<[what: string, token: string | undefined, expected: string]>([
    ['missing', undefined, '401 credentials_missing'],
    ['empty', '', '400 request_malformed'],
    ['garbage', 'garbage', '401 token_malformed'],
    ['markup', '<script>alert(1)</script>', '401 token_malformed'],
    ['two tokens in one', `${good},${good}`, '400 credentials_ambiguous'],
    ['of another issuer', wafToken({ iss: 'https://login.example.com/' }), '401 issuer_unknown'],
    ['for another audience', wafToken({ aud: 'somebody else' }), '401 audience_mismatch'],
    ['signed by a stranger', wafToken({}, { key: STRANGER_KEY }), '401 signature_invalid'],
    ['expired', wafToken({ exp: inSeconds(-61) }), '401 token_expired'],
    ['of the future', wafToken({ iat: inSeconds(120) }), '401 token_not_yet_valid'],
    ['too old', wafToken({ iat: inSeconds(-3610), exp: inSeconds(300) }), '401 token_expired'],
    ['of an unknown age', wafToken({ iat: undefined }), '401 claim_missing'],
  ])('not %s', async (_what, token, expected) => {
    expect(await verdict(token, { maxAge: 3600 })).toBe(expected);
  });

  test('not from a peer that may not write it', async () => {
    const method = wafDoor({ trustedPeers: ['10.0.0.0/8'] });
    expect(await verdict(good, { method })).toBe('401 peer_untrusted');
  });

  test('not one that has ended within the clock tolerance: no session comes of it', async () => {
    const browser = new Browser(signInApp());
    const page = await browser.signIn(wafToken({ exp: inSeconds(-5) }));
    expect(outcome(page)).toBe('401 token_expired');
    expect([...browser.cookies.keys()]).toEqual(['__Host-sign-in']);
  });
});

describe('people who may not come in', () => {
  const users = (options: object) => wafDoor({ users: { store: memoryUsers(), ...options } });
  test.each<[string, ReturnType<typeof wafDoor>, string]>([
    ['are unknown where nobody is registered', users({}), '403 user_not_registered'],
    ['wait for approval', users({ autoRegister: 'pending' }), '403 user_pending'],
    [
      'are of another domain',
      users({ autoRegister: true, allowedDomains: ['example.org'] }),
      '403 registration_denied',
    ],
    ['are not in the callback’s records', wafDoor({ users: () => null }), '403 user_not_registered'],
  ])('%s', async (_who, method, expected) => {
    expect(await verdict(wafToken({ email: 'alice@example.com', email_verified: true }), { method })).toBe(expected);
  });

  test('get a page that says so, and no session', async () => {
    const browser = new Browser(signInApp({ method: users({}) }));
    const page = await browser.get(`/jwt/authorize?${await browser.begin()}`, { ...HTML, [WAF_HEADER]: wafToken() });
    expect(page.status).toBe(403);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.text).toContain('not registered here');
    expect(page.text).toContain('<code>user_not_registered</code>');
    expect([...browser.cookies.keys()]).toEqual(['__Host-sign-in']);
  });

  test('are not registered by a token that is too old', async () => {
    const store = memoryUsers();
    const method = wafDoor({ users: { store, autoRegister: true } });
    const old = wafToken({ iat: inSeconds(-3610) });
    expect(await verdict(old, { method, maxAge: 3600 })).toBe('401 token_expired');
    expect(await store.find({ tenant: '', issuer: 'https://login.example.com', subject: 'alice' })).toBeUndefined();
  });

  test('nor by a state that was not begun here', async () => {
    let asked = 0;
    const method = wafDoor({ users: async () => ({ asked: ++asked }) });
    const browser = new Browser(signInApp({ method }));
    const page = await browser.viaWaf(new URLSearchParams({ authRequestID: 'a', userAgentID: 'b' }), wafToken());
    expect([outcome(page), asked]).toEqual(['400 state_invalid', 0]);
  });
});

describe('people of whom so much is known that no cookie holds it', () => {
  const tokenWith = (count: number) =>
    wafToken({ groups: Array.from({ length: count }, (_, index) => `group ${index}`) });

  test('get a page in place of a session that the browser drops', async () => {
    const browser = new Browser(signInApp());
    expect(outcome(await browser.signIn(tokenWith(250)))).toBe('401 token_too_large');
    expect([...browser.cookies.keys()]).toEqual([BINDING_COOKIE]);
  });

  test('get it at the WAF already, where no address would carry them back', async () => {
    expect(await verdict(tokenWith(250))).toMatch(/^\/jwt\/callback/);
    expect(await verdict(tokenWith(500))).toBe('401 token_too_large');
  });
});

describe('addresses to return to', () => {
  test.each([
    '//evil.example',
    '///evil.example',
    'https:evil.example',
    'https:/evil.example',
    'https:\\\\evil.example',
    '/\\evil.example',
    '\\/evil.example',
    '/orders\\..',
    '/\t/evil.example',
    '/orders\r\nSet-Cookie: a=b',
    '/orders\0',
    ' /orders',
    '/orders/',
    '/orders?x=1',
    '/orders#x',
    '/%6frders',
    '/ORDERS',
    '/orders/../admin',
    'https://app.example.com',
    'https://app.example.com/evil',
    'https://app.example.com.evil.example/',
    'https://app.example.com@evil.example/',
    'https://evil.example/#https://app.example.com/',
    'https://аpp.example.com/home',
    'HTTPS://app.example.com/home',
    'https://app.example.com:443/home',
    'http://app.example.com/home',
    'javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    '',
  ])('refuses %j, and begins nothing', async (returnTo) => {
    const browser = new Browser(signInApp());
    const page = await browser.get(`/login?${new URLSearchParams({ return_to: returnTo })}`);
    expect(outcome(page)).toBe('400 return_url_not_allowed');
    expect(browser.cookies.size).toBe(0);
  });

  test.each([
    'return_to=/orders&return_to=/orders',
    `return_to=/orders&return_to=${encodeURIComponent('//evil.example')}`,
  ])('refuses two: %s', async (query) => {
    expect(outcome(await new Browser(signInApp()).get(`/login?${query}`))).toBe('400 return_url_not_allowed');
  });

  test('are looked at again at the end, by the list of whoever ends it', async () => {
    const browser = new Browser(signInApp());
    const { location = '' } = await browser.viaWaf(await browser.begin({ returnTo: '/orders' }), wafToken());
    const elsewhere = new Browser(signInApp({ allowedReturnUrls: [HOME] }));
    for (const [name, value] of browser.cookies) elsewhere.cookies.set(name, value);
    expect(outcome(await elsewhere.get(location))).toBe('400 return_url_not_allowed');
  });
});

describe('a refusal', () => {
  const html = (path: string, options: Partial<JwtIdpOptions> = {}) => new Browser(signInApp(options)).get(path, HTML);

  test('says to a browser without a session at the WAF that this is what is missing', async () => {
    const browser = new Browser(signInApp());
    const page = await browser.get(`/jwt/authorize?${await browser.begin()}`, HTML);
    expect(page.status).toBe(401);
    expect(page.text).toContain('You are not signed in at the gateway');
    expect(page.text).toContain('<code>credentials_missing</code>');
  });

  test.each([
    '/login?return_to=//evil.example',
    '/jwt/authorize',
    '/jwt/callback',
    '/jwt/callback?authRequestID=a&userAgentID=b',
  ])('of %s is a page that nobody keeps, frames or runs, and no redirect', async (path) => {
    const page = await html(path);
    expect(page.status).toBe(400);
    expect(page.location).toBeUndefined();
    expect(page.text).toMatch(/^<!doctype html>/);
    expect(page.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      vary: 'Accept',
    });
  });

  test.each([
    '/login?return_to=<script>alert(1)</script>',
    '/jwt/authorize?authRequestID=<script>alert(1)</script>&userAgentID=<script>alert(1)</script>',
    '/jwt/callback?authRequestID="><img src=x onerror=alert(1)>&userAgentID=x',
  ])('shows nothing of %s', async (path) => {
    const { text } = await html(encodeURI(path));
    expect(text).not.toMatch(/script|onerror|img/);
  });

  test.each<[string | undefined, string]>([
    ['text/html', 'text/html; charset=utf-8'],
    ['application/xml, TEXT/HTML;q=0.9', 'text/html; charset=utf-8'],
    ['application/json', 'application/problem+json'],
    ['*/*', 'application/problem+json'],
    ['text/html;q=0', 'application/problem+json'],
    ['text/html-like', 'application/problem+json'],
  ])('where %s is asked for is %s', async (accept, type) => {
    const page = await new Browser(signInApp()).get('/jwt/callback', accept === undefined ? {} : { accept });
    expect(page.headers['content-type']).toBe(type);
  });

  test('does not say what was wrong with a token, unless it is told to', async () => {
    const bad = (exposeReason: boolean) => verdict(wafToken({ aud: 'x' }), { exposeReason });
    expect([await bad(false), await bad(true)]).toEqual(['401 invalid_token', '401 audience_mismatch']);
  });

  test('can be answered by the application', async () => {
    const respond: JwtIdpOptions['respond'] = (error, _req, res) => {
      res.statusCode = 418;
      res.end(JSON.stringify({ code: error.code }));
    };
    const page = await new Browser(signInApp({ respond })).get('/jwt/callback');
    expect([page.status, page.text]).toEqual([418, '{"code":"state_invalid"}']);
  });

  test('goes to the error handler where that is asked for, without the WAF’s header', async () => {
    const idp = jwtIdp(idpOptions({ respond: 'next' }));
    const catching: Middleware = (req, res, next) =>
      idp(req, res, (error) => {
        if (error === undefined) return next();
        res.end(JSON.stringify({ error, header: req.headers[WAF_HEADER] }));
      });
    const { text } = await new Browser(app(catching)).get('/jwt/callback', { [WAF_HEADER]: wafToken() });
    expect(JSON.parse(text)).toEqual({ error: expect.objectContaining({ code: 'state_invalid', status: 400 }) });
  });

  test('is told to the listener with its precise code, and without anything personal', async () => {
    const told: AuthEvent[] = [];
    const onEvent = (event: AuthEvent) => void told.push(event);
    const users = { store: memoryUsers() };
    const method = wafDoor({ name: 'waf', users });
    await verdict(wafToken({ email: 'alice@example.com' }), { method, onEvent });
    await new Browser(signInApp({ onEvent })).get('/jwt/callback');
    expect(told.map((event) => 'code' in event && [event.method, event.code])).toEqual([
      ['waf', 'user_not_registered'],
      ['jwtIdp', 'state_invalid'],
    ]);
    expect(JSON.stringify(told)).not.toContain('alice');
  });
});

describe('an outage of ours', () => {
  const outcomeWith = async (states: StateStore): Promise<Page> =>
    new Browser(signInApp({ states })).signIn(wafToken());

  test('of the store of states is a 503, and no session', async () => {
    const page = await outcomeWith({ claim: () => Promise.reject(new Error('down')) });
    expect(outcome(page)).toBe('503 store_unavailable');
    expect(page.headers['retry-after']).toBeDefined();
    expect(page.headers).not.toHaveProperty('set-cookie');
  });

  test.each([undefined, null, 'OK', 1])('is not taken for a yes when the store answers %j', async (answer) => {
    expect(outcome(await outcomeWith({ claim: async () => answer as unknown as boolean }))).toBe('400 state_replayed');
  });

  test('of the users is a 503', async () => {
    const method = wafDoor({ users: () => Promise.reject(new Error('down')) });
    expect(await verdict(wafToken(), { method })).toBe('503 provisioning_unavailable');
  });
});
