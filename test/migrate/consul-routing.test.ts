import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { consumerJwt, oidcBearer } from '../../lib/index.js';
import { fromConsul } from '../../lib/migrate/index.js';
import { authMethod, CORP_KEY, consulVerdict, corpToken, presentTo } from '../helpers/consul.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { accessToken, pemOf, staticOptions } from '../helpers/oidc-door.js';
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

test('an ID token passes where an audience is bound, as in Consul', async () => {
  const config = authMethod({ BoundAudiences: ['325.apps.example'] });
  const claims = { aud: '325.apps.example', azp: '325.apps.example', at_hash: 'x', nonce: 'n' };
  expect(await consulVerdict(config, corpToken(claims))).toBe(200);
  expect(await consulVerdict(config, corpToken({ ...claims, aud: 'other' }))).toBe('401 audience_mismatch');
  expect(await consulVerdict(config, corpToken({ ...claims, events: {} }))).toBe('401 claim_invalid');
});

test('a key of a type that JWTSupportedAlgs does not name verifies, as in Consul', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const config = authMethod({ JWTValidationPubKeys: [pemOf(publicKey)], JWTSupportedAlgs: ['RS256'] });
  expect(await consulVerdict(config, corpToken({}, { key: privateKey, algorithm: 'ES256' }))).toBe(200);
});
