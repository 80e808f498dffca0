import { describe, expect, test } from '@jest/globals';
import { consumerJwt, oidcBearer } from '../../lib/index.js';
import { fromConsul } from '../../lib/migrate/index.js';
import { authMethod, CORP_KEY, consulVerdict, corpToken, presentTo } from '../helpers/consul.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { accessToken, staticOptions } from '../helpers/oidc-door.js';
import { howtoToken } from '../helpers/tokens.js';

describe('beside other methods in one place', () => {
  const others = () => [oidcBearer(staticOptions()), consumerJwt({ consumers: howtoConsumers() })];

  test.each([
    ['bound to an issuer', {}],
    ['bound to none', { BoundIssuer: '' }],
  ])('an auth method %s takes its own tokens and leaves the rest', async (_what, config) => {
    const { methods } = await fromConsul(authMethod(config));
    for (const order of [
      [...methods, ...others()],
      [...others(), ...methods],
    ]) {
      expect((await presentTo(order, corpToken())).principal).toMatchObject({ method: 'corp' });
      expect((await presentTo(order, accessToken())).principal).toMatchObject({ method: 'oidcBearer' });
      expect((await presentTo(order, howtoToken())).principal).toMatchObject({ method: 'consumerJwt' });
    }
  });

  test('a token that another method names is never judged by one that is bound to no issuer', async () => {
    const { methods } = await fromConsul(authMethod({ BoundIssuer: '' }));
    const forged = accessToken({}, { key: CORP_KEY, algorithm: 'RS256' });
    expect(await presentTo([...methods, ...others()], forged)).toMatchObject({ status: 401 });
  });
});

describe('refuses', () => {
  test.each([
    ['an ID token', { nonce: 'n' }],
    ['a token that is bound to a key', { cnf: { jkt: 'x' } }],
  ])('%s, where Consul would not', async (_what, claims) => {
    expect(await consulVerdict(authMethod(), corpToken(claims))).toBe('401 claim_invalid');
  });
});
