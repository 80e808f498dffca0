import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { accessToken, door, present, verdict } from '../../helpers/oidc-door.js';

const NOW = 1_800_000_000;
afterEach(() => void jest.restoreAllMocks());

/** What a method says at `NOW` of a token with these times, in seconds from then; without a time the claim is absent. */
async function at(
  method: ReturnType<typeof door>,
  { exp, nbf, iat, ...claims }: { exp?: number; nbf?: number; iat?: number; [claim: string]: unknown },
): Promise<200 | string> {
  const absolute = (seconds: number | undefined) => (seconds === undefined ? undefined : NOW + seconds);
  const token = accessToken({ exp: absolute(exp), nbf: absolute(nbf), iat: absolute(iat), ...claims });
  jest.spyOn(Date, 'now').mockReturnValue(NOW * 1000);
  return verdict(method, token);
}

describe('by default', () => {
  test.each([
    [{ exp: 1 }, 200],
    [{ exp: -59 }, 200],
    [{ exp: -60 }, 'token_expired'],
    [{ exp: 300, nbf: 60 }, 200],
    [{ exp: 300, nbf: 61 }, 'token_not_yet_valid'],
    [{ exp: 300, iat: 60 }, 200],
    [{ exp: 300, iat: 61 }, 'token_not_yet_valid'],
    [{ exp: -3600, nbf: 3600 }, 'token_expired'],
    [{ iat: 0 }, 'claim_missing'],
    [{}, 'claim_missing'],
  ])('%j: %s', async (times, expected) => {
    expect(await at(door(), times)).toBe(expected);
  });
});

describe('clockTolerance', () => {
  test.each([
    [0, { exp: 0 }, 'token_expired'],
    [0, { exp: 1, iat: 1 }, 'token_not_yet_valid'],
    [0, { exp: 1, iat: 0 }, 200],
    [300, { exp: -299 }, 200],
    [300, { exp: -300 }, 'token_expired'],
  ])('%d seconds, %j: %s', async (clockTolerance, times, expected) => {
    expect(await at(door({ clockTolerance }), times)).toBe(expected);
  });
});

describe('maxLifetime', () => {
  const short = door({ maxLifetime: 600 });
  test.each([
    [{ iat: -300, exp: 300 }, 200],
    [{ iat: -300, exp: 301 }, 'token_lifetime_exceeded'],
    [{ exp: 600 }, 200],
    [{ exp: 601 }, 'token_lifetime_exceeded'],
  ])('of 600 seconds, %j: %s', async (times, expected) => {
    expect(await at(short, times)).toBe(expected);
  });

  test('asks for an exp even where nothing else does', async () => {
    expect(await at(door({ maxLifetime: 600, requiredClaims: [] }), { iat: 0 })).toBe('claim_missing');
  });
});

describe('requiredClaims', () => {
  test('may let a token live for ever', async () => {
    expect(await at(door({ requiredClaims: [] }), {})).toBe(200);
  });

  test('asks for any claim by name', async () => {
    const method = door({ requiredClaims: ['exp', 'tenant'] });
    expect(await at(method, { exp: 300, tenant: 'a' })).toBe(200);
    expect(await at(method, { exp: 300 })).toBe('claim_missing');
    expect(await at(method, { exp: 300, tenant: null })).toBe('claim_missing');
  });
});

describe('Consul’s leeways, at Consul’s defaults', () => {
  const consul = door({ expirationLeeway: 150, notBeforeLeeway: 150 });

  test.each<[what: string, times: { exp?: number; nbf?: number; iat?: number }, expected: 200 | string]>([
    ['no time at all', {}, 'claim_missing'],
    ['only exp, ending soon', { exp: 210 }, 200],
    ['only exp, an hour long', { exp: 3600 }, 'token_not_yet_valid'],
    ['only exp, a second too long', { exp: 211 }, 'token_not_yet_valid'],
    ['only exp, within the tolerance', { exp: -59 }, 200],
    ['a present exp gets the tolerance and never the leeway', { exp: -61 }, 'token_expired'],
    ['only iat, 209 seconds old', { iat: -209 }, 200],
    ['only iat, 211 seconds old', { iat: -211 }, 'token_expired'],
    ['only nbf, 209 seconds old', { nbf: -209 }, 200],
    ['only nbf, 211 seconds old', { nbf: -211 }, 'token_expired'],
    ['exp is counted from the later of iat and nbf', { iat: -500, nbf: -100 }, 200],
    ['so it is the other way round', { iat: -100, nbf: -500 }, 200],
    ['iat stands in for nbf, so an hour is fine', { iat: -10, exp: 3600 }, 200],
    ['iat in the future', { iat: 61, exp: 3600 }, 'token_not_yet_valid'],
    ['nbf in the future', { nbf: 61, exp: 3600 }, 'token_not_yet_valid'],
    ['an earlier nbf does not excuse iat', { nbf: -10, iat: 61, exp: 3600 }, 'token_not_yet_valid'],
  ])('%s', async (_what, times, expected) => {
    expect(await at(consul, times)).toBe(expected);
  });

  test('a claim of 0 counts as missing', async () => {
    const token = accessToken({ exp: 0, nbf: 0, iat: 0 });
    expect(await verdict(consul, token)).toBe('claim_missing');
    expect(await verdict(door(), token)).toBe('token_expired');
  });

  test('wrong types stay wrong', async () => {
    for (const exp of ['1800000300', true, null, [NOW], -1]) {
      expect(await verdict(consul, accessToken({ exp }))).toBe('claim_invalid');
    }
  });
});

describe('Consul’s leeways, otherwise', () => {
  test('each is 150 where only the other is given', async () => {
    expect(await at(door({ expirationLeeway: 0 }), { exp: 210 })).toBe(200);
    expect(await at(door({ expirationLeeway: 0 }), { exp: 211 })).toBe('token_not_yet_valid');
    expect(await at(door({ notBeforeLeeway: 0 }), { iat: -209 })).toBe(200);
    expect(await at(door({ notBeforeLeeway: 0 }), { iat: -211 })).toBe('token_expired');
  });

  test('0 leaves nothing but the tolerance', async () => {
    const none = door({ expirationLeeway: 0, notBeforeLeeway: 0 });
    expect(await at(none, { iat: -59 })).toBe(200);
    expect(await at(none, { iat: -61 })).toBe('token_expired');
    expect(await at(none, { exp: 61 })).toBe('token_not_yet_valid');
  });

  test('claims that the application requires are still required', async () => {
    expect(await at(door({ expirationLeeway: 150, requiredClaims: ['exp'] }), { iat: 0 })).toBe('claim_missing');
  });

  test('an absent requiredClaims is an absent one', async () => {
    const spread = { expirationLeeway: 150, ...({ requiredClaims: undefined } as object) };
    expect(await at(door(spread), { iat: 0 })).toBe(200);
  });

  test('the principal ends when the token does', async () => {
    const method = door({ expirationLeeway: 100 });
    const token = accessToken({ exp: 0, iat: NOW, nbf: NOW + 30 });
    jest.spyOn(Date, 'now').mockReturnValue(NOW * 1000);
    const { principal } = await present(method, token);
    expect(principal.credential.expiresAt).toBe(new Date((NOW + 130) * 1000).toISOString());
  });
});
