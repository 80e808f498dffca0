import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { fakeClock } from '../helpers/fake-clock.js';
import { startProcess } from '../helpers/fleet.js';
import { AUDIENCE, ISSUER, PROVIDER_PEM } from '../helpers/oidc-door.js';
import { BINDING_COOKIE, Browser, HOME, outcome, queryOf, SECRET, signInApp, wafToken } from '../helpers/sign-in.js';
import type { SignInOrders } from '../helpers/sign-in-member.js';
import { WAF_HEADER } from '../helpers/waf.js';

// A secret and a directory of states are all that the two processes have in common.
const directory = await mkdtemp(join(tmpdir(), 'sallyport-states-'));
afterAll(() => rm(directory, { recursive: true, force: true }));
const orders: SignInOrders = {
  secret: SECRET,
  returnUrl: HOME,
  states: directory,
  waf: { header: WAF_HEADER, issuer: ISSUER, audience: AUDIENCE, publicKeys: PROVIDER_PEM },
};
const origins = await Promise.all([1, 2].map(() => startProcess('sign-in-member.ts', orders)));

/** A browser that is back from the WAF, and the query it is sent to `/jwt/callback` with. */
async function identified(listener = signInApp()): Promise<{ browser: Browser; query: URLSearchParams }> {
  const browser = new Browser(listener);
  const { location = '' } = await browser.viaWaf(await browser.begin(), wafToken());
  return { browser, query: queryOf(location) };
}

const callback = async (browser: Browser, query: URLSearchParams) =>
  outcome(await browser.get(`/jwt/callback?${query}`));
const authorize = async (browser: Browser, query: URLSearchParams) => outcome(await browser.viaWaf(query, wafToken()));

const changed = (query: URLSearchParams, name: string, value: string) => {
  const other = new URLSearchParams(query);
  other.set(name, value);
  return other;
};

/** One text for every part of a JWE, each with that part changed in one character, and each cut or lengthened. */
function tampered(sealed: string): string[] {
  const parts = sealed.split('.');
  const flipped = parts.flatMap((part, index) =>
    [0, part.length - 1].map((at) => {
      const other = part.slice(0, at) + (part[at] === 'A' ? 'B' : 'A') + part.slice(at + 1);
      return parts.with(index, other).join('.');
    }),
  );
  return [
    ...flipped,
    sealed.slice(0, -1),
    `${sealed}A`,
    `${sealed}=`,
    `${sealed}.`,
    ` ${sealed}`,
    parts.slice(1).join('.'),
    '',
  ];
}

describe('a state that was changed on its way', () => {
  test('is refused at /jwt/authorize, whichever character it was', async () => {
    const browser = new Browser(signInApp());
    const query = await browser.begin();
    for (const sealed of tampered(query.get('userAgentID') ?? ''))
      expect(await authorize(browser, changed(query, 'userAgentID', sealed))).toBe('400 state_invalid');
    expect(await authorize(browser, query)).toMatch(/^\/jwt\/callback/);
  });

  test('is refused at /jwt/callback, and the one that was not still counts', async () => {
    const { browser, query } = await identified();
    for (const sealed of tampered(query.get('userAgentID') ?? ''))
      expect(await callback(browser, changed(query, 'userAgentID', sealed))).toBe('400 state_invalid');
    expect(await callback(browser, query)).toBe(HOME);
  });

  test.each([
    [
      'the spelling of the last character, which decoders overlook',
      (sealed: string) => sealed.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1)),
    ],
    ['its header', (sealed: string) => sealed.replace(/^[^.]+/, Buffer.from('{"alg":"none"}').toString('base64url'))],
  ])('in %s is refused too', async (_where, change) => {
    const { browser, query } = await identified();
    const sealed = change(query.get('userAgentID') ?? '');
    expect(await callback(browser, changed(query, 'userAgentID', sealed))).toBe('400 state_invalid');
  });
});

describe('a state that is not for this', () => {
  test('opens at no other step', async () => {
    const browser = new Browser(signInApp());
    const begun = await browser.begin();
    const { location = '' } = await browser.viaWaf(begun, wafToken());
    expect(await callback(browser, begun)).toBe('400 state_invalid');
    expect(await authorize(browser, queryOf(location))).toBe('400 state_invalid');
  });

  test('opens under no other authRequestID', async () => {
    const browser = new Browser(signInApp());
    const [one, other] = [await browser.begin(), await browser.begin()];
    const id = other.get('authRequestID') ?? '';
    expect(await authorize(browser, changed(one, 'authRequestID', id))).toBe('400 state_invalid');
  });

  test('of another application with another secret opens at neither', async () => {
    const elsewhere = new Browser(signInApp({ secret: 'yet another secret of thirty-two bytes' }));
    expect(await authorize(new Browser(signInApp()), await elsewhere.begin())).toBe('400 state_invalid');
  });

  test.each(['authRequestID', 'userAgentID'])('that lacks %s, or has it twice, is refused', async (name) => {
    const browser = new Browser(signInApp());
    const query = await browser.begin();
    const [without, twice] = [new URLSearchParams(query), new URLSearchParams(query)];
    without.delete(name);
    twice.append(name, query.get(name) ?? '');
    for (const wrong of [without, twice]) {
      expect(await authorize(browser, wrong)).toBe('400 state_invalid');
      expect(await callback(browser, wrong)).toBe('400 state_invalid');
    }
  });
});

