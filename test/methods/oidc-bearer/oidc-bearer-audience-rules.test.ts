import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type AudienceCheck, jwtAuth, oidcBearer, wafToken } from '../../../lib/index.js';
import { given } from '../../helpers/loose.js';
import { AUDIENCE, accessToken, door, ISSUER, PROVIDER_PEM, verdict } from '../../helpers/oidc-door.js';
import { resolvedBy, tenant } from '../../helpers/tenants.js';

const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
beforeEach(() => void warn.mockClear());

const byClient = (options: object = {}) => door({ audience: null, clients: ['web', 'app'], ...options });

describe('clients', () => {
  test.each(['client_id', 'azp', 'appid', 'cid'])('one of ours in %s passes, another is refused', async (claim) => {
    expect(await verdict(byClient(), accessToken({ [claim]: 'app' }))).toBe(200);
    expect(await verdict(byClient(), accessToken({ [claim]: 'other' }))).toBe('audience_mismatch');
  });

  test('the first of the claims that is there decides', async () => {
    expect(await verdict(byClient(), accessToken({ client_id: 'web', azp: 'other' }))).toBe(200);
    expect(await verdict(byClient(), accessToken({ client_id: 'other', azp: 'web' }))).toBe('audience_mismatch');
    expect(await verdict(byClient(), accessToken({ client_id: null, azp: '', appid: 'web' }))).toBe(200);
  });

  test.each([[{}], [{ client_id: ['web'] }], [{ client_id: 7, azp: 'web' }], [{ client_id: 'WEB' }], [{ aud: 'web' }]])(
    'a token with %j is refused',
    async (claims) => {
      expect(await verdict(byClient(), accessToken(claims))).toBe('audience_mismatch');
    },
  );

  test('stand beside an audience, and both have to fit', async () => {
    const both = byClient({ audience: AUDIENCE });
    expect(await verdict(both, accessToken({ azp: 'web' }))).toBe(200);
    expect(await verdict(both, accessToken({ azp: 'other' }))).toBe('audience_mismatch');
    expect(await verdict(both, accessToken({ azp: 'web', aud: 'other' }))).toBe('audience_mismatch');
  });

  test('are asked for by wafToken and by what issuers() answers, too', async () => {
    const waf = wafToken({
      issuer: ISSUER,
      audience: null,
      clients: ['web'],
      publicKeys: PROVIDER_PEM,
      exposeReason: true,
    });
    const many = resolvedBy(() => tenant({ audience: null, clients: ['web'] }));
    for (const method of [waf, many]) {
      expect(await verdict(method, accessToken({ azp: 'web' }))).toBe(200);
      expect(await verdict(method, accessToken({ azp: 'other' }))).toBe('audience_mismatch');
    }
  });

  test.each([[[]], ['web'], [['']], [[7]], [null]])('%j is a wrong option', (clients) => {
    expect(() => door(given({ clients }))).toThrow(/oidcBearer\.clients/);
  });

  test('that are undefined are asked for, because the variable may not be set', () => {
    const options = { issuer: ISSUER, audience: null, publicKeys: PROVIDER_PEM };
    expect(() => oidcBearer({ ...options, clients: undefined })).toThrow(
      /clients: is undefined: is the environment variable set/,
    );
  });
});

describe('a function as the audience', () => {
  const seen = (...[answer = [true]]: [answer?: readonly [unknown]]) => {
    const check = jest.fn<AudienceCheck>(() => answer[0] as boolean);
    return { check, method: door({ audience: check }) };
  };

  test.each([
    [AUDIENCE, [AUDIENCE]],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [undefined, []],
    [null, []],
    [[], []],
    ['', []],
  ])('of a token with aud %j it is asked once, with %j', async (aud, audiences) => {
    const { check, method } = seen();
    expect(await verdict(method, accessToken({ aud }))).toBe(200);
    expect(check).toHaveBeenCalledTimes(1);
    expect(check.mock.calls[0]?.[0]).toEqual(audiences);
    expect(check.mock.calls[0]?.[1]).toMatchObject({ sub: 'alice' });
  });

  test.each([false, Promise.resolve(false)])('refuses by false', async (answer) => {
    expect(await verdict(seen([answer]).method, accessToken())).toBe('audience_mismatch');
  });

  test('decides again about a token that is remembered', async () => {
    let isOurs = true;
    const method = door({ audience: async () => isOurs });
    const token = accessToken();
    expect(await verdict(method, token)).toBe(200);
    isOurs = false;
    expect(await verdict(method, token)).toBe('audience_mismatch');
  });

  test('is never shown a token that nobody signed', async () => {
    const { check, method } = seen();
    expect(await verdict(method, `${accessToken().slice(0, -8)}AAAAAAAA`)).not.toBe(200);
    expect(check).not.toHaveBeenCalled();
  });

  test.each([undefined, null, 1, 'yes', {}, Promise.resolve(undefined)])(
    'that answers %p is a mistake of the application, and a warning says so',
    async (answer) => {
      expect(await verdict(seen([answer]).method, accessToken())).toBe('503 check_failed');
      expect(JSON.stringify(warn.mock.calls)).toMatch(/oidcBearer\.audience.*neither true nor false/);
    },
  );

  test.each([
    () => {
      throw new Error('out of order');
    },
    async () => Promise.reject(new Error('out of order')),
  ])('that throws is an outage', async (audience) => {
    expect(await verdict(door({ audience }), accessToken())).toBe('503 check_failed');
  });

  test('serves wafToken and issuers(), too', async () => {
    const audience: AudienceCheck = (audiences) => audiences.includes('ours');
    const waf = wafToken({ issuer: ISSUER, audience, publicKeys: PROVIDER_PEM, exposeReason: true });
    for (const method of [waf, resolvedBy(() => tenant({ audience }))]) {
      expect(await verdict(method, accessToken({ aud: ['x', 'ours'] }))).toBe(200);
      expect(await verdict(method, accessToken({ aud: 'x' }))).toBe('audience_mismatch');
    }
  });

  test('cannot change the claims for those who come after it', async () => {
    const audience: AudienceCheck = (_audiences, claims) => {
      Object.assign(claims, { sub: 'root' });
      return true;
    };
    expect(await verdict(door({ audience }), accessToken())).toBe('503 check_failed');
  });

  test('takes all tokens of its issuer, so that a second method of the issuer could never be asked', () => {
    const options = { issuer: ISSUER, publicKeys: PROVIDER_PEM };
    const first = oidcBearer({ ...options, audience: () => true });
    expect(() => jwtAuth({ methods: [first, oidcBearer({ ...options, audience: AUDIENCE })] })).toThrow(
      /could never be asked/,
    );
  });
});
