import { describe, expect, test } from '@jest/globals';
import { ask } from '../helpers/asking.js';
import { fakeClock } from '../helpers/fake-clock.js';
import { apiTrusting, GOOD, getAllAtOnce, issuerForTest } from '../helpers/key-journey.js';

const tokensOf = (issuer: { mint(): Promise<string> }, count: number) =>
  Promise.all(Array.from({ length: count }, () => issuer.mint()));

function countsOf(answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}

test('a new kid is good in the very request that brings it', async () => {
  const advance = fakeClock();
  const issuer = await issuerForTest();
  const api = apiTrusting(issuer);
  expect(await api.get(await issuer.mint())).toEqual(GOOD);
  await issuer.rotate();
  advance(31);
  expect(await api.get(await issuer.mint())).toEqual(GOOD);
  expect(issuer.counts.jwks).toBe(2);
});

test('a new kid within the cooldown of the first load waits for its end', async () => {
  const advance = fakeClock();
  const issuer = await issuerForTest();
  const api = apiTrusting(issuer);
  expect(await api.get(await issuer.mint())).toEqual(GOOD);
  await issuer.rotate();
  advance(29);
  expect(await api.get(await issuer.mint())).toEqual({ status: 401, code: 'key_not_found' });
  expect(issuer.counts.jwks).toBe(1);
  advance(1);
  expect(await api.get(await issuer.mint())).toEqual(GOOD);
});

test('the cooldown runs from the attempt, whether or not it succeeded', async () => {
  const advance = fakeClock();
  const issuer = await issuerForTest();
  const api = apiTrusting(issuer);
  await api.method.ready();
  await issuer.rotate();
  issuer.fault('jwks', { status: 500 });
  advance(31);
  expect(await api.get(await issuer.mint())).toMatchObject({ status: 503 });
  issuer.heal();
  advance(29);
  expect(await api.get(await issuer.mint())).toMatchObject({ status: 503, retryAfter: '1' });
  expect(issuer.counts.jwks).toBe(2);
  advance(1);
  expect(await api.get(await issuer.mint())).toEqual(GOOD);
});

test('a key that is withdrawn at once verifies nothing once its withdrawal is known', async () => {
  const advance = fakeClock();
  const issuer = await issuerForTest();
  const api = apiTrusting(issuer);
  const old = await issuer.mint();
  expect(await api.get(old)).toEqual(GOOD);
  await issuer.rotate({ keepOld: false });
  advance(31);
  expect(await api.get(await issuer.mint())).toEqual(GOOD);
  expect(await api.get(old)).toEqual({ status: 401, code: 'key_not_found' });
});

test('a new key without any kid is found in the same request', async () => {
  const advance = fakeClock();
  const issuer = await issuerForTest();
  const withoutKid = () => issuer.mint({}, { header: { kid: undefined } });
  const api = apiTrusting(issuer);
  expect(await api.get(await withoutKid())).toEqual(GOOD);
  await issuer.rotate({ keepOld: false });
  advance(31);
  expect(await api.get(await withoutKid())).toEqual(GOOD);
  expect(issuer.counts.jwks).toBe(2);
});

describe('a rotation under 1,000 requests in flight loses none', () => {
  test.each([
    ['with the old key still there', true],
    ['with the old key withdrawn at once', false],
  ])('%s', async (_what, keepOld) => {
    // No time limit runs out, however long a busy machine takes for all these before it gets to the key set.
    const advance = fakeClock({ timers: true });
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    await api.method.ready();
    const old = keepOld ? await tokensOf(issuer, 500) : [];
    await issuer.rotate({ keepOld });
    advance(31);
    const fresh = await tokensOf(issuer, 1000 - old.length);
    // The look at the provider takes a while, so that all are in flight when the new set arrives.
    issuer.fault('jwks', { delay: 0.2 });
    const all = fresh.flatMap((token, index) => [token, ...old.slice(index, index + 1)]);
    const [overHttp, asked] = await Promise.all([
      getAllAtOnce(api.listener, all.slice(0, 200)),
      Promise.all(all.slice(200).map((token) => ask(api.method, token))),
    ]);
    expect(all).toHaveLength(1000);
    expect([overHttp, countsOf(asked)]).toEqual([{ 200: 200 }, { ok: 800 }]);
    expect(issuer.counts.jwks).toBe(2);
  });
});
