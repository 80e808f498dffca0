import type { IncomingMessage } from 'node:http';
import { afterEach, expect, jest, test } from '@jest/globals';
import { AuthError, type IssuersResolver, oidcBearer } from '../../../lib/index.js';
import { accessToken, ISSUER } from '../../helpers/oidc-door.js';
import { tenant } from '../../helpers/tenants.js';

afterEach(() => void jest.restoreAllMocks());

const invented = (index: number) => `https://invented-${index}.example`;

/** A method with one tenant per known issuer, the issuers that were asked about, and what becomes of a token. */
function asking(known: readonly string[] = [ISSUER], pause: () => Promise<void> = async () => undefined) {
  const asked: string[] = [];
  const issuers: IssuersResolver = async (issuer) => {
    asked.push(issuer);
    await pause();
    return known.includes(issuer) ? tenant({ issuer }) : undefined;
  };
  const method = oidcBearer({ issuers });
  const outcome = async (issuer: string) => {
    const authorization = `Bearer ${accessToken({ iss: issuer })}`;
    const req = { headers: { authorization }, rawHeaders: ['Authorization', authorization] };
    try {
      // Cast: what is read of a request for a token in a header.
      await method.authenticate(req as unknown as IncomingMessage);
      return 200;
    } catch (thrown) {
      return thrown instanceof AuthError ? Number(thrown.status) : 'unforeseen';
    }
  };
  const flood = async (count: number, from = 0) => {
    const outcomes: unknown[] = [];
    for (let index = from; index < from + count; index += 1) outcomes.push(await outcome(invented(index)));
    return outcomes;
  };
  return { asked, outcome, flood };
}

function later(seconds: number): void {
  const now = Date.now() + seconds * 1000;
  jest.spyOn(Date, 'now').mockReturnValue(now);
  const clock = performance.now() + seconds * 1000;
  jest.spyOn(performance, 'now').mockReturnValue(clock);
}

test('invented issuers are asked about a bounded number of times, and are 503 after that', async () => {
  later(0);
  const { asked, flood } = asking();
  const outcomes = await flood(500);
  expect(asked.length).toBeLessThan(60);
  expect(outcomes.slice(0, 50)).toEqual(Array(50).fill(401));
  expect(outcomes.filter((outcome) => outcome === 503).length).toBeGreaterThan(440);
});

test('invented issuers that come at once are bounded as well', async () => {
  later(0);
  const { asked, outcome } = asking();
  await Promise.all(Array.from({ length: 500 }, (_, index) => outcome(invented(index))));
  expect(asked.length).toBeLessThan(100);
});

test('an issuer that was known before is served during a flood, also when its answer has grown old', async () => {
  const { outcome, flood } = asking();
  expect(await outcome(ISSUER)).toBe(200);
  await flood(100);
  expect(await outcome(ISSUER)).toBe(200);
  later(61);
  await flood(100, 100);
  expect(await outcome(ISSUER)).toBe(200);
});

test('a new issuer that comes during a flood is served when it comes again', async () => {
  const { outcome, flood } = asking();
  await flood(200);
  expect(await outcome(ISSUER)).toBe(503);
  expect(await outcome(ISSUER)).toBe(200);
});

test('hundreds of tenants are served at the start, one after the other and at once', async () => {
  const tenants = Array.from({ length: 300 }, (_, index) => invented(index));
  const { outcome } = asking(tenants);
  expect(new Set(await Promise.all(tenants.slice(0, 150).map(outcome)))).toEqual(new Set([200]));
  for (const issuer of tenants.slice(150)) expect(await outcome(issuer)).toBe(200);
});

test('an issuer whose turn does not come is 503, and never 401', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { outcome, asked } = asking([], () => held);
  const all = Promise.all(Array.from({ length: 200 }, (_, index) => outcome(invented(index))));
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toHaveLength(32);
  release();
  expect(new Set(await all)).toEqual(new Set([401, 503]));
});
