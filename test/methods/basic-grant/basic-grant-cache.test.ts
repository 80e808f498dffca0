import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type BasicGrantOptions, oidcBearer, type SharedCache } from '../../../lib/index.js';
import { fakeClock } from '../../helpers/fake-clock.js';
import {
  basic,
  granted,
  grantMethod,
  knock,
  outcomeOf,
  refused,
  type TokenServer,
  tokenServer,
} from '../../helpers/grants.js';
import { accessToken, STRANGER_KEY, staticOptions } from '../../helpers/oidc-door.js';
import { rawRequest } from '../../helpers/requests.js';
import { app } from '../../helpers/servers.js';
import { inSeconds } from '../../helpers/tokens.js';
import { until } from '../../helpers/until.js';

const provider = await tokenServer();
const method = (options: Partial<BasicGrantOptions> = {}) => grantMethod(provider, options);
const EVERYTHING_ELSE = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;
const pair = basic('reports', 'secret');

/** Knows one secret of one id. */
const strict: TokenServer['answer'] = ({ authorization }) =>
  authorization === pair ? granted() : refused('invalid_client', 401);

beforeEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
  provider.asked.splice(0);
  provider.answer = () => granted();
});

/** The wall clock jumps ahead, and runs on from there; nothing else is touched. */
function later(seconds: number): void {
  const now = Date.now() + seconds * 1000;
  jest.useFakeTimers({ now, doNotFake: [...EVERYTHING_ELSE], advanceTimers: false });
}

/** An answer that waits until the test lets it go. */
function held(): { answer: TokenServer['answer']; letGo: () => void } {
  let letGo: () => void = () => undefined;
  const free = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return { letGo, answer: async () => free.then(() => granted()) };
}

describe('one pair', () => {
  test('asks the provider once for 200 requests at the same time', async () => {
    fakeClock({ timers: true });
    const { answer, letGo } = held();
    provider.answer = answer;
    const listener = app(method());
    const outcomes = Promise.all(Array.from({ length: 200 }, () => outcomeOf(listener, pair)));
    await until(() => provider.asked.length > 0);
    letGo();
    expect(await outcomes).toEqual(Array.from({ length: 200 }, () => 200));
    expect(provider.asked).toHaveLength(1);
  });

  test('asks once, and not again while the token lives', async () => {
    const grant = method();
    for (let count = 0; count < 5; count += 1) expect(await outcomeOf(grant, pair)).toBe(200);
    expect(provider.asked).toHaveLength(1);
  });

  test('asks once at a time even where nothing is kept, and then again', async () => {
    fakeClock({ timers: true });
    const { answer, letGo } = held();
    provider.answer = answer;
    const grant = method({ cache: false });
    const outcomes = Promise.all(Array.from({ length: 20 }, () => outcomeOf(grant, pair)));
    await until(() => provider.asked.length > 0);
    // All of them have arrived by the time that one more has come back from elsewhere.
    await outcomeOf(grant);
    letGo();
    expect(await outcomes).toEqual(Array.from({ length: 20 }, () => 200));
    const before = provider.asked.length;
    expect(before).toBeLessThan(20);
    expect(await outcomeOf(grant, pair)).toBe(200);
    expect(provider.asked).toHaveLength(before + 1);
  });

  test('asks again by itself when the time of its token is nearly over', async () => {
    provider.answer = () => granted({ expires_in: 0.2 });
    const grant = method();
    await until(async () => (await outcomeOf(grant, pair)) === 200 && provider.asked.length === 2);
  });

  test('is forgotten when the method closes', async () => {
    const grant = method();
    await outcomeOf(grant, pair);
    await grant.close();
    expect(await outcomeOf(grant, pair)).toBe(200);
    expect(provider.asked).toHaveLength(2);
  });
});

