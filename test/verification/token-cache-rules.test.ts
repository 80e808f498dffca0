import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { type ConsumerJwtOptions, consumerJwt, jwtAuth, type OidcBearerOptions } from '../../lib/index.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { accessToken, door } from '../helpers/oidc-door.js';
import { answer, carrying, countingClaims, welcomeTwice } from '../helpers/remembering.js';
import { howtoToken, inSeconds } from '../helpers/tokens.js';
import { until } from '../helpers/until.js';

afterEach(() => {
  jest.restoreAllMocks();
});

const later = (seconds: number) => {
  const now = Date.now();
  jest.spyOn(Date, 'now').mockReturnValue(now + seconds * 1000);
};

type Common = Pick<OidcBearerOptions & ConsumerJwtOptions, 'cache' | 'claims' | 'isRevoked' | 'clockTolerance'>;

const consumerDoor = (options: Partial<ConsumerJwtOptions> = {}) =>
  consumerJwt({ consumers: howtoConsumers(), ...options });

describe.each([
  ['oidcBearer', (options: Common = {}) => door(options), accessToken],
  ['consumerJwt', (options: Common = {}) => consumerDoor(options), howtoToken],
] as const)('%s', (_name, make, mint) => {
  test('remembers a token that passed twice, and not one that did not pass', async () => {
    const { claims, workedOut } = countingClaims();
    let withdrawn = true;
    const method = make({ claims, isRevoked: () => withdrawn });
    const token = mint();
    const twice = async () => [await answer(method, token), await answer(method, token)];
    expect(await workedOut(async () => expect(await twice()).toEqual(['token_revoked', 'token_revoked']))).toBe(2);
    withdrawn = false;
    expect(await workedOut(async () => expect(await twice()).toEqual(['welcome', 'welcome']))).toBe(2);
    expect(await workedOut(async () => expect(await twice()).toEqual(['welcome', 'welcome']))).toBe(0);
  });

  test('remembers nothing with cache: false', async () => {
    const { claims, workedOut } = countingClaims();
    const method = make({ claims, cache: false });
    const token = mint();
    await welcomeTwice(method, token);
    expect(await workedOut(() => answer(method, token))).toBe(1);
  });

  test('forgets everything when it is closed', async () => {
    const { claims, workedOut } = countingClaims();
    const method = make({ claims });
    const token = mint();
    await welcomeTwice(method, token);
    await method.close();
    expect(await workedOut(() => answer(method, token))).toBe(1);
  });

  test('knows a token by all of it: another signature is another token', async () => {
    const method = make();
    const token = mint();
    await welcomeTwice(method, token);
    const end = token.lastIndexOf('.') + 1;
    const forged = token.slice(0, end) + (token[end] === 'A' ? 'B' : 'A') + token.slice(end + 1);
    expect(await answer(method, forged)).toBe('signature_invalid');
  });

  test('looks at exp on every hit', async () => {
    const method = make();
    const token = mint({ exp: inSeconds(300) });
    await welcomeTwice(method, token);
    later(361);
    expect(await answer(method, token)).toBe('token_expired');
  });

  test.each(['nbf', 'iat'])('looks at %s on every hit, whichever way the clock was set', async (claim) => {
    const method = make();
    const token = mint({ [claim]: inSeconds(0) });
    await welcomeTwice(method, token);
    later(-120);
    expect(await answer(method, token)).toBe('token_not_yet_valid');
  });

  test('asks about revocation on every hit', async () => {
    const withdrawn = new Set<unknown>();
    const method = make({ isRevoked: ({ jti }) => withdrawn.has(jti) });
    const token = mint({ jti: 'one' });
    await welcomeTwice(method, token);
    withdrawn.add('one');
    expect(await answer(method, token)).toBe('token_revoked');
  });

  test('answers each time as at first where a check of the application writes into the claims', async () => {
    const method = make({ isRevoked: (claims) => Boolean(Object.assign(claims, { seen: true }) && false) });
    const token = mint();
    const answers: unknown[] = [];
    for (let time = 0; time < 4; time += 1) answers.push(await answer(method, token));
    expect(new Set(answers).size).toBe(1);
  });

  test('keeps no more tokens than it was told to, and lets go of the one that was longest unused', async () => {
    const { claims, workedOut } = countingClaims();
    const method = make({ claims, cache: { maxEntries: 3 } });
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((sub) => mint({ sub })) as [string, string, string, string];
    for (const token of [a, b, c, a, d]) await welcomeTwice(method, token);
    expect(await workedOut(() => Promise.all([a, c, d].map((token) => answer(method, token))))).toBe(0);
    expect(await workedOut(() => answer(method, b))).toBe(1);
  });

  test('remembers no token that came once, and pushes none out for it', async () => {
    const { claims, workedOut } = countingClaims();
    const method = make({ claims, cache: { maxEntries: 10 } });
    const kept = mint({ sub: 'kept' });
    await welcomeTwice(method, kept);
    const once = Array.from({ length: 40 }, (_, index) => mint({ sub: `once-${index}` }));
    for (const token of once) await answer(method, token);
    expect(await workedOut(() => answer(method, kept))).toBe(0);
    // Not even that they came once is remembered for ever; now and then one is taken for another that did.
    const first = once.slice(0, 20);
    const worked = await workedOut(async () => {
      for (const token of first) await welcomeTwice(method, token);
    });
    expect(worked).toBeGreaterThanOrEqual(35);
    expect(await workedOut(() => answer(method, once[19] as string))).toBe(0);
  });

  test('keeps 10,000 tokens by default', async () => {
    const { claims, workedOut } = countingClaims();
    const method = make({ claims });
    const first = mint({ sub: 'first' });
    await welcomeTwice(method, first);
    for (let index = 1; index < 10_000; index += 1) await welcomeTwice(method, mint({ sub: `person-${index}` }));
    expect(await workedOut(() => answer(method, first))).toBe(0);
    for (let index = 10_000; index < 20_000; index += 1) await welcomeTwice(method, mint({ sub: `person-${index}` }));
    expect(await workedOut(() => answer(method, first))).toBe(1);
  });

  test.each([
    ['as many bytes as it was told to', { maxBytes: 1_000_000 }, 60],
    ['32 MiB by default', true, 1_800],
  ] as const)('keeps %s', async (_title, cache, large) => {
    const { claims, workedOut } = countingClaims();
    const method = make({ claims, cache });
    const small = mint();
    await welcomeTwice(method, small);
    const fill = 'x'.repeat(10_000);
    const tokens = Array.from({ length: large }, (_, index) => mint({ sub: `${index}`, fill }));
    for (const token of tokens) await welcomeTwice(method, token);
    expect(await workedOut(() => answer(method, tokens.at(-1) ?? ''))).toBe(0);
    expect(await workedOut(() => answer(method, small))).toBe(1);
  });
});

