import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { authMethod, consulRefusal, consulVerdict, corpToken, presentToConsul } from '../helpers/consul.js';
import { inSeconds } from '../helpers/tokens.js';

type Times = Partial<Record<'iat' | 'nbf' | 'exp', number>>;

/** A token with these times only, in seconds from now. */
function timed(times: Times): Record<string, unknown> {
  const at = (seconds: number | undefined) => (seconds === undefined ? undefined : inSeconds(seconds));
  return { iat: at(times.iat), nbf: at(times.nbf), exp: at(times.exp) };
}

const EXPIRED = '401 token_expired';
const EARLY = '401 token_not_yet_valid';

describe('with the default leeways (150, 150 and 60 seconds)', () => {
  test.each<[string, Times, 200 | string]>([
    ['no time at all', {}, '401 claim_missing'],
    ['an exp that is gone for less than a minute', { iat: -600, exp: -55 }, 200],
    ['an exp that is gone for more, whatever the expiration leeway', { iat: -600, exp: -65 }, EXPIRED],
    ['only iat, until 210 seconds after it', { iat: -205 }, 200],
    ['only iat, later than that', { iat: -215 }, EXPIRED],
    ['only nbf, until 210 seconds after it', { nbf: -205 }, 200],
    ['only nbf, later than that', { nbf: -215 }, EXPIRED],
    ['iat and nbf, measured from the later one', { iat: -400, nbf: -205 }, 200],
    ['only exp, from 210 seconds before it', { exp: 205 }, 200],
    ['only exp, an hour ahead', { exp: 3600 }, EARLY],
    ['only exp, until a minute after it', { exp: -55 }, 200],
    ['an nbf less than a minute ahead', { nbf: 55, exp: 300 }, 200],
    ['an nbf more than a minute ahead', { nbf: 65, exp: 300 }, EARLY],
    ['an iat less than a minute ahead', { iat: 55, exp: 300 }, 200],
    ['an iat more than a minute ahead', { iat: 65, nbf: -10, exp: 300 }, EARLY],
    ['an exp an hour ahead and an iat', { iat: 0, exp: 3600 }, 200],
  ])('judges a token with %s', async (_what, times, expected) => {
    expect(await consulVerdict(authMethod(), corpToken(timed(times)))).toBe(expected);
  });

  test.each<[string, Record<string, unknown>, 200 | string]>([
    ['exp', { iat: inSeconds(-205), exp: 0 }, 200],
    ['exp, and iat is too old', { iat: inSeconds(-215), exp: 0 }, EXPIRED],
    ['iat and nbf', { iat: 0, nbf: 0, exp: inSeconds(3600) }, EARLY],
    ['all three', { iat: 0, nbf: 0, exp: 0 }, '401 claim_missing'],
  ])('takes 0 for missing: %s', async (_what, claims, expected) => {
    expect(await consulVerdict(authMethod(), corpToken(claims))).toBe(expected);
  });

  test.each(['iat', 'nbf', 'exp'])('refuses a text in place of a time in %s', async (claim) => {
    const token = corpToken({ [claim]: String(inSeconds(100)) });
    expect(await consulVerdict(authMethod(), token)).toBe('401 claim_invalid');
  });

  test('the principal ends when the made-up exp does', async () => {
    const iat = inSeconds(0);
    const { principal } = await presentToConsul(authMethod(), corpToken({ iat, exp: undefined }));
    expect(principal.credential.expiresAt).toBe(new Date((iat + 150) * 1000).toISOString());
  });
});

describe('the leeways', () => {
  test.each<[string, object, Times, 200 | string]>([
    ['0 is the default', { ExpirationLeeway: 0, NotBeforeLeeway: 0, ClockSkewLeeway: 0 }, { iat: -205 }, 200],
    ['a clock skew of its own', { ClockSkewLeeway: 10 }, { iat: -600, exp: -15 }, EXPIRED],
    ['a clock skew that is off', { ClockSkewLeeway: -1 }, { iat: -600, exp: -5 }, EXPIRED],
    ['a clock skew below zero is off, and no stricter', { ClockSkewLeeway: -100 }, { iat: -10, exp: 50 }, 200],
    ['a clock skew that is off, at the other end', { ClockSkewLeeway: -1 }, { nbf: 5, exp: 300 }, EARLY],
    ['an expiration leeway of its own, in seconds', { ExpirationLeeway: 1000 }, { iat: -1055 }, 200],
    ['and not a second more', { ExpirationLeeway: 1000 }, { iat: -1065 }, EXPIRED],
    ['an expiration leeway that is off', { ExpirationLeeway: -1 }, { iat: -65 }, EXPIRED],
    ['an expiration leeway that is off, within the skew', { ExpirationLeeway: -1 }, { iat: -55 }, 200],
    ['a not-before leeway of its own', { NotBeforeLeeway: 3600 }, { exp: 3655 }, 200],
    ['a not-before leeway that is off', { NotBeforeLeeway: -1 }, { exp: 65 }, EARLY],
    ['a number as text', { ExpirationLeeway: '1000' }, { iat: -1055 }, 200],
    ['a duration', { ExpirationLeeway: '16m40s' }, { iat: -1055 }, 200],
    ['a negative duration', { ClockSkewLeeway: '-1ns' }, { iat: -600, exp: -5 }, EXPIRED],
    ['a duration of nothing', { ClockSkewLeeway: '0s' }, { iat: -600, exp: -55 }, 200],
  ])('%s', async (_what, config, times, expected) => {
    expect(await consulVerdict(authMethod({ ...config }), corpToken(timed(times)))).toBe(expected);
  });

  test.each(['1 minute', '5', '5d', 's', '', '1h30m0.5s'])('%j is read or refused', async (text) => {
    const isDuration = ['5', '', '1h30m0.5s'].includes(text);
    expect((await consulRefusal(authMethod({ ExpirationLeeway: text }))) === undefined).toBe(isDuration);
  });
});

describe('with discovery, which has time rules of its own', () => {
  let issuer: TestIssuer;
  beforeAll(async () => {
    issuer = await testIssuer();
  });
  afterAll(() => issuer.close());

  test.each<[string, Times, 200 | string]>([
    ['an exp that is gone by a second or two', { iat: -600, exp: -2 }, EXPIRED],
    ['no exp', { iat: 0 }, '401 claim_missing'],
    ['only exp, an hour ahead', { exp: 3600 }, 200],
    ['an nbf less than five minutes ahead', { nbf: 295, exp: 600 }, 200],
    ['an nbf more than five minutes ahead', { nbf: 305, exp: 600 }, EARLY],
    ['an iat more than five minutes ahead, where Consul does not look', { iat: 305, exp: 600 }, EARLY],
  ])('judges a token with %s', async (_what, times, expected) => {
    const config = { Name: 'corp', Type: 'jwt', Config: { OIDCDiscoveryURL: issuer.url, ClockSkewLeeway: 200 } };
    expect(await consulVerdict(config, await issuer.mint(timed(times)))).toBe(expected);
  });
});