describe('two secrets of one id', () => {
  test('never share an entry, whatever stands where', async () => {
    provider.answer = ({ authorization = '' }) =>
      granted({ access_token: accessToken({ sub: Buffer.from(authorization.slice(6), 'base64').toString() }) });
    const grant = method();
    const pairs = [
      ['a', 'bc'],
      ['ab', 'c'],
      ['a', 'b'],
      ['a', 'b%3Ac'],
      ['a', 'bc '],
      ['A', 'bc'],
      ['1', '1:a'],
    ] as const;
    for (let round = 0; round < 2; round += 1) {
      const subjects = await Promise.all(
        pairs.map(async ([id, secret]) => (await knock(grant, basic(id, secret))).body.principal),
      );
      expect(new Set(subjects.map((principal) => (principal as { subject: string }).subject)).size).toBe(pairs.length);
    }
    expect(provider.asked).toHaveLength(pairs.length);
  });

  test('a wrong one is refused while the right one is kept, and does not disturb it', async () => {
    provider.answer = strict;
    const grant = method();
    expect(await outcomeOf(grant, pair)).toBe(200);
    const wrong = Array.from({ length: 10 }, (_, index) => basic('reports', `secret${index}`));
    expect(await Promise.all(wrong.map((header) => outcomeOf(grant, header)))).toEqual(
      wrong.map(() => '401 exchange_rejected'),
    );
    expect(provider.asked).toHaveLength(11);
    expect(await outcomeOf(grant, pair)).toBe(200);
    expect(provider.asked).toHaveLength(11);
  });

  test('a wrong one that arrives while the right one is being asked for gets no part of it', async () => {
    fakeClock({ timers: true });
    const { answer, letGo } = held();
    provider.answer = (asked) => (asked.authorization === pair ? answer(asked) : strict(asked));
    const grant = method();
    const right = outcomeOf(grant, pair);
    await until(() => provider.asked.length > 0);
    expect(await outcomeOf(grant, basic('reports', 'secre'))).toBe('401 exchange_rejected');
    letGo();
    expect(await right).toBe(200);
  });
});

describe('a wrong secret', () => {
  test('is remembered, so that a flood of it is one question', async () => {
    provider.answer = strict;
    const grant = method();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcomeOf(grant, basic('reports', 'x'))));
    expect(new Set(outcomes)).toEqual(new Set(['401 exchange_rejected']));
    for (let count = 0; count < 3; count += 1)
      expect(await outcomeOf(grant, basic('reports', 'x'))).toBe('401 exchange_rejected');
    expect(provider.asked).toHaveLength(1);
  });

  test('is not remembered where nothing is to be kept', async () => {
    provider.answer = strict;
    const grant = method({ cache: false });
    for (let count = 0; count < 2; count += 1)
      expect(await outcomeOf(grant, basic('reports', 'x'))).toBe('401 exchange_rejected');
    expect(provider.asked).toHaveLength(2);
  });
});

