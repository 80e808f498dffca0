import { describe, expect, test } from '@jest/globals';
import { type AuthEvent, type PemPerKidKeysOptions, pemPerKidKeys } from '../../lib/index.js';
import { afterThisTest } from '../helpers/after-this-test.js';
import { fakeClock } from '../helpers/fake-clock.js';
import { PROVIDER_PEM, STRANGER_PEM } from '../helpers/oidc-door.js';
import { type PemAnswer, pemServer } from '../helpers/pem-server.js';

async function sourceAt(answers: Record<string, PemAnswer>, options: Partial<PemPerKidKeysOptions> = {}) {
  const server = await pemServer(answers);
  const events: AuthEvent[] = [];
  const listeners = [(event: AuthEvent) => void events.push(event)];
  const source = pemPerKidKeys({ url: `${server.origin}/{kid}`, listeners, ...options });
  afterThisTest(async () => source.close());
  /** `ok`, or the code of the refusal. */
  async function ask(kid: string): Promise<string> {
    try {
      await source.find({ alg: 'ES256', kid });
      return 'ok';
    } catch (error) {
      return (error as { code: string }).code;
    }
  }
  return { ...server, source, events, ask };
}

let invented = 0;
const numbered = (count: number) => Array.from({ length: count }, () => `invented-${++invented}`);

async function flood(ask: (kid: string) => Promise<string>, kids: number, times = 1): Promise<void> {
  for (const kid of numbered(kids)) for (let time = 0; time < times; time += 1) await ask(kid);
}

/** How often an id has to come until its key is found, 20 at most. */
async function comings(ask: (kid: string) => Promise<string>, kid: string): Promise<number> {
  for (let coming = 1; coming <= 20; coming += 1) if ((await ask(kid)) === 'ok') return coming;
  return Number.POSITIVE_INFINITY;
}

describe('a key that was not loaded yet, while invented ids are sent,', () => {
  test.each([10, 100, 2_000])('is found at the latest when its id comes again, after %i of them', async (count) => {
    const { ask } = await sourceAt({ '/real': PROVIDER_PEM });
    await flood(ask, count);
    expect(await comings(ask, 'real')).toBe(2);
  });

  test('is found for as long as the flood goes on, in every cooldown anew', async () => {
    const advance = fakeClock();
    const { ask } = await sourceAt({ '/1': PROVIDER_PEM, '/2': PROVIDER_PEM, '/3': PROVIDER_PEM });
    for (const kid of ['1', '2', '3']) {
      await flood(ask, 50);
      expect(await comings(ask, kid)).toBeLessThanOrEqual(2);
      advance(31);
    }
  });

  test('is found between two of them', async () => {
    const { ask } = await sourceAt({ '/real': PROVIDER_PEM });
    await flood(ask, 20);
    expect(await ask('real')).toBe('keys_unavailable');
    await flood(ask, 5_000);
    expect(await ask('real')).toBe('ok');
  });

  test.each([2, 3, 4, 8])('is found soon, although each of them comes %i times', async (times) => {
    const { ask } = await sourceAt({ '/real': PROVIDER_PEM });
    await flood(ask, 100, times);
    expect(await comings(ask, 'real')).toBeLessThanOrEqual(2 * times);
  });

  test('is found when it comes a third time, though sixteen of them came twice', async () => {
    const { ask } = await sourceAt({ '/real': PROVIDER_PEM });
    await flood(ask, 16, 2);
    expect(await comings(ask, 'real')).toBeLessThanOrEqual(3);
  });

  test('says when to come back', async () => {
    const { ask, source } = await sourceAt({ '/real': PROVIDER_PEM });
    await flood(ask, 10);
    await expect(source.find({ alg: 'ES256', kid: 'real' })).rejects.toMatchObject({ status: 503, retryAfter: 30 });
  });

  test('is not taken for a known one once it is withdrawn', async () => {
    const advance = fakeClock();
    const { ask, answers } = await sourceAt({ '/real': PROVIDER_PEM }, { maxStale: 0 });
    expect(await ask('real')).toBe('ok');
    answers['/real'] = 404;
    advance(3_601);
    expect(await ask('real')).toBe('key_not_found');
  });
});

describe('what invented ids cost the origin', () => {
  test('is ten fetches per cooldown where none comes again', async () => {
    const advance = fakeClock();
    const { ask, asked } = await sourceAt({});
    for (const round of [1, 2, 3]) {
      await flood(ask, 1_000);
      expect(asked).toHaveLength(10 * round);
      advance(31);
    }
  });

  test('is bounded where they come again and again, too', async () => {
    const { ask, asked } = await sourceAt({});
    await flood(ask, 200, 50);
    expect(asked.length).toBeLessThan(70);
  });

  test('is nothing from the part for ids that come again, where the origin has said that they are not there', async () => {
    const advance = fakeClock();
    const { ask, asked } = await sourceAt({});
    const absent = numbered(10);
    for (const kid of absent) await ask(kid);
    advance(31);
    await flood(ask, 10);
    for (const kid of absent) expect(await ask(kid)).toBe('keys_unavailable');
    expect(asked).toHaveLength(20);
  });
});

