import { describe, expect, test } from '@jest/globals';
import {
  type AuthMethod,
  consumerJwt,
  defineMethod,
  fromHeader,
  jwtAuth,
  localToken,
  oidcBearer,
} from '../../../lib/index.js';
import { howtoConsumers } from '../../helpers/consumers.js';
import { accessToken, door, ISSUER, PROVIDER_PEM, present, STRANGER_KEY, verdict } from '../../helpers/oidc-door.js';
import { loginToken, OTHER_SECRET, SECRET, shared } from '../../helpers/shared-secret.js';
import { HOWTO, howtoToken, inSeconds } from '../../helpers/tokens.js';

const AUDIENCE = 'https://api.example.com';
const together = (...methods: AuthMethod[]) => jwtAuth({ methods, exposeReason: true });
const consumers = () => consumerJwt({ consumers: howtoConsumers() });
const orders = (make: () => AuthMethod[]): [string, AuthMethod][] => [
  ['listed first', together(...make())],
  ['listed last', together(...make().reverse())],
];

describe.each(orders(() => [shared(), door(), consumers()]))('beside an issuer and consumers, %s', (_order, all) => {
  test.each<[string, string, string]>([
    ['without an issuer', loginToken(), 'sharedSecretJwt'],
    ['of an issuer that nobody names', loginToken({ iss: 'our-login' }), 'sharedSecretJwt'],
    ['of the issuer', accessToken(), 'oidcBearer'],
    ['of a consumer', howtoToken(), 'consumerJwt'],
  ])('a token %s has its own method', async (_what, token, method) => {
    expect((await present(all, token)).principal.method).toBe(method);
  });

  test.each<[string, string, string]>([
    ['of our own with a wrong signature', loginToken({}, { secret: OTHER_SECRET }), 'signature_invalid'],
    [
      'that names the issuer and is signed with the secret',
      loginToken({ iss: ISSUER, aud: AUDIENCE }),
      'algorithm_not_allowed',
    ],
    ['that names the consumer and is signed with the secret', loginToken({ iss: HOWTO.key }), 'signature_invalid'],
    ['of a forged issuer', accessToken({}, { key: STRANGER_KEY }), 'signature_invalid'],
    ['of another issuer with another algorithm', accessToken({ iss: 'other' }), 'credential_unknown'],
  ])('a token %s is refused', async (_what, token, code) => {
    expect(await verdict(all, token)).toBe(code);
  });
});

describe.each(orders(() => [shared({ issuer: ISSUER, audience: AUDIENCE }), door()]))(
  'beside the keys of the same issuer, %s',
  (_order, all) => {
    const ours = { iss: ISSUER, aud: AUDIENCE, sub: 'alice' };

    test('the algorithm tells whose a token is, and both give one person', async () => {
      const [byKey, bySecret] = [await present(all, accessToken()), await present(all, loginToken(ours))];
      expect([byKey.principal.method, bySecret.principal.method]).toEqual(['oidcBearer', 'sharedSecretJwt']);
      expect(bySecret.principal.id).toBe(byKey.principal.id);
      expect(bySecret.principal.id).toBe(`${ISSUER}|alice`);
    });

    test('HS256 by the public key is refused', async () => {
      for (const secret of [PROVIDER_PEM, PROVIDER_PEM.trim()]) {
        expect(await verdict(all, loginToken(ours, { secret }))).toBe('signature_invalid');
      }
    });

    test('a forged token of either kind, and one for somebody else, is refused', async () => {
      expect(await verdict(all, accessToken({}, { key: STRANGER_KEY }))).toBe('signature_invalid');
      expect(await verdict(all, loginToken(ours, { secret: OTHER_SECRET }))).toBe('signature_invalid');
      expect((await present(all, loginToken({ ...ours, aud: 'other' }))).status).toBe(401);
      expect((await present(all, loginToken({ ...ours, iss: 'other' }))).status).toBe(401);
    });
  },
);

describe('methods that could not be told apart are refused at creation', () => {
  const other = (options = {}) => shared({ name: 'other', secret: OTHER_SECRET, ...options });
  const local = () => localToken({ issuer: 'app', keys: [{ kid: '1', algorithm: 'HS256', secret: SECRET }] });
  const anything = () => defineMethod({ name: 'anything', verify: () => ({ id: 'x', type: 'client' }) });

  test.each<[string, AuthMethod[], RegExp]>([
    ['two of any issuer', [shared(), other()], /takes tokens of any issuer, as sharedSecretJwt does.*as a list/],
    ['two of one issuer', [shared({ issuer: ['a', 'b'] }), other({ issuer: 'b' })], /names an issuer and audience/],
    [
      'the secret of an issuer twice',
      [oidcBearer({ issuer: 'a', audience: null, secret: SECRET }), other({ issuer: 'a' })],
      /names an/,
    ],
    ['local tokens of its issuer', [local(), other({ issuer: 'app' })], /names an issuer and audience/],
    ['after a method that takes everything', [anything(), other()], /could never be asked/],
  ])('%s', (_what, methods, problem) => {
    expect(() => together(...methods)).toThrow(problem);
  });

  test.each<[string, AuthMethod[]]>([
    ['of two issuers', [shared({ issuer: 'a' }), other({ issuer: 'b' })]],
    ['of two audiences', [shared({ issuer: 'a', audience: 'x' }), other({ issuer: 'a', audience: 'y' })]],
    ['of one issuer and of any', [shared({ issuer: 'a' }), other()]],
    ['of two algorithms', [shared(), other({ algorithms: ['HS384'] })]],
    ['of two places', [shared(), other({ tokenFrom: fromHeader('x-token') })]],
  ])('and those %s are taken', (_what, methods) => {
    expect(together(...methods).name).toBe('jwtAuth');
  });

  test('of which each then takes its own', async () => {
    const two = together(shared({ issuer: 'a' }), other());
    expect((await present(two, loginToken({ iss: 'a' }))).principal.method).toBe('sharedSecretJwt');
    expect((await present(two, loginToken({}, { secret: OTHER_SECRET }))).principal.method).toBe('other');
    expect(await verdict(two, loginToken({ iss: 'a' }, { secret: OTHER_SECRET }))).toBe('signature_invalid');
    const byAlgorithm = together(shared(), other({ algorithms: ['HS384'] }));
    const token = loginToken({ exp: inSeconds(60) }, { secret: OTHER_SECRET, header: { alg: 'HS384' } });
    expect((await present(byAlgorithm, token)).principal.method).toBe('other');
    expect((await present(byAlgorithm, loginToken())).principal.method).toBe('sharedSecretJwt');
  });
});