describe('attempts', () => {
  const guess = (index: number) => basic('reports', `guess ${index}`);
  // They come back with time, and none may pass that the test does not let pass.
  let advance: (seconds: number) => void = () => undefined;
  beforeEach(() => {
    provider.answer = strict;
    advance = fakeClock();
  });

  test('are limited per id: 30 a minute by default, and then it is a 429 that says when to come back', async () => {
    const grant = method();
    const outcomes = await Promise.all(Array.from({ length: 200 }, (_, index) => outcomeOf(grant, guess(index))));
    expect(provider.asked).toHaveLength(30);
    expect(outcomes.filter((outcome) => outcome === '401 exchange_rejected')).toHaveLength(30);
    expect(outcomes.filter((outcome) => outcome === '429 exchange_rate_limited')).toHaveLength(170);
    const { headers, challenge } = await knock(grant, guess(200));
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(challenge).toBeUndefined();
    expect(await outcomeOf(grant, basic('other', 'x'))).toBe('401 exchange_rejected');
  });

  test('come back with time', async () => {
    const grant = method({ attemptLimit: { perMinute: 2 } });
    const outcomes = [];
    for (let index = 0; index < 3; index += 1) outcomes.push(await outcomeOf(grant, guess(index)));
    expect(outcomes).toEqual(['401 exchange_rejected', '401 exchange_rejected', '429 exchange_rate_limited']);
    advance(31);
    expect(await outcomeOf(grant, guess(3))).toBe('401 exchange_rejected');
    expect(await outcomeOf(grant, guess(4))).toBe('429 exchange_rate_limited');
  });

  test('of somebody else elsewhere do not count, and neither do good ones or outages', async () => {
    const grant = method({ attemptLimit: { perMinute: 2 }, cache: false });
    const from = async (address: string, authorization: string) =>
      (await rawRequest(app(grant), { from: address, headers: ['Authorization', authorization] })).status;
    for (let index = 0; index < 3; index += 1) await from('127.0.0.2', guess(index));
    expect(await from('127.0.0.2', pair)).toBe(429);
    for (let index = 0; index < 5; index += 1) expect(await from('127.0.0.1', pair)).toBe(200);
    provider.answer = () => ({ status: 500, body: {} });
    for (let index = 0; index < 5; index += 1) expect(await from('127.0.0.1', pair)).toBe(503);
    provider.answer = strict;
    expect(await from('127.0.0.1', pair)).toBe(200);
  });

  test('do not keep out who is known already', async () => {
    const grant = method({ attemptLimit: { perMinute: 1 } });
    expect(await outcomeOf(grant, pair)).toBe(200);
    for (let index = 0; index < 3; index += 1) await outcomeOf(grant, guess(index));
    expect(await outcomeOf(grant, pair)).toBe(200);
  });

  test('are not limited where that was asked for', async () => {
    const grant = method({ attemptLimit: false });
    const outcomes = await Promise.all(Array.from({ length: 60 }, (_, index) => outcomeOf(grant, guess(index))));
    expect(new Set(outcomes)).toEqual(new Set(['401 exchange_rejected']));
  });
});

describe('a token is kept as long as expires_in allows:', () => {
  /** How often the provider was asked by requests at these seconds. */
  async function askedAt(lifetime: unknown, seconds: readonly number[], cache: BasicGrantOptions['cache'] = true) {
    provider.answer = () => granted({ expires_in: lifetime, access_token: accessToken({ exp: inSeconds(90_000) }) });
    const shared = clockedCache();
    const grant = method({ cache: cache === true ? shared : { ...(cache as object), shared } });
    const counts: number[] = [];
    const start = Date.now();
    for (const second of seconds) {
      jest.spyOn(Date, 'now').mockReturnValue(start + second * 1000);
      // Another instance each time, so that only the shared cache remembers, whose clock the test holds.
      const outcome = await outcomeOf(second === 0 ? grant : method({ cache: shared }), pair);
      expect(outcome).toBe(200);
      counts.push(provider.asked.length);
    }
    return counts;
  }

  function clockedCache(): SharedCache {
    const entries = new Map<string, { value: string; end: number }>();
    return {
      async get(key) {
        const entry = entries.get(key);
        return entry !== undefined && entry.end > Date.now() ? entry.value : undefined;
      },
      async set(key, value, ttl) {
        entries.set(key, { value, end: Date.now() + ttl * 1000 });
      },
      async delete(key) {
        entries.delete(key);
      },
    };
  }

  test.each<[what: unknown, counts: number[], seconds: number[]]>([
    [300, [1, 1, 2], [0, 269, 271]],
    ['300', [1, 1, 2], [0, 269, 271]],
    [10, [1, 1, 2], [0, 8.9, 9.1]],
    [undefined, [1, 1, 2], [0, 53, 55]],
    [null, [1, 1, 2], [0, 53, 55]],
    [1e9, [1, 1, 2], [0, 86_399, 86_401]],
  ])('%p', async (lifetime, counts, seconds) => {
    expect(await askedAt(lifetime, seconds)).toEqual(counts);
  });

  test('maxTtl', async () => {
    expect(await askedAt(300, [0, 59, 61], { maxTtl: 60 })).toEqual([1, 1, 2]);
  });

  test.each([[0], [-1], [-300], ['0'], ['-5'], ['soon'], [''], [true], [{}], [[]]])(
    '%p is not kept at all, and lets this one request in',
    async (lifetime) => {
      provider.answer = () => granted({ expires_in: lifetime });
      const shared = clockedCache();
      const set = jest.spyOn(shared, 'set');
      const grant = method({ cache: shared });
      expect([await outcomeOf(grant, pair), await outcomeOf(grant, pair)]).toEqual([200, 200]);
      expect(provider.asked).toHaveLength(2);
      expect(set).not.toHaveBeenCalled();
    },
  );
});

