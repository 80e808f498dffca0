import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { TestIssuer } from '../../lib/testing/index.js';
import { fakeClock } from '../helpers/fake-clock.js';
import { processForTest } from '../helpers/fleet.js';
import { type Api, apiTrusting, GOOD, issuerForTest } from '../helpers/key-journey.js';
import type { MethodOrders } from '../helpers/open-method.js';
import { until } from '../helpers/until.js';

const loads = (api: Api) => api.told('keys_loaded').length;
const failures = (api: Api) => api.told('keys_failed').length;

/** Whether the background asks at all: what it would have begun has arrived by then. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
}

/** What chance says, from 0 to 1; without chance, timers are due to the second. */
const chance = (value: number) => jest.spyOn(Math, 'random').mockReturnValue(value);

afterEach(() => void jest.restoreAllMocks());

describe('creation', () => {
  test('touches no network, nor do requests without a token of ours', async () => {
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    await api.get('not-a-token');
    await settle();
    expect(issuer.counts.discovery).toBe(0);
    expect(api.method.health()).toEqual([{ source: issuer.url, keyCount: 0 }]);
  });
});

describe('ready()', () => {
  test('loads the keys, so that the first request fetches nothing', async () => {
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    await Promise.all([api.method.ready(), api.method.ready()]);
    await issuer.stop();
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    expect(issuer.counts).toMatchObject({ discovery: 1, jwks: 1 });
  });
});

describe('keys in use', () => {
  test('are refreshed ahead of their expiry, off the request path', async () => {
    chance(0);
    const advance = fakeClock({ timers: true });
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    await api.method.ready();
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    advance(480);
    await until(() => loads(api) === 2);
    issuer.fault('jwks', 'no-answer');
    advance(300);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    expect(issuer.counts.jwks).toBe(2);
  });

  test.each([
    [0, 480],
    [1, 432],
  ])('are refreshed after four fifths of their time, less up to a tenth by chance (%d)', async (luck, seconds) => {
    chance(luck);
    const advance = fakeClock({ timers: true });
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    await api.method.ready();
    await api.get(await issuer.mint());
    advance(seconds - 1);
    await settle();
    expect(issuer.counts.jwks).toBe(1);
    advance(1);
    await until(() => loads(api) === 2);
  });

  test('that nobody used meanwhile are not refreshed until somebody does, who need not wait', async () => {
    chance(0);
    const advance = fakeClock({ timers: true });
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    await api.method.ready();
    advance(550);
    await settle();
    expect(issuer.counts.jwks).toBe(1);
    issuer.fault('jwks', 'no-answer');
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    await until(() => issuer.counts.jwks === 2);
    expect(loads(api)).toBe(1);
  });

  test('are asked for again in the background when a refresh failed, ever more rarely', async () => {
    chance(0);
    const advance = fakeClock({ timers: true });
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    await api.method.ready();
    await api.get(await issuer.mint());
    issuer.fault('jwks', { status: 500 });
    advance(480);
    await until(() => failures(api) === 1);
    for (const [index, delay] of [30, 60, 120, 240, 300, 300].entries()) {
      advance(delay - 1);
      await settle();
      expect(failures(api)).toBe(index + 1);
      advance(1);
      await until(() => failures(api) === index + 2);
    }
    issuer.heal();
    advance(300);
    await until(() => loads(api) === 2);
  });

  test('of a provider that was down at start arrive without a request', async () => {
    chance(1);
    const advance = fakeClock({ timers: true });
    const issuer = await issuerForTest();
    issuer.fault('discovery', { status: 502 });
    const api = apiTrusting(issuer);
    expect(await api.get(await issuer.mint())).toMatchObject({ status: 503 });
    issuer.heal();
    advance(1.2);
    await until(() => loads(api) === 1);
    await issuer.stop();
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
  });

  test('arrive after a ready() that failed, 1, 2, 4 seconds later, without a request', async () => {
    chance(0);
    const advance = fakeClock({ timers: true });
    const issuer = await issuerForTest();
    issuer.fault('jwks', { status: 502 });
    const api = apiTrusting(issuer);
    await expect(api.method.ready()).rejects.toMatchObject({ code: 'keys_unavailable' });
    for (const [failed, pause] of [1, 2].entries()) {
      advance(pause - 0.1);
      await settle();
      expect(failures(api)).toBe(failed + 1);
      advance(0.2);
      await until(() => failures(api) === failed + 2);
    }
    issuer.heal();
    advance(4);
    await until(() => loads(api) === 1);
    await issuer.stop();
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
  });

  test('are no longer looked for, after a first load that failed, once the method is closed', async () => {
    const advance = fakeClock({ timers: true });
    const issuer = await issuerForTest();
    issuer.fault('jwks', { status: 502 });
    const api = apiTrusting(issuer);
    await expect(api.method.ready()).rejects.toMatchObject({ code: 'keys_unavailable' });
    await api.method.close();
    advance(100);
    await settle();
    expect(issuer.counts.jwks).toBe(1);
  });
});

