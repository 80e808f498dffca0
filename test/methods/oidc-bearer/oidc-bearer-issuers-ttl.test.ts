import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { type IssuersResolver, oidcBearer } from '../../../lib/index.js';
import { accessToken, ISSUER, staticOptions, verdict } from '../../helpers/oidc-door.js';
import { tenant } from '../../helpers/tenants.js';

afterEach(() => void jest.restoreAllMocks());

function later(seconds: number): void {
  const now = Date.now() + seconds * 1000;
  jest.spyOn(Date, 'now').mockReturnValue(now);
  const clock = performance.now() + seconds * 1000;
  jest.spyOn(performance, 'now').mockReturnValue(clock);
}

/** A method with one tenant that a test can take out, and how often the application was asked. */
function leavable(issuersTtl?: number) {
  const state = { isThere: true, asked: 0 };
  const issuers: IssuersResolver = (issuer) => {
    state.asked += 1;
    return state.isThere && issuer === ISSUER ? tenant() : undefined;
  };
  return { state, method: oidcBearer({ issuers, issuersTtl, exposeReason: true }) };
}

describe('a tenant that is taken out', () => {
  test.each([
    [5, 5],
    [200, 200],
    [undefined, 60],
  ])('with issuersTtl %s is out within %s seconds', async (issuersTtl, seconds) => {
    const { state, method } = leavable(issuersTtl);
    const token = accessToken();
    expect(await verdict(method, token)).toBe(200);
    state.isThere = false;
    later(seconds - 1);
    expect(await verdict(method, token)).toBe(200);
    expect(state.asked).toBe(1);
    later(2);
    expect(await verdict(method, token)).not.toBe(200);
    expect(state.asked).toBe(2);
  });

  test('with issuersTtl 0 is out at once, for a token that was cached too', async () => {
    const { state, method } = leavable(0);
    const token = accessToken();
    expect([await verdict(method, token), await verdict(method, token)]).toEqual([200, 200]);
    expect(state.asked).toBe(2);
    state.isThere = false;
    expect(await verdict(method, token)).toBe('issuer_unknown');
    state.isThere = true;
    expect(await verdict(method, token)).toBe(200);
  });
});

test.each([
  ['below 0', { issuers: () => undefined, issuersTtl: -1 }],
  ['above a day', { issuers: () => undefined, issuersTtl: 86_401 }],
  ['a text', { issuers: () => undefined, issuersTtl: '60' }],
  ['beside one issuer', { ...staticOptions(), issuersTtl: 60 }],
])('issuersTtl %s is refused', (_title, options) => {
  expect(() => oidcBearer(options as never)).toThrow(/^oidcBearer\.issuersTtl/);
});
