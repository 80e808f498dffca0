import { describe, expect, test } from '@jest/globals';
import { ask } from '../../helpers/asking.js';
import { fakeClock } from '../../helpers/fake-clock.js';
import {
  active,
  asking,
  INACTIVE,
  introspectionEndpoint,
  opaqueToken,
  type Wishes,
} from '../../helpers/introspection-endpoint.js';
import { getAllAtOnce } from '../../helpers/key-journey.js';
import { app } from '../../helpers/servers.js';
import { inSeconds } from '../../helpers/tokens.js';

const endpoint = await introspectionEndpoint();

/** What `act` costs: how often the provider is asked meanwhile. */
async function cost(act: () => Promise<unknown>): Promise<number> {
  const before = endpoint.asked.length;
  await act();
  return endpoint.asked.length - before;
}
const make = (options?: Wishes) => asking(endpoint, options);

describe('the provider is asked', () => {
  test('once for 200 requests at once with one token, and not again for 200 more', async () => {
    endpoint.answers(active());
    const listener = app(make());
    const tokens = Array.from({ length: 200 }, () => 'one-token');
    for (const calls of [1, 0]) {
      expect(await cost(async () => expect(await getAllAtOnce(listener, tokens)).toEqual({ 200: 200 }))).toBe(calls);
    }
  });

  test('once, also where the answer is a no', async () => {
    endpoint.answers(INACTIVE);
    const tokens = Array.from({ length: 200 }, () => 'another-token');
    const asked = cost(async () => expect(await getAllAtOnce(app(make()), tokens)).toEqual({ 401: 200 }));
    expect(await asked).toBe(1);
  });

  test('about each token by itself', async () => {
    endpoint.answers(({ token }) => active({ sub: token }));
    const method = make();
    const [one, other] = [opaqueToken(), opaqueToken()];
    expect(await cost(async () => Promise.all([ask(method, one), ask(method, other)]))).toBe(2);
  });

  test('every time with cache: false, and for requests at the same time once all the same', async () => {
    endpoint.answers(active());
    const method = make({ introspection: { cache: false } });
    const token = opaqueToken();
    const tokens = Array.from({ length: 50 }, () => token);
    expect(await cost(() => Promise.all(tokens.map((same) => ask(method, same))))).toBe(1);
    expect(await cost(() => ask(method, token))).toBe(1);
    endpoint.answers(INACTIVE);
    expect(await ask(method, token)).toBe('token_revoked');
    endpoint.answers(active());
    expect(await ask(method, token)).toBe('ok');
  });

  test('by each method for itself', async () => {
    endpoint.answers(active());
    const token = opaqueToken();
    expect(await cost(async () => [await ask(make(), token), await ask(make(), token)])).toBe(2);
  });
});

describe('an answer is believed', () => {
  test.each<[what: string, ttl: number, options: Wishes]>([
    ['30 seconds', 30, {}],
    ['as long as ttl says', 300, { introspection: { ttl: 300 } }],
  ])('for %s, and then a revocation is seen', async (_what, ttl, options) => {
    const pass = fakeClock();
    const method = make(options);
    const token = opaqueToken();
    endpoint.answers(active({ exp: inSeconds(3600) }));
    expect(await ask(method, token)).toBe('ok');
    endpoint.answers(INACTIVE);
    pass(ttl - 1);
    expect(await cost(async () => expect(await ask(method, token)).toBe('ok'))).toBe(0);
    pass(2);
    expect(await cost(async () => expect(await ask(method, token)).toBe('token_revoked'))).toBe(1);
  });

  test('never past the token’s end, whatever the tolerance', async () => {
    const pass = fakeClock();
    const method = make({ introspection: { ttl: 300 } });
    const token = opaqueToken();
    endpoint.answers(active({ exp: inSeconds(10) }));
    expect(await ask(method, token)).toBe('ok');
    endpoint.answers(INACTIVE);
    pass(8);
    expect(await ask(method, token)).toBe('ok');
    pass(3);
    expect(await ask(method, token)).toBe('token_revoked');
  });

  test('not at all where the token has ended, so that every request asks', async () => {
    const method = make();
    const token = opaqueToken();
    endpoint.answers(active({ exp: inSeconds(-10) }));
    const twice = () => cost(async () => [await ask(method, token), await ask(method, token)]);
    expect(await twice()).toBe(2);
    endpoint.answers(active({ exp: 'never' }));
    expect(await twice()).toBe(2);
  });

  test('against a clock that moves on meanwhile: not before, not after its time', async () => {
    const pass = fakeClock();
    const method = make({ introspection: { ttl: 3600 }, clockTolerance: 0 });
    const token = opaqueToken();
    endpoint.answers(active({ exp: undefined, nbf: inSeconds(-5) }));
    expect(await ask(method, token)).toBe('ok');
    pass(1000);
    expect(await cost(async () => expect(await ask(method, token)).toBe('ok'))).toBe(0);
  });

  test('if it is a no, for ten seconds', async () => {
    const pass = fakeClock();
    const method = make();
    const token = opaqueToken();
    endpoint.answers(INACTIVE);
    expect(await ask(method, token)).toBe('token_revoked');
    endpoint.answers(active());
    pass(9);
    expect(await cost(async () => expect(await ask(method, token)).toBe('token_revoked'))).toBe(0);
    pass(2);
    expect(await ask(method, token)).toBe('ok');
  });

  test('no longer when the method is closed', async () => {
    const method = make();
    const token = opaqueToken();
    endpoint.answers(active());
    expect(await ask(method, token)).toBe('ok');
    await method.close();
    expect(await cost(() => ask(method, token))).toBe(1);
  });
});

test('a flood of invented tokens pushes no good answer out, and only so much of it is remembered', async () => {
  endpoint.answers(({ token }) => (token?.startsWith('good') ? active() : INACTIVE));
  // Longer than a flood takes, however slow the machine is.
  const method = make({ introspection: { ttl: 3600 } });
  const invented = (index: number) => `invented-${index}`;
  const flood = Array.from({ length: 10_400 }, (_, index) => invented(index));
  expect(await ask(method, 'good-token')).toBe('ok');
  // As many at once as unknown tokens may ask, so that none waits too long on a slow machine.
  while (flood.length > 0) {
    const verdicts = await Promise.all(flood.splice(0, 32).map((token) => ask(method, token)));
    expect(new Set(verdicts)).toEqual(new Set(['token_revoked']));
  }
  expect(await cost(async () => expect(await ask(method, 'good-token')).toBe('ok'))).toBe(0);
  expect(await cost(() => ask(method, invented(10_399)))).toBe(0);
  // Forgotten, to make room.
  expect(await cost(() => ask(method, invented(0)))).toBe(1);
});