describe('an origin that fails', () => {
  test('is asked for a key again after 1, 2, 4 seconds, up to the cooldown, when the id comes again', async () => {
    const advance = fakeClock();
    const { ask, asked, answers, source } = await sourceAt({ '/real': 500 });
    for (const [attempts, pause] of [1, 2, 4, 8, 16, 30].entries()) {
      await expect(source.find({ alg: 'ES256', kid: 'real' })).rejects.toMatchObject({ retryAfter: pause });
      advance(pause - 0.5);
      expect(await ask('real')).toBe('keys_unavailable');
      expect(asked).toHaveLength(attempts + 1);
      advance(0.5);
    }
    answers['/real'] = PROVIDER_PEM;
    expect(await ask('real')).toBe('ok');
  });

  test('is known by its status, for a redirection by its target', async () => {
    const { ask, source, events } = await sourceAt({ '/a': 500 });
    expect(await ask('a')).toBe('keys_unavailable');
    expect(source.health()).toMatchObject({ lastError: { message: 'the answer has the status 500' } });
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'keys_failed', reason: 'the answer has the status 500' }),
    );
  });
});

describe('key ids that are named', () => {
  test('are loaded by ready(), and then wait for nobody', async () => {
    const { ask, asked, source, events } = await sourceAt(
      { '/a': PROVIDER_PEM, '/b': STRANGER_PEM },
      { kids: ['a', 'b'] },
    );
    expect(asked).toEqual([]);
    await source.ready();
    expect([...asked].sort()).toEqual(['/a', '/b']);
    expect([await ask('a'), await ask('b'), asked.length]).toEqual(['ok', 'ok', 2]);
    expect(source.health()).toMatchObject({ keyCount: 2, lastSuccess: expect.any(Date) });
    expect(events.map(({ type }) => type)).toEqual(['keys_loaded', 'keys_loaded']);
  });

  test('are fetched on demand as well, whatever others have spent', async () => {
    const { ask } = await sourceAt({ '/a': PROVIDER_PEM }, { kids: ['a'] });
    await flood(ask, 100, 20);
    expect(await ask('a')).toBe('ok');
  });

  test('leave others their way in', async () => {
    const { ask } = await sourceAt({ '/a': PROVIDER_PEM, '/new': STRANGER_PEM }, { kids: ['a'] });
    expect(await ask('new')).toBe('ok');
  });

  test('without a key make ready() fail and say which, and are 401 in a token', async () => {
    const { ask, source, answers } = await sourceAt({ '/a': PROVIDER_PEM }, { kids: ['a', 'gone'], cooldown: 0 });
    await expect(source.ready()).rejects.toMatchObject({
      code: 'keys_unavailable',
      cause: expect.objectContaining({ message: expect.stringContaining('there is no key "gone" at') }),
    });
    expect([await ask('a'), await ask('gone')]).toEqual(['ok', 'key_not_found']);
    answers['/gone'] = STRANGER_PEM;
    await expect(source.ready()).resolves.toBeUndefined();
  });

  test('are loaded in the background after a ready() that failed', async () => {
    const advance = fakeClock({ timers: true });
    const { source, answers } = await sourceAt({ '/a': 500 }, { kids: ['a'] });
    await expect(source.ready()).rejects.toMatchObject({ code: 'keys_unavailable' });
    answers['/a'] = PROVIDER_PEM;
    advance(1.2);
    for (let turn = 0; turn < 10_000 && source.health().keyCount === 0; turn += 1) await new Promise(setImmediate);
    expect(source.health().keyCount).toBe(1);
  });

  test.each<[string, unknown, RegExp]>([
    ['a text', 'a', /pemPerKid\.kids: expects an array/],
    ['empty', [''], /pemPerKid\.kids/],
    ['of another form than the pattern asks for', ['../a'], /"\.\.\/a", which does not fit kidPattern/],
    ['more than a hundred', Array.from({ length: 101 }, (_, index) => `k${index}`), /at most 100/],
  ])('may not be %s', (_what, kids, message) => {
    const made = () => pemPerKidKeys({ url: 'https://a.example/{kid}', kids: kids as string[] });
    expect(made).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', message: expect.stringMatching(message) }),
    );
  });
});