describe('Cache-Control', () => {
  /** Seconds for which keys count as fresh: within them nothing is fetched, after them something is. */
  async function expectFreshFor(seconds: number, cacheControl: string | undefined): Promise<void> {
    const advance = fakeClock();
    const issuer = await issuerForTest(cacheControl === undefined ? {} : { cacheControl });
    const api = apiTrusting(issuer);
    await api.method.ready();
    advance(seconds - 1);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    expect(issuer.counts.jwks).toBe(1);
    advance(2);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    expect(issuer.counts.jwks).toBe(2);
  }

  test.each([
    ['nothing', undefined, 600],
    ['max-age=1800', 'public, max-age=1800, must-revalidate', 1800],
    ['max-age=5, at least a minute', 'max-age=5', 60],
    ['max-age=0', 'max-age=0', 60],
    ['no-store', 'no-store, max-age=1800', 60],
    ['a week, at most a day', 'max-age=604800', 86_400],
    ['an endless number', `max-age=${'9'.repeat(400)}`, 86_400],
    ['s-maxage, which is for shared caches', 's-maxage=5', 600],
    ['max-age that is no number', 'max-age=soon', 600],
  ])('of %s is obeyed within its bounds', async (_what, cacheControl, seconds) => {
    await expectFreshFor(seconds, cacheControl);
  });

  test('never makes keys expire before the cooldown lets us look again', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest({ cacheControl: 'max-age=60' });
    const api = apiTrusting(issuer, { cooldown: 900, maxStale: 0 });
    await api.method.ready();
    advance(890);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    expect(issuer.counts.jwks).toBe(1);
    advance(11);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    expect(issuer.counts.jwks).toBe(2);
  });
});

describe('health()', () => {
  test('says when keys were loaded, how old and how many they are, and what went wrong last', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest({ algorithms: ['ES256', 'RS256'] });
    const { method, get } = apiTrusting(issuer);
    const start = new Date();
    await method.ready();
    advance(100);
    expect(method.health()).toEqual([{ source: issuer.url, keyCount: 2, age: 100, lastSuccess: start }]);
    issuer.fault('jwks', { status: 500 });
    advance(600);
    await get(await issuer.mint());
    expect(method.health()).toEqual([
      {
        source: issuer.url,
        keyCount: 2,
        age: 700,
        lastSuccess: start,
        lastError: { at: new Date(), message: 'the answer has the status 500' },
      },
    ]);
  });

  test('names a key set by its URL', async () => {
    const issuer = await issuerForTest();
    const { jwks_uri: jwksUri } = issuer.metadata;
    const api = apiTrusting(issuer, { jwksUri });
    await api.method.ready();
    expect(api.method.health()).toMatchObject([{ source: jwksUri, keyCount: 1 }]);
    expect(api.events).toEqual([{ type: 'keys_loaded', source: jwksUri, keyCount: 1 }]);
  });
});

describe('close()', () => {
  async function closedWhileAsking(fault: (issuer: TestIssuer) => void): Promise<Api> {
    // The time limit of a look must not end it in place of close().
    fakeClock({ timers: true });
    const issuer = await issuerForTest();
    fault(issuer);
    const api = apiTrusting(issuer);
    const pending = api.method.ready().catch((error: { code: string }) => error.code);
    await until(() => issuer.counts.jwks + issuer.counts.discovery > 0);
    await api.method.close();
    expect(await pending).toBe('keys_unavailable');
    return api;
  }

  test.each(['no-answer', 'endless-body'] as const)('ends a look at the provider under way (%s)', async (fault) => {
    const sockets: Socket[] = [];
    const note = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
    subscribe('http.server.request.start', note);
    const api = await closedWhileAsking((issuer) => issuer.fault('discovery', fault));
    unsubscribe('http.server.request.start', note);
    expect(sockets).toHaveLength(1);
    // The test's server side of the connection goes with it.
    await until(() => sockets.every(({ destroyed }) => destroyed));
    expect(api.told('keys_failed')).toEqual([]);
  });

  test('stops refreshing and retrying in the background', async () => {
    const advance = fakeClock({ timers: true });
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    await api.method.ready();
    await api.get(await issuer.mint());
    await api.method.close();
    advance(5000);
    await settle();
    expect(issuer.counts.jwks).toBe(1);
  });

  test('leaves no timer that keeps the process alive, nor does an open method', async () => {
    const issuer = await issuerForTest();
    const trust = { issuer: issuer.url, audience: issuer.audience };
    const orders: MethodOrders[] = [
      { ...trust, close: false },
      { ...trust, close: true },
    ];
    const processes = orders.map((order) => processForTest('open-method.ts', order));
    const ends = await Promise.all(processes.map((one) => once(one, 'exit')));
    expect(ends).toEqual([
      [0, null],
      [0, null],
    ]);
    expect(issuer.counts.jwks).toBe(2);
  });
});
