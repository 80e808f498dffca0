import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type AuthEvent, pemPerKidKeys, type WafTokenOptions, wafToken } from '../../../lib/index.js';
import { afterThisTest } from '../../helpers/after-this-test.js';
import { fakeClock } from '../../helpers/fake-clock.js';
import { accessToken, PROVIDER_PEM, STRANGER_KEY, STRANGER_PEM } from '../../helpers/oidc-door.js';
import { pemServer } from '../../helpers/pem-server.js';
import { segment } from '../../helpers/signing.js';
import { inSeconds } from '../../helpers/tokens.js';
import { requestFrom, WAF_HEADER, wafOptions, wafVerdict } from '../../helpers/waf.js';

function doorAt(pemPerKid: WafTokenOptions['pemPerKid'], options: Partial<WafTokenOptions> = {}) {
  const events: AuthEvent[] = [];
  const { publicKeys: _static, ...others } = wafOptions();
  const onEvent = (event: AuthEvent) => void events.push(event);
  const place = pemPerKid === undefined ? {} : { pemPerKid };
  const method = wafToken({ ...others, ...place, onEvent, ...options } as WafTokenOptions);
  afterThisTest(() => method.close());
  return { method, events, verdict: (token: string) => wafVerdict(method, [WAF_HEADER, token]) };
}

const tokenOf = (kid: unknown) => accessToken({}, { header: { kid } });

/** A token of the right form under an invented key id; nobody signed it. */
function invented(kid: string = randomUUID()): string {
  const [, claims = ''] = accessToken().split('.');
  return `${segment({ alg: 'ES256', kid })}.${claims}.${segment(Buffer.alloc(64, 1))}`;
}