describe('a kept token that is not good any more', () => {
  const expiring = () => granted({ access_token: accessToken({ exp: inSeconds(30) }), expires_in: 300 });

  test('because it ended before expires_in said so, is replaced within the request', async () => {
    provider.answer = expiring;
    const grant = method();
    expect(await outcomeOf(grant, pair)).toBe(200);
    later(95);
    provider.answer = () => granted({ access_token: accessToken({ exp: inSeconds(300) }) });
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(grant, pair)));
    expect(new Set(outcomes)).toEqual(new Set([200]));
    expect(provider.asked).toHaveLength(2);
  });

  test('because it was withdrawn, is replaced within the request, young as it is', async () => {
    const withdrawn = new Set<string>();
    const verify = oidcBearer(staticOptions({ isRevoked: (_claims, { token }) => withdrawn.has(token) }));
    const first = accessToken({ jti: '1', exp: inSeconds(300) });
    provider.answer = () => granted({ access_token: provider.asked.length === 1 ? first : accessToken({ jti: '2' }) });
    const grant = method({ verify });
    expect(await outcomeOf(grant, pair)).toBe(200);
    withdrawn.add(first);
    expect(await outcomeOf(grant, pair)).toBe(200);
    expect(provider.asked).toHaveLength(2);
  });

  test('is not replaced where the provider does not know the credentials any more', async () => {
    provider.answer = expiring;
    const grant = method();
    expect(await outcomeOf(grant, pair)).toBe(200);
    later(95);
    provider.answer = () => refused('invalid_client', 401);
    expect(await outcomeOf(grant, pair)).toBe('401 exchange_rejected');
  });

  test('is an outage while the provider is down', async () => {
    provider.answer = expiring;
    const grant = method();
    expect(await outcomeOf(grant, pair)).toBe(200);
    later(95);
    provider.answer = () => ({ status: 500, body: {} });
    expect(await outcomeOf(grant, pair)).toBe('503 exchange_unavailable');
  });

  test('is asked for once in ten seconds at most where no token ever is good', async () => {
    provider.answer = () => granted({ access_token: accessToken({}, { key: STRANGER_KEY }) });
    const grant = method();
    const ask = () => outcomeOf(grant, pair);
    expect([await ask(), await ask(), await ask()]).toEqual(Array(3).fill('401 signature_invalid'));
    expect(provider.asked).toHaveLength(1);
    later(11);
    expect([await ask(), await ask()]).toEqual(Array(2).fill('401 signature_invalid'));
    expect(provider.asked).toHaveLength(2);
  });

  test('is not replaced because of an outage of ours', async () => {
    let isDown = false;
    const isRevoked = async () => {
      if (isDown) throw new Error('the store is down');
      return false;
    };
    const grant = method({ verify: oidcBearer(staticOptions({ isRevoked })) });
    expect(await outcomeOf(grant, pair)).toBe(200);
    isDown = true;
    later(11);
    expect(await outcomeOf(grant, pair)).toMatch(/^503 /);
    expect(provider.asked).toHaveLength(1);
  });
});

