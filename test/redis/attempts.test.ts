import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type AttemptStore, type BasicGrantOptions, ServiceUnavailableError } from '../../lib/index.js';
import { type RedisClient, redisAttempts } from '../../lib/redis/index.js';
import { basic, granted, grantMethod, knock, outcomeOf, refused, tokenServer } from '../helpers/grants.js';
import { callingForm, ownKeys, REDIS_URL, redisClient, sayThatRedisDidNotRun } from '../helpers/redis.js';

sayThatRedisDidNotRun('attempts counted in Redis');
const provider = await tokenServer();
const real = REDIS_URL === undefined ? undefined : [await redisClient(REDIS_URL), await redisClient(REDIS_URL)];

beforeEach(() => {
  provider.asked.splice(0);
  provider.answer = () => refused('invalid_client', 401);
});
afterEach(() => void jest.restoreAllMocks());

const LIMITS = { perMinute: 4 };
const instance = (store: AttemptStore, limits = LIMITS, options: Partial<BasicGrantOptions> = {}) =>
  grantMethod(provider, { attemptLimit: { ...limits, store }, ...options });
let count = 0;
const guess = (id = 'victim') => basic(id, `guess ${++count}`);
const REJECTED = '401 exchange_rejected';
const LIMITED = '429 exchange_rate_limited';

if (real !== undefined) {
  const [one, other] = real as [(typeof real)[0], (typeof real)[0]];
  describe.each<[string, RedisClient]>([
    ['redis', other],
    ['a client like iovalkey', callingForm(other)],
  ])('of two instances with one Redis, the second through %s', (_form, second) => {
    test('both share the limits, and guesses that come at once are counted', async () => {
      const { prefix } = ownKeys(one);
      const a = instance(redisAttempts({ client: one, prefix }));
      const b = instance(redisAttempts({ client: second, prefix }));
      const outcomes = await Promise.all(Array.from({ length: 12 }, (_, i) => outcomeOf(i % 2 ? a : b, guess())));
      expect(outcomes.filter((outcome) => outcome === REJECTED)).toHaveLength(4);
      expect(outcomes.filter((outcome) => outcome === LIMITED)).toHaveLength(8);
      expect(provider.asked).toHaveLength(4);
      const { headers } = await knock(b, guess());
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(15);
      expect(await outcomeOf(a, guess('another'))).toBe(REJECTED);
    });

    test('each gives back what was no guess: a right pair, and an outage of the provider', async () => {
      const { prefix } = ownKeys(one);
      const a = instance(redisAttempts({ client: one, prefix }), { perMinute: 1 });
      const b = instance(redisAttempts({ client: second, prefix }), { perMinute: 1 });
      provider.answer = () => ({ status: 500, body: {} });
      expect(await outcomeOf(a, guess())).toMatch(/^503/);
      provider.answer = () => granted();
      expect(await outcomeOf(b, guess())).toBe(200);
      provider.answer = () => refused('invalid_client', 401);
      expect(await outcomeOf(a, guess())).toBe(REJECTED);
      expect(await outcomeOf(b, guess())).toBe(LIMITED);
    });
  });

  test('Redis holds no id, no address and no secret, and forgets within a minute', async () => {
    const { prefix, keys } = ownKeys(one);
    await outcomeOf(instance(redisAttempts({ client: one, prefix })), basic('victim', 'a secret'));
    const names = await keys();
    expect(names).toHaveLength(4);
    expect(names.join()).not.toMatch(/victim|secret|127\.0\.0\.1/);
    for (const name of names) {
      const left = Number(await one.sendCommand(['PTTL', name]));
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(60_000);
    }
  });

  test('a limit below one per minute allows one, and then waits for minutes', async () => {
    const { prefix } = ownKeys(one);
    const store = redisAttempts({ client: one, prefix });
    const counts = [{ name: 'rare', limit: 0.5 }];
    expect(await store.take(counts)).toBe(0);
    expect(Math.round(await store.take(counts))).toBe(120);
    await store.giveBack(counts);
    expect(await store.take(counts)).toBe(0);
  });

  test('an attempt that one limit refuses is counted under no other name', async () => {
    const { prefix } = ownKeys(one);
    const store = redisAttempts({ client: one, prefix });
    const [full, free] = [
      { name: 'full', limit: 1 },
      { name: 'free', limit: 1 },
    ];
    expect(await store.take([full])).toBe(0);
    expect(await store.take([free, full])).toBeGreaterThan(58);
    expect(await store.take([free])).toBe(0);
  });
}

const DOWN: readonly (readonly [string, RedisClient])[] = [
  ['rejects', { sendCommand: () => Promise.reject(new Error('ECONNREFUSED')) }],
  ['hangs', { sendCommand: () => new Promise<never>(() => undefined) }],
  ['answers something else', { sendCommand: async () => 'QUEUED' }],
];

describe.each(DOWN)('when Redis %s', (_what, client) => {
  test('each process counts for itself, and a warning says so once', async () => {
    const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const method = instance(redisAttempts({ client, timeout: 0.02 }), { perMinute: 2 });
    expect([await outcomeOf(method, guess()), await outcomeOf(method, guess())]).toEqual([REJECTED, REJECTED]);
    expect(await outcomeOf(method, guess())).toBe(LIMITED);
    provider.answer = () => granted();
    expect(await outcomeOf(method, guess('reports'))).toBe(200);
    expect(warning.mock.calls.map(([text]) => String(text))).toEqual([
      expect.stringMatching(/^attemptLimit\.store threw, and each process counts attempts for itself\./),
    ]);
  });

  test('attempts are 503 where that was asked for, and are not counted', async () => {
    const method = instance(redisAttempts({ client, timeout: 0.02, onOutage: 'refuse' }), { perMinute: 1 });
    expect(await outcomeOf(method, guess())).toBe('503 store_unavailable');
    expect(await outcomeOf(method, guess())).toBe('503 store_unavailable');
    expect(provider.asked).toEqual([]);
  });
});

test('a store of the application that fails leaves the counts of the process, and a good pair its answer', async () => {
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const fail = () => Promise.reject(new Error('down'));
  expect(await outcomeOf(instance({ take: fail, giveBack: fail }), guess())).toBe(REJECTED);
  provider.answer = () => granted();
  const unavailable = () => Promise.reject(new ServiceUnavailableError('store_unavailable'));
  expect(await outcomeOf(instance({ take: async () => 0, giveBack: unavailable }), guess())).toBe(200);
});

test.each([
  [/^redisAttempts\.client/, {}],
  [/^redisAttempts\.onOutage/, { client: { call: async () => 0 }, onOutage: 'open' }],
  [/^redisAttempts\..*limit/, { client: { call: async () => 0 }, limit: 3 }],
])('%s is refused at creation', (message, options) => {
  expect(() => redisAttempts(options as never)).toThrow(message);
});
