import { performance } from 'node:perf_hooks';
import { describe, expect, jest, test } from '@jest/globals';
import { fakeClock } from '../helpers/fake-clock.js';
import { type Answer, apiTrusting, GOOD, issuerForTest } from '../helpers/key-journey.js';

const UNAVAILABLE: Answer = { status: 503, code: 'keys_unavailable', retryAfter: expect.any(String) as never };

describe('a provider that is down at start', () => {
  test('is a 503 that says when to come back, and a 200 once it is up', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest();
    const token = await issuer.mint();
    await issuer.stop();
    const api = apiTrusting(issuer);
    expect(await api.get(token)).toEqual({ status: 503, code: 'keys_unavailable', retryAfter: '1' });
    await issuer.start();
    advance(0.9);
    expect(await api.get(token)).toEqual({ status: 503, code: 'keys_unavailable', retryAfter: '1' });
    advance(0.1);
    expect(await api.get(token)).toEqual(GOOD);
  });

  test('is asked again after 1, 2, 4, 8, 16 seconds, and then once per cooldown, however many ask', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest();
    issuer.fault('discovery', 'disconnect');
    const api = apiTrusting(issuer);
    const token = await issuer.mint();
    const askTogether = () => Promise.all(Array.from({ length: 20 }, () => api.get(token)));
    let attempts = 0;
    for (const pause of [1, 2, 4, 8, 16, 30, 30]) {
      expect(new Set((await askTogether()).map(({ status }) => status))).toEqual(new Set([503]));
      attempts += 1;
      expect(await api.get(token)).toEqual({ status: 503, code: 'keys_unavailable', retryAfter: String(pause) });
      advance(pause - 0.5);
      expect((await api.get(token)).status).toBe(503);
      expect(issuer.counts.discovery).toBe(attempts);
      advance(0.5);
    }
    issuer.heal();
    expect(await api.get(token)).toEqual(GOOD);
  });

  test('keeps to a cooldown of less than that', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest();
    issuer.fault('jwks', { status: 500 });
    const api = apiTrusting(issuer, { cooldown: 3 });
    const token = await issuer.mint();
    for (const pause of [1, 2, 3, 3]) {
      expect(await api.get(token)).toMatchObject({ status: 503, retryAfter: String(pause) });
      advance(pause);
    }
  });

  test('is protected by the whole cooldown once keys were loaded', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest();
    issuer.fault('jwks', { status: 500 });
    const api = apiTrusting(issuer, { maxStale: 0 });
    expect(await api.get(await issuer.mint())).toMatchObject({ status: 503 });
    issuer.heal();
    advance(1);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    issuer.fault('jwks', { status: 500 });
    advance(601);
    expect(await api.get(await issuer.mint())).toMatchObject({ status: 503, retryAfter: '30' });
    advance(29);
    expect(await api.get(await issuer.mint())).toMatchObject({ status: 503, retryAfter: '1' });
    expect(issuer.counts.jwks).toBe(3);
  });

  test('makes nobody anonymous, even where failures are covered', async () => {
    const issuer = await issuerForTest();
    issuer.fault('jwks', { status: 500 });
    const api = apiTrusting(issuer, { anonymous: { username: 'guest', coverFailures: true } });
    expect(await api.get(await issuer.mint())).toEqual(UNAVAILABLE);
    expect(await api.get('not-a-token')).toEqual(GOOD);
  });

  test('does not turn tokens that are bad by themselves into outages, nor is it asked for them', async () => {
    const issuer = await issuerForTest();
    const { url, counts } = issuer;
    const tokens = await Promise.all([
      issuer.mint({}, { lifetime: -120 }),
      issuer.mint({ aud: 'others' }),
      issuer.mint({ iss: `${url}/` }),
    ]);
    issuer.fault('discovery', { status: 500 });
    const api = apiTrusting(issuer);
    const codes = await Promise.all(tokens.map(async (token) => (await api.get(token)).code));
    expect(codes).toEqual(['token_expired', 'audience_mismatch', 'issuer_unknown']);
    expect(issuer.counts).toEqual(counts);
  });

  test('fails ready(), which may be tried again', async () => {
    const issuer = await issuerForTest();
    issuer.fault('jwks', { status: 503 });
    const { method, get } = apiTrusting(issuer, { cooldown: 0 });
    await expect(method.ready()).rejects.toMatchObject({ code: 'keys_unavailable', status: 503 });
    issuer.heal();
    await expect(method.ready()).resolves.toBeUndefined();
    await issuer.stop();
    expect(await get(await issuer.mint())).toEqual(GOOD);
  });
});

describe('a provider that goes down after it was asked', () => {
  test('is not missed within maxStale, and is a 503 beyond', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer, { maxStale: 1200 });
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    await issuer.stop();
    advance(600 + 1190);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    expect(api.told('keys_failed')).toEqual([
      { type: 'keys_failed', source: issuer.url, reason: expect.stringContaining('ECONNREFUSED'), servingStale: true },
    ]);
    advance(31);
    expect(await api.get(await issuer.mint())).toEqual(UNAVAILABLE);
    expect(api.told('keys_failed').at(-1)).toMatchObject({ servingStale: false });
    await issuer.start();
    advance(31);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
  });

  test('is missed at the end of freshness where maxStale is 0', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer, { maxStale: 0 });
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    await issuer.stop();
    advance(599);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    advance(2);
    expect(await api.get(await issuer.mint())).toEqual(UNAVAILABLE);
  });

  test('serves for an hour by default', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    await api.method.ready();
    await issuer.stop();
    advance(600 + 3590);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    advance(11);
    expect(await api.get(await issuer.mint())).toEqual(UNAVAILABLE);
  });

  test('costs one attempt per cooldown while old keys serve', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    await api.method.ready();
    issuer.fault('jwks', { status: 500 });
    advance(601);
    for (let request = 0; request < 10; request += 1) expect(await api.get(await issuer.mint())).toEqual(GOOD);
    expect(issuer.counts.jwks).toBe(2);
    advance(31);
    for (let request = 0; request < 10; request += 1) expect(await api.get(await issuer.mint())).toEqual(GOOD);
    expect(issuer.counts.jwks).toBe(3);
  });

  test('makes nobody wait again once the outage is known', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    await api.method.ready();
    issuer.fault('jwks', 'disconnect');
    advance(601);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    advance(31);
    issuer.fault('jwks', 'no-answer');
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    expect(api.told('keys_failed')).toHaveLength(1);
  });

  test('makes an unknown kid a 503, since nobody can tell, while known ones pass', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    const known = await issuer.mint();
    expect(await api.get(known)).toEqual(GOOD);
    await issuer.rotate();
    await issuer.stop();
    advance(31);
    expect(await api.get(await issuer.mint())).toEqual(UNAVAILABLE);
    expect(await api.get(known)).toEqual(GOOD);
    await issuer.start();
    advance(31);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
  });
});

test('a clock that is set back does not keep old keys alive', async () => {
  const issuer = await issuerForTest();
  const api = apiTrusting(issuer, { maxStale: 0 });
  await api.method.ready();
  await issuer.stop();
  const monotonic = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 601_000);
  expect(await api.get(await issuer.mint())).toEqual(UNAVAILABLE);
  monotonic.mockRestore();
});