test('what leaves the cache leaves the memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const method = door({ cache: { maxEntries: 5 } });
  const remembered: WeakRef<object>[] = [];
  for (let index = 0; index < 50; index += 1) {
    const token = accessToken({ sub: `person-${index}` });
    await welcomeTwice(method, token);
    const principal = await method.authenticate(carrying(token));
    remembered.push(new WeakRef(principal?.claims ?? {}));
  }
  const left = () => remembered.filter((one) => one.deref() !== undefined).length;
  await until(() => {
    collect();
    return left() <= 5;
  });
  // Or nothing was remembered at all.
  expect(left()).toBe(5);
});

test('methods never share what they remember: the policy of one does not answer for another', async () => {
  const token = accessToken();
  const other = 'https://other.example.com';
  const [one, two] = [door({ name: 'one' }), door({ name: 'two', audience: other })];
  await welcomeTwice(one, token);
  expect(await answer(two, token)).toBe('audience_mismatch');
  expect(await answer(jwtAuth({ methods: [one, two] }), token)).toBe('welcome');
  expect(await answer(jwtAuth({ methods: [two] }), token)).toBe('audience_mismatch');

  const signed = howtoToken();
  const consumers = howtoConsumers();
  const [open, strict] = [consumerDoor({ consumers }), consumerDoor({ consumers, requiredClaims: ['sub'] })];
  await welcomeTwice(open, signed);
  expect(await answer(strict, signed)).toBe('claim_missing');
});