/** Asks without a server of its own, so that thousands are a matter of seconds. */
async function codeOf(method: { authenticate(req: never): Promise<unknown> }, token: string): Promise<string> {
  try {
    await method.authenticate(requestFrom('127.0.0.1', { [WAF_HEADER]: token }) as never);
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('one PEM per key id', () => {
  test('is fetched when a token first names it, and then kept', async () => {
    const { origin, asked } = await pemServer({ '/keys/k1.pem': PROVIDER_PEM });
    const { method, verdict } = doorAt(`${origin}/keys/{kid}.pem`);
    expect(asked).toEqual([]);
    for (const _time of [1, 2, 3]) expect(await verdict(tokenOf('k1'))).toBe(200);
    expect(asked).toEqual(['/keys/k1.pem']);
    expect(method.health()).toEqual([
      { source: `${origin}/keys/{kid}.pem`, keyCount: 1, lastSuccess: expect.any(Date), age: expect.any(Number) },
    ]);
  });

  test('is fetched once, however many requests ask for it together', async () => {
    const { origin, asked } = await pemServer({ '/k1': PROVIDER_PEM });
    const { verdict } = doorAt(`${origin}/{kid}`);
    expect(await Promise.all(Array.from({ length: 20 }, () => verdict(tokenOf('k1'))))).toEqual(Array(20).fill(200));
    expect(asked).toEqual(['/k1']);
  });

  test('belongs to its id: another key’s signature is refused', async () => {
    const { origin } = await pemServer({ '/k1': STRANGER_PEM, '/k2': PROVIDER_PEM });
    const { verdict } = doorAt(`${origin}/{kid}`);
    expect(await verdict(tokenOf('k2'))).toBe(200);
    expect(await verdict(tokenOf('k1'))).toBe('401 signature_invalid');
    const forged = accessToken({}, { key: STRANGER_KEY, header: { kid: 'k2' } });
    expect(await verdict(forged)).toBe('401 signature_invalid');
  });

  test.each([404, 410, 403])(
    'that the server answers with %i is the token’s fault, and not asked for again',
    async (status) => {
      const { origin, asked } = await pemServer({ '/k1': status });
      const { verdict, events } = doorAt(`${origin}/{kid}`);
      for (const _time of [1, 2]) expect(await verdict(tokenOf('k1'))).toBe('401 key_not_found');
      expect(asked).toEqual(['/k1']);
      expect(events.filter(({ type }) => type.startsWith('keys_'))).toEqual([]);
    },
  );

  test.each([
    ['a server error', 500, 'the answer has the status 500'],
    ['a redirect', 302, 'the answer has the status 302'],
    ['a page in HTML', '<!doctype html><h1>Sign in</h1>', 'this is not a PEM public key or certificate'],
    ['nothing', '', 'this is not a PEM public key or certificate'],
  ])(
    'of which the server makes %s is our outage, told to the operator, and not asked for in a row',
    async (_t, answer, reason) => {
      const { origin, asked } = await pemServer({ '/k1': answer });
      const { method, verdict, events } = doorAt(`${origin}/{kid}`);
      for (const _time of [1, 2, 3]) expect(await verdict(tokenOf('k1'))).toBe('503 keys_unavailable');
      expect(asked).toEqual(['/k1']);
      expect(events).toContainEqual({
        type: 'keys_failed',
        source: `${origin}/{kid}`,
        reason: expect.any(String),
        servingStale: false,
      });
      expect(method.health()).toMatchObject([{ keyCount: 0, lastError: { message: reason } }]);
    },
  );

  test('that appears later is found after the cooldown', async () => {
    const pause = fakeClock();
    const { origin, answers } = await pemServer();
    const { verdict } = doorAt(`${origin}/{kid}`);
    expect(await verdict(tokenOf('k1'))).toBe('401 key_not_found');
    answers['/k1'] = PROVIDER_PEM;
    expect(await verdict(tokenOf('k1'))).toBe('401 key_not_found');
    pause(31);
    expect(await verdict(tokenOf('k1'))).toBe(200);
  });

  test('is looked at again after an hour, serves through an outage, and leaves when it was withdrawn', async () => {
    const pause = fakeClock();
    const { origin, asked, answers } = await pemServer({ '/k1': PROVIDER_PEM });
    const { verdict } = doorAt(`${origin}/{kid}`);
    const lookedAgain = async () => {
      const before = asked.length;
      pause(60);
      await verdict(token);
      // The look is not waited for; a round trip is, so that its outcome is known.
      await fetch(`${origin}/done`);
      expect(asked.slice(before).sort()).toEqual(['/done', '/k1']);
    };
    const token = accessToken({ exp: inSeconds(20_000) }, { header: { kid: 'k1' } });
    expect(await verdict(token)).toBe(200);
    answers['/k1'] = 500;
    pause(3700);
    expect(await verdict(token)).toBe(200);
    answers['/k1'] = 403;
    await lookedAgain();
    expect(await verdict(token)).toBe(200);
    answers['/k1'] = 404;
    await lookedAgain();
    expect(await verdict(token)).toBe('401 key_not_found');
  });

  test('is not taken from a private key that somebody published', async () => {
    const pem = STRANGER_KEY.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { origin } = await pemServer({ '/k1': pem });
    const { verdict, events } = doorAt(`${origin}/{kid}`);
    expect(await verdict(accessToken({}, { key: STRANGER_KEY, header: { kid: 'k1' } }))).toBe('503 keys_unavailable');
    expect(JSON.stringify(events)).not.toContain(pem.slice(40, 80));
  });
});

describe('a key id', () => {
  test.each([
    ['is missing', undefined],
    ['climbs', '../secret'],
    ['climbs, encoded', '%2e%2e%2fsecret'],
    ['is the folder above', '..'],
    ['is the folder', '.'],
    ['is empty', ''],
    ['has a query', 'k1?x=1'],
    ['has a fragment', 'k1#x'],
    ['is an address', 'https://evil.example.com/k1'],
    ['has a line break', 'k1\n'],
    ['is long', 'k'.repeat(129)],
    ['is not ASCII', 'ключ'],
  ])('that %s is refused without a fetch', async (_title, kid) => {
    const { origin, asked } = await pemServer({ '/keys/k1': PROVIDER_PEM, '/secret': PROVIDER_PEM, '/': PROVIDER_PEM });
    const { verdict } = doorAt(`${origin}/keys/{kid}`);
    expect(await verdict(tokenOf(kid))).toBe('401 key_not_found');
    expect(asked).toEqual([]);
  });

  test('looks as the application says, and stays inside its folder even then', async () => {
    const { origin, asked } = await pemServer({ '/keys/a%2Fb%3F': PROVIDER_PEM, '/': PROVIDER_PEM });
    const { verdict } = doorAt({ url: `${origin}/keys/{kid}`, kidPattern: /./ });
    expect(await verdict(tokenOf('a/b?'))).toBe(200);
    expect(await verdict(tokenOf('..'))).toBe('401 key_not_found');
    expect(await verdict(tokenOf('$&'))).toBe('401 key_not_found');
    expect(asked).toEqual(['/keys/a%2Fb%3F', '/keys/%24%26']);
  });

  test('is judged alike every time, also by a pattern that remembers where it stopped', async () => {
    const { origin } = await pemServer({ '/k1': PROVIDER_PEM });
    const { verdict } = doorAt({ url: `${origin}/{kid}`, kidPattern: /^k\d$/gy });
    for (const _time of [1, 2, 3]) expect(await verdict(tokenOf('k1'))).toBe(200);
  });

  test('of an algorithm that is not allowed costs no fetch', async () => {
    const { origin, asked } = await pemServer({ '/k1': PROVIDER_PEM });
    const { verdict } = doorAt(`${origin}/{kid}`, { algorithms: ['ES384'] });
    expect(await verdict(tokenOf('k1'))).toBe('401 algorithm_not_allowed');
    expect(asked).toEqual([]);
  });
});

describe('a flood of invented key ids', () => {
  test('costs ten fetches per cooldown, and known keys never notice', async () => {
    const pause = fakeClock();
    const { origin, asked } = await pemServer({ '/k1': PROVIDER_PEM });
    const { method, verdict } = doorAt(`${origin}/{kid}`);
    expect(await verdict(tokenOf('k1'))).toBe(200);
    const codes = new Set<string>();
    for (let index = 0; index < 10_000; index += 1) codes.add(await codeOf(method, invented()));
    expect([...codes].sort()).toEqual(['key_not_found', 'keys_unavailable']);
    expect(asked.length).toBeLessThanOrEqual(10);
    expect(await verdict(tokenOf('k1'))).toBe(200);
    expect(method.health()).toMatchObject([{ keyCount: 1 }]);
    pause(31);
    for (let index = 0; index < 100; index += 1) await codeOf(method, invented());
    expect(asked.length).toBeLessThanOrEqual(20);
    expect(asked.filter((path) => path === '/k1')).toHaveLength(1);
  });

  test('while the server is down leaves nothing behind that goes on asking', async () => {
    const pause = fakeClock({ timers: true });
    const { origin, asked, answers } = await pemServer();
    const { method } = doorAt(`${origin}/{kid}`);
    const kids = Array.from({ length: 10 }, () => randomUUID());
    for (const kid of kids) answers[`/${kid}`] = 500;
    for (const kid of kids) expect(await codeOf(method, invented(kid))).toBe('keys_unavailable');
    expect(asked).toHaveLength(10);
    // Past the back-off, and before the time limit of what would then be under way.
    pause(34);
    // A round trip, so that whatever began before it has arrived.
    await fetch(`${origin}/done`);
    expect(asked.slice(10)).toEqual(['/done']);
  });

  test('by one invented id is one fetch per cooldown', async () => {
    const { origin, asked } = await pemServer();
    const { method } = doorAt(`${origin}/{kid}`);
    for (let index = 0; index < 50; index += 1) expect(await codeOf(method, invented('k9'))).toBe('key_not_found');
    expect(asked).toEqual(['/k9']);
  });
});

describe('the place of the keys', () => {
  test.each([
    ['no {kid}', 'https://keys.example.com/'],
    ['{kid} in the query alone', 'https://keys.example.com/?kid={kid}'],
    ['{kid} as the host', 'https://{kid}/'],
    ['{kid} in the host', 'https://{kid}.example.com/keys'],
    ['plain http', 'http://keys.example.com/{kid}'],
    ['a password', 'https://user:secret@keys.example.com/{kid}'],
    ['no URL', '{kid}'],
    ['half an escape and no {kid}', 'https://keys.example.com/%zz'],
  ])('may not be a URL with %s', (_title, url) => {
    expect(() => pemPerKidKeys({ url })).toThrow(expect.objectContaining({ name: 'ConfigurationError' }));
    expect(() => doorAt(url)).toThrow(/pemPerKid/);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['a pattern that is none', { pemPerKid: { url: 'https://k.example.com/{kid}', kidPattern: '^k' } }, /kidPattern/],
    [
      'a misspelt pattern',
      { pemPerKid: { url: 'https://k.example.com/{kid}', kidpattern: /k/ } },
      /did you mean "kidPattern"/,
    ],
    ['a cooldown that is no number', { pemPerKid: 'https://k.example.com/{kid}', cooldown: '30' }, /cooldown/],
    ['a staleness of a year', { pemPerKid: 'https://k.example.com/{kid}', maxStale: 31_536_000 }, /maxStale/],
    ['a certificate that is none', { pemPerKid: 'https://k.example.com/{kid}', ca: 'x' }, /ca/],
    ['algorithms with a secret', { pemPerKid: 'https://k.example.com/{kid}', algorithms: ['HS256'] }, /algorithms/],
    [
      'keys by URL as well',
      { pemPerKid: 'https://k.example.com/{kid}', jwksUri: 'https://k.example.com' },
      /contradicts/,
    ],
    ['keys themselves as well', { pemPerKid: 'https://k.example.com/{kid}', publicKeys: PROVIDER_PEM }, /contradicts/],
  ])('may not come with %s', (_title, options, message) => {
    expect(() => doorAt(undefined, options)).toThrow(message);
  });
});
