import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import type { IssuerOptions } from '../../lib/index.js';
import type { TestIssuer } from '../../lib/testing/index.js';
import { ask, inventedToken } from '../helpers/asking.js';
import { fakeClock } from '../helpers/fake-clock.js';
import { processForTest } from '../helpers/fleet.js';
import type { FloodedTrust, FloodReport, TokenReport } from '../helpers/invented-issuers.js';
import { apiTrusting, GOOD, getAllAtOnce, issuerForTest } from '../helpers/key-journey.js';

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

describe('10,000 invented issuers', () => {
  const ALLOWED_GROWTH = 5_000_000;

  /** A method in a process of its own, so that nothing else is in its memory. */
  function methodApart({ url, audience }: TestIssuer, { resolved }: { resolved: boolean }) {
    const trust: FloodedTrust = { issuer: url, audience, resolved };
    const member = processForTest('invented-issuers.ts', trust);
    async function said<Report>(order: object | string): Promise<Report> {
      member.send(order);
      const [report] = (await once(member, 'message')) as [Report];
      return report;
    }
    return {
      flood: () => said<FloodReport>('flood'),
      ask: async (token: string) => said<TokenReport>({ token }),
    };
  }

  test('leave memory flat and cause no fetch', async () => {
    const issuer = await issuerForTest();
    const method = methodApart(issuer, { resolved: false });
    const { codes, growth } = await method.flood();
    expect(codes).toEqual(['issuer_unknown']);
    expect(growth).toBeLessThan(ALLOWED_GROWTH);
    expect(issuer.counts).toEqual({ discovery: 0, jwks: 0, token: 0, introspection: 0 });
    expect(await method.ask(await issuer.mint())).toMatchObject({ code: 'ok' });
  });

  test('leave memory flat and cause no fetch under a resolver, and push no tenant out', async () => {
    const issuer = await issuerForTest();
    const method = methodApart(issuer, { resolved: true });
    expect(await method.ask(await issuer.mint())).toMatchObject({ code: 'ok' });
    const { codes, growth } = await method.flood();
    // Beyond their share nobody is asked, so whether such an issuer is known cannot be told.
    expect([...codes].sort()).toEqual(['issuer_unknown', 'keys_unavailable']);
    expect(growth).toBeLessThan(ALLOWED_GROWTH);
    const { code, inventedAsked, tenantAsked } = await method.ask(await issuer.mint());
    expect([code, tenantAsked]).toEqual(['ok', 1]);
    expect(inventedAsked).toBeLessThan(1000);
    expect([issuer.counts.discovery, issuer.counts.jwks]).toEqual([1, 1]);
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