describe('a sign-in', () => {
  test('is completed once', async () => {
    const { browser, query } = await identified();
    expect(await callback(browser, query)).toBe(HOME);
    browser.cookies.delete('__Host-session');
    expect(await callback(browser, query)).toBe('400 state_replayed');
    expect(browser.cookies.has('__Host-session')).toBe(false);
  });

  test('is completed once, however often it came through the WAF', async () => {
    const browser = new Browser(signInApp());
    const begun = await browser.begin();
    const ways = [await browser.viaWaf(begun, wafToken()), await browser.viaWaf(begun, wafToken({ sub: 'bob' }))];
    const outcomes = await Promise.all(ways.map(({ location = '' }) => callback(browser, queryOf(location))));
    expect(outcomes.sort()).toEqual(['400 state_replayed', HOME]);
  });

  test('is completed by nobody else, who cannot use it up either', async () => {
    const listener = signInApp();
    const { browser, query } = await identified(listener);
    const [stranger, other] = [new Browser(listener), new Browser(listener)];
    await other.begin();
    for (const thief of [stranger, other]) {
      expect(await callback(thief, query)).toBe('403 state_of_another_browser');
      expect(thief.cookies.has('__Host-session')).toBe(false);
    }
    expect(await callback(browser, query)).toBe(HOME);
  });

  test('of somebody else registers nobody at the WAF', async () => {
    const listener = signInApp();
    const [attacker, victim] = [new Browser(listener), new Browser(listener)];
    await victim.begin();
    expect(await authorize(victim, await attacker.begin())).toBe('403 state_of_another_browser');
  });

  test('is not completed where two cookies say which browser it is', async () => {
    const { browser, query } = await identified();
    const [planted, own] = [
      `${BINDING_COOKIE}=${'x'.repeat(43)}`,
      `${BINDING_COOKIE}=${browser.cookies.get(BINDING_COOKIE)}`,
    ];
    for (const cookie of [`${planted}; ${own}`, `${own}; ${planted}`])
      expect(outcome(await browser.get(`/jwt/callback?${query}`, { cookie }))).toBe('403 state_of_another_browser');
  });

  test('gives a browser that shows a cookie which is none of ours a new one', async () => {
    const browser = new Browser(signInApp());
    browser.cookies.set(BINDING_COOKIE, 'planted');
    await browser.begin();
    expect(browser.cookies.get(BINDING_COOKIE)).toMatch(/^[\w-]{43}$/);
  });
});

describe('after five minutes', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  test('no sign-in goes on, wherever it is', async () => {
    const listener = signInApp();
    const advance = fakeClock();
    const early = new Browser(listener);
    const begun = await early.begin();
    const { browser, query } = await identified(listener);
    advance(299);
    expect(await authorize(early, begun)).toMatch(/^\/jwt\/callback/);
    advance(2);
    expect(await authorize(early, begun)).toBe('400 state_expired');
    expect(await callback(browser, query)).toBe('400 state_expired');
  });

  test('coming through the WAF again wins no time', async () => {
    const listener = signInApp();
    const advance = fakeClock();
    const browser = new Browser(listener);
    const begun = await browser.begin();
    advance(200);
    const { location = '' } = await browser.viaWaf(begun, wafToken());
    advance(101);
    expect(await callback(browser, queryOf(location))).toBe('400 state_expired');
  });
});

describe('two processes that share a secret and a store of states', () => {
  /** Sends the browser's request to another process. */
  const moved = (browser: Browser, origin: string | undefined) => {
    const other = new Browser(origin ?? '');
    for (const [name, value] of browser.cookies) other.cookies.set(name, value);
    return other;
  };

  test('complete a sign-in together, and once', async () => {
    const here = new Browser(origins[0] ?? '');
    const begun = await here.begin();
    const there = moved(here, origins[1]);
    const { location = '' } = await there.viaWaf(begun, wafToken());
    const outcomes = await Promise.all([here, there].map((browser) => callback(browser, queryOf(location))));
    expect(outcomes.sort()).toEqual(['400 state_replayed', HOME]);
    const pids = await Promise.all([here, there].map(async (browser) => (await browser.get('/pid')).text));
    expect(new Set(pids).size).toBe(2);
  });
});
