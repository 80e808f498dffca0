import { describe, expect, test } from '@jest/globals';
import { type AuthMethod, defineMethod, fromCookie, fromHeader, jwtAuth, oidcBearer } from '../../../lib/index.js';
import {
  AUDIENCE,
  accessToken,
  PROVIDER_PEM,
  present,
  STRANGER_KEY,
  STRANGER_PEM,
  verdict,
} from '../../helpers/oidc-door.js';
import { loginToken, OTHER_SECRET, shared } from '../../helpers/shared-secret.js';

const nameless = () => oidcBearer({ issuer: null, as: 'ping', audience: AUDIENCE, publicKeys: PROVIDER_PEM });
const session = () =>
  defineMethod({
    name: 'session',
    tokenFrom: fromHeader('x-session'),
    verify: (subject) => ({ type: 'user', identity: { subject } }),
  });
const elsewhere = () => shared({ name: 'login', secret: OTHER_SECRET, tokenFrom: fromCookie('login') });
const tenants = () =>
  oidcBearer({
    issuers: async (issuer) => ({
      issuer: issuer === 'https://alias.example' ? ['session', issuer] : issuer,
      audience: AUDIENCE,
      publicKeys: STRANGER_PEM,
    }),
  });
const together = (...methods: AuthMethod[]) => jwtAuth({ methods, exposeReason: true });
const orders = (...make: (() => AuthMethod)[]): [string, AuthMethod][] => [
  ['listed first', together(...make.map((one) => one()))],
  ['listed last', together(...make.reverse().map((one) => one()))],
];

describe.each(orders(shared, nameless, session, elsewhere))('a token of a secret without an issuer, %s', (_o, all) => {
  test.each([
    ['the name of an issuer without iss', 'ping'],
    ['the name of a method of the application', 'session'],
    ['the name of another method with a secret', 'login'],
  ])('that claims %s is refused', async (_what, iss) => {
    expect(await verdict(all, loginToken({ iss }))).toBe('issuer_unknown');
  });

  test('that names anybody else, or the method itself, is accepted', async () => {
    const accepted = await present(all, loginToken({ iss: 'our-login' }));
    expect(accepted.principal.id).toBe('our-login|42');
    expect((await present(all, loginToken({ iss: 'sharedSecretJwt' }))).principal.id).toBe('sharedSecretJwt|42');
  });

  test('leaves the people of that name to their method', async () => {
    expect((await present(all, accessToken({ iss: undefined, sub: '42' }))).principal.id).toBe('ping|42');
  });
});

test('a token that was accepted alone is refused beside the method that has the name', async () => {
  const method = shared({ exposeReason: true });
  const token = loginToken({ iss: 'ping' });
  expect((await present(method, token)).status).toBe(200);
  expect(await verdict(together(method, nameless()), token)).toBe('issuer_unknown');
});

describe.each(orders(tenants, session))('a tenant of issuers(), %s', (_order, all) => {
  test.each(['session', 'https://alias.example'])(
    'that claims the name of another method by %s is refused',
    async (iss) => {
      expect(await verdict(all, accessToken({ iss }, { key: STRANGER_KEY }))).toBe('issuer_unknown');
    },
  );

  test('of another name is accepted', async () => {
    const token = accessToken({ iss: 'https://tenant.example' }, { key: STRANGER_KEY });
    expect((await present(all, token)).status).toBe(200);
  });
});