describe('a shared cache', () => {
  /** Remembers everything, for looking into; may be told to fail. */
  function looseCache() {
    const entries = new Map<string, string>();
    let failure: (() => Promise<never>) | undefined;
    const during = async <T>(use: () => T) => (failure === undefined ? use() : failure());
    const cache: SharedCache = {
      get: (key) => during(() => entries.get(key)),
      set: (key, value) => during(() => void entries.set(key, value)),
      delete: (key) => during(() => void entries.delete(key)),
    };
    const fail = (how: () => Promise<never>) => {
      failure = how;
    };
    return { entries, cache, fail };
  }

  test('spares the second instance the question, by names that say nothing', async () => {
    const { cache, entries } = looseCache();
    expect(await outcomeOf(method({ cache }), pair)).toBe(200);
    expect(await outcomeOf(method({ cache }), pair)).toBe(200);
    expect(provider.asked).toHaveLength(1);
    expect([...entries.keys()]).toEqual([expect.stringMatching(/^grant:[\w-]{43}$/)]);
    expect(await outcomeOf(method({ cache }), basic('reports', 'x'))).toBe(200);
    expect(provider.asked).toHaveLength(2);
  });

  test('is not shared by methods that ask for something else, or as another client', async () => {
    const { cache } = looseCache();
    const client = { id: 'gateway', secret: 'secret' };
    const variants: Partial<BasicGrantOptions>[] = [
      {},
      { scopes: ['a'] },
      { audience: 'a' },
      { resource: 'urn:a' },
      { issuer: 'https://other.example.com' },
      { grants: ['password'], client },
      { grants: ['password'], client: { ...client, secret: 'other' } },
      { clientAuthentication: 'post' },
    ];
    for (const options of variants) expect(await outcomeOf(method({ cache, ...options }), pair)).toBe(200);
    expect(provider.asked).toHaveLength(variants.length);
  });

  test('that holds nonsense, or what has ended, is as good as empty', async () => {
    const { cache, entries } = looseCache();
    await outcomeOf(method({ cache }), pair);
    const [[key = '', value = ''] = []] = [...entries];
    const ended = value.replace(/^\d+/, String(Date.now() - 1));
    for (const [index, text] of ['', '\n', 'x\ny', ended, `${Date.now() + 60_000}\n`].entries()) {
      entries.set(key, text);
      expect(await outcomeOf(method({ cache }), pair)).toBe(200);
      expect(provider.asked).toHaveLength(index + 2);
    }
  });

  test('that holds a token which verify does not take costs one more question, and no entry', async () => {
    const { cache, entries } = looseCache();
    await outcomeOf(method({ cache }), pair);
    const [[key = ''] = []] = [...entries];
    entries.set(key, `${Date.now() + 60_000}\n${accessToken({ sub: 'mallory' }, { key: STRANGER_KEY })}`);
    expect((await knock(method({ cache }), pair)).body.principal).toMatchObject({ subject: 'alice' });
    expect(provider.asked).toHaveLength(2);
    expect(entries.get(key)).not.toContain('mallory');
  });

  test.each<[how: string, fail: (advance: (seconds: number) => void) => Promise<never>]>([
    ['fails', () => Promise.reject(new Error('down'))],
    [
      'never answers',
      (advance) => {
        // The time that it may take passes as soon as it has been asked.
        setImmediate(() => advance(1));
        return new Promise<never>(() => undefined);
      },
    ],
  ])('that %s is a miss', async (_how, how) => {
    const advance = fakeClock({ timers: true });
    const { cache, fail } = looseCache();
    fail(() => how(advance));
    const grant = method({ cache });
    expect([await outcomeOf(grant, pair), await outcomeOf(grant, pair)]).toEqual([200, 200]);
    expect(provider.asked).toHaveLength(1);
  });

  test('does not keep what is refused', async () => {
    const { cache, entries } = looseCache();
    provider.answer = strict;
    await outcomeOf(method({ cache }), basic('reports', 'x'));
    expect(entries.size).toBe(0);
  });
});

test('a provider that hands out one token until after its end is told so by verify', async () => {
  const token = accessToken({ exp: inSeconds(60) });
  provider.answer = () => granted({ access_token: token });
  const grant = method();
  expect(await outcomeOf(grant, pair)).toBe(200);
  later(125);
  expect(await outcomeOf(grant, pair)).toBe('401 token_expired');
  expect(provider.asked).toHaveLength(2);
});
