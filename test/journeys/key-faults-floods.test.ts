import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, jest, test } from '@jest/globals';
import type { IssuerOptions } from '../../lib/index.js';
import {
  apiTrusting,
  ask,
  fakeClock,
  GOOD,
  getAllAtOnce,
  inventedToken,
  issuerForTest,
} from '../helpers/key-journey.js';

// Counts decide here, not time; a busy machine may take its own.
jest.setTimeout(120_000);

const numbered = (count: number) => Array.from({ length: count }, (_, index) => index);

// Under a fake clock no time limit runs out, however long a busy machine takes for thousands of requests before it gets
// to the answer of the provider.

describe('10,000 invented kids', () => {
  test('cost at most one fetch, are all refused, and leave known kids alone', async () => {
    const advance = fakeClock({ timers: true });
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    await api.method.ready();
    advance(31);
    const tokens = numbered(10_000).map((index) => inventedToken(issuer, `kid-${index}`));
    expect(await getAllAtOnce(api.listener, tokens.slice(0, 200))).toEqual({ 401: 200 });
    const codes = await Promise.all(tokens.slice(200).map((token) => ask(api.method, token)));
    expect(new Set(codes)).toEqual(new Set(['key_not_found']));
    expect(issuer.counts).toMatchObject({ discovery: 1, jwks: 2 });
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
  });

  test('cost nothing within the cooldown of the first load', async () => {
    fakeClock({ timers: true });
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    const tokens = numbered(10_000).map((index) => inventedToken(issuer, `kid-${index}`));
    await Promise.all(tokens.map((token) => ask(api.method, token)));
    expect(issuer.counts).toMatchObject({ discovery: 1, jwks: 1 });
  });

  test('cost one attempt where the provider is down, and never lock out known kids', async () => {
    const advance = fakeClock({ timers: true });
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    await api.method.ready();
    issuer.fault('jwks', 'disconnect');
    advance(31);
    const tokens = numbered(1_000).map((index) => inventedToken(issuer, `kid-${index}`));
    const codes = await Promise.all(tokens.map((token) => ask(api.method, token)));
    expect(new Set(codes)).toEqual(new Set(['keys_unavailable']));
    expect(issuer.counts.jwks).toBe(2);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
  });
});

describe('1,000 requests at once to a cold method', () => {
  test('cost one fetch, and all pass', async () => {
    fakeClock({ timers: true });
    const issuer = await issuerForTest();
    issuer.fault('jwks', { delay: 0.2 });
    const api = apiTrusting(issuer);
    const token = await issuer.mint();
    const [overHttp, asked] = await Promise.all([
      getAllAtOnce(api.listener, Array(200).fill(token)),
      Promise.all(numbered(800).map(() => ask(api.method, token))),
    ]);
    expect([overHttp, new Set(asked)]).toEqual([{ 200: 200 }, new Set(['ok'])]);
    expect(issuer.counts).toMatchObject({ discovery: 1, jwks: 1 });
  });

  test('cost one attempt where the provider is down, and all are told so', async () => {
    fakeClock({ timers: true });
    const issuer = await issuerForTest();
    issuer.fault('discovery', 'disconnect');
    const api = apiTrusting(issuer);
    const token = await issuer.mint();
    const [overHttp, asked] = await Promise.all([
      getAllAtOnce(api.listener, Array(200).fill(token)),
      Promise.all(numbered(800).map(() => ask(api.method, token))),
    ]);
    expect([overHttp, new Set(asked)]).toEqual([{ 503: 200 }, new Set(['keys_unavailable'])]);
    expect(issuer.counts.discovery).toBe(1);
  });
});

/** Bytes in use after everything that can go has gone. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

/** Long enough that keeping 10,000 of them would show. */
const inventedIssuer = (index: number) => `https://${index}.example.com/${'x'.repeat(1500)}`;

async function sendInventedIssuers(api: ReturnType<typeof apiTrusting>, from: number): Promise<Set<string>> {
  const codes = new Set<string>();
  for (const index of numbered(10_000)) {
    codes.add(await ask(api.method, inventedToken({ url: inventedIssuer(from + index), audience: 'test-api' }, 'k')));
  }
  api.events.length = 0;
  return codes;
}

describe('10,000 invented issuers', () => {
  const ALLOWED_GROWTH = 5_000_000;

  async function growthUnder(api: ReturnType<typeof apiTrusting>): Promise<number> {
    expect(await sendInventedIssuers(api, 0)).toEqual(new Set(['issuer_unknown']));
    const before = heapInUse();
    expect(await sendInventedIssuers(api, 10_000)).toEqual(new Set(['issuer_unknown']));
    return heapInUse() - before;
  }

  test('leave memory flat and cause no fetch', async () => {
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    expect(await growthUnder(api)).toBeLessThan(ALLOWED_GROWTH);
    expect(issuer.counts).toEqual({ discovery: 0, jwks: 0, token: 0, introspection: 0 });
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
  });

  test('leave memory flat and cause no fetch under a resolver, and push no tenant out', async () => {
    const issuer = await issuerForTest();
    const asked: number[] = [];
    let tenantAsked = 0;
    const issuers = (iss: string): IssuerOptions | undefined => {
      if (iss !== issuer.url) {
        asked.push(1);
        return undefined;
      }
      tenantAsked += 1;
      return { issuer: iss, audience: issuer.audience };
    };
    const api = apiTrusting(issuer, { issuers });
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    expect(await growthUnder(api)).toBeLessThan(ALLOWED_GROWTH);
    expect(asked).toHaveLength(20_000);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    expect([tenantAsked, issuer.counts.discovery, issuer.counts.jwks]).toEqual([1, 1, 1]);
  });

  test('ask the resolver once per issuer, and again after a minute', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest();
    let asked = 0;
    const issuers = async () => {
      asked += 1;
      return undefined;
    };
    const api = apiTrusting(issuer, { issuers });
    const token = inventedToken({ url: 'https://invented.example.com', audience: 'a' }, 'k');
    const flood = () => Promise.all(numbered(1_000).map(() => ask(api.method, token)));
    expect(new Set([...(await flood()), ...(await flood())])).toEqual(new Set(['issuer_unknown']));
    expect(asked).toBe(1);
    advance(61);
    await flood();
    expect(asked).toBe(2);
  });
});

test('a tenant that others push out while the resolver thinks starts afresh, with upkeep of its own', async () => {
  const advance = fakeClock({ timers: true });
  const issuer = await issuerForTest();
  const publicKeys = issuer.jwks().keys;
  let answer: Promise<void> = Promise.resolve();
  const issuers = async (iss: string): Promise<IssuerOptions> => {
    if (iss !== issuer.url) return { issuer: iss, audience: issuer.audience, publicKeys };
    await answer;
    return { issuer: iss, audience: issuer.audience };
  };
  const api = apiTrusting(issuer, { issuers });
  expect(await api.get(await issuer.mint())).toEqual(GOOD);
  advance(61);
  let resume = () => {};
  answer = new Promise((resolve) => {
    resume = resolve;
  });
  const waiting = ask(api.method, await issuer.mint());
  for (const index of numbered(1_000)) {
    const tenant = await issuer.mint({ iss: `https://tenant-${index}.example.com` });
    expect(await ask(api.method, tenant)).toBe('ok');
  }
  resume();
  expect([await waiting, issuer.counts.jwks]).toEqual(['ok', 2]);
});
