import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { authMethod, consulVerdict, corpToken, presentToConsul } from '../helpers/consul.js';

const MISMATCH = '401 audience_mismatch';
const UNKNOWN = '401 issuer_unknown';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await testIssuer({ algorithms: ['ES256', 'RS256', 'EdDSA'] });
});
afterAll(() => issuer.close());

const jwks = (config: object = {}) => ({
  Name: 'corp',
  Type: 'jwt',
  Config: { JWKSURL: issuer.metadata.jwks_uri, ...config },
});
const discovery = (config: object = {}) => ({
  Name: 'corp',
  Type: 'jwt',
  Config: { OIDCDiscoveryURL: issuer.url, ...config },
});

describe('BoundIssuer', () => {
  test.each(['corp-issuer/', 'Corp-issuer', '', undefined, 'https://evil.example'])(
    'refuses a token of %j where another is bound',
    async (iss) => {
      expect(await consulVerdict(authMethod(), corpToken({ iss }))).toBe(UNKNOWN);
    },
  );

  test('left empty, takes whatever the keys sign, whichever issuer it names', async () => {
    const config = authMethod({ BoundIssuer: '' });
    for (const iss of ['corp-issuer', 'https://other.example/', 'x']) {
      const { status, principal } = await presentToConsul(config, corpToken({ iss }));
      expect(status).toBe(200);
      expect(principal).toMatchObject({ issuer: iss, id: `${iss}|ann` });
    }
  });

  test('left empty, takes a token without an issuer, in the name of the auth method', async () => {
    const { status, principal } = await presentToConsul(authMethod({ BoundIssuer: '' }), corpToken({ iss: undefined }));
    expect(status).toBe(200);
    expect(principal).toMatchObject({ type: 'user', id: 'corp|ann' });
    expect(principal).not.toHaveProperty('issuer');
  });

  test('left empty, still refuses what other keys have signed', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const forged = corpToken({}, { key: privateKey });
    expect(await consulVerdict(authMethod({ BoundIssuer: '' }), forged)).toBe('401 signature_invalid');
  });

  test('is ignored beside discovery, which binds the issuer that it discovers', async () => {
    const config = discovery({ BoundIssuer: 'corp-issuer' });
    expect(await consulVerdict(config, await issuer.mint())).toBe(200);
    expect(await consulVerdict(config, await issuer.mint({ iss: 'corp-issuer' }))).toBe(UNKNOWN);
  });
});

describe('BoundAudiences', () => {
  const bound = { BoundAudiences: ['api', 'other-api'] };

  test.each<[string, object, unknown, 200 | string]>([
    ['none bound, none named', {}, undefined, 200],
    ['none bound, one named', {}, 'api', MISMATCH],
    ['none bound, an empty one named', {}, '', MISMATCH],
    ['bound, one of them named', bound, 'other-api', 200],
    ['bound, one of several named', bound, ['x', 'api'], 200],
    ['bound, another named', bound, 'API', MISMATCH],
    ['bound, none named', bound, undefined, MISMATCH],
  ])('with keys of its own: %s', async (_what, config, aud, expected) => {
    expect(await consulVerdict(authMethod({ ...config }), corpToken({ aud }))).toBe(expected);
  });

  test.each<[string, object, string | undefined, 200 | string]>([
    ['none bound, one named', {}, 'api', MISMATCH],
    ['none bound, none named', {}, undefined, 200],
    ['bound, another named', bound, 'x', MISMATCH],
  ])('with a key set, as strictly: %s', async (_what, config, aud, expected) => {
    expect(await consulVerdict(jwks(config), await issuer.mint({ aud }))).toBe(expected);
  });

  test.each<[string, object, string | undefined, 200 | string]>([
    ['none bound, one named', {}, 'whoever', 200],
    ['none bound, none named', {}, undefined, 200],
    ['bound, one of them named', bound, 'api', 200],
    ['bound, another named', bound, 'x', MISMATCH],
    ['bound, none named', bound, undefined, MISMATCH],
  ])('with discovery: %s', async (_what, config, aud, expected) => {
    expect(await consulVerdict(discovery(config), await issuer.mint({ aud }))).toBe(expected);
  });
});

describe('JWTSupportedAlgs', () => {
  test.each<[string, object, 'ES256' | 'RS256' | 'EdDSA', 200 | string]>([
    ['discovery takes what it names', { JWTSupportedAlgs: ['RS256'] }, 'RS256', 200],
    ['discovery takes nothing else', { JWTSupportedAlgs: ['RS256'] }, 'ES256', '401 algorithm_not_allowed'],
    ['discovery takes what Consul knows, if nothing is named', {}, 'ES256', 200],
    ['discovery never takes what Consul does not know', {}, 'EdDSA', '401 algorithm_not_allowed'],
  ])('%s', async (_what, config, algorithm, expected) => {
    expect(await consulVerdict(discovery(config), await issuer.mint({}, { algorithm }))).toBe(expected);
  });

  test.each(['ES256', 'RS256', 'EdDSA'] as const)('a key set takes %s, if nothing is named', async (algorithm) => {
    expect(await consulVerdict(jwks(), await issuer.mint({ aud: undefined }, { algorithm }))).toBe(200);
  });

  test('is enforced for a key set too', async () => {
    const token = await issuer.mint({ aud: undefined }, { algorithm: 'ES256' });
    expect(await consulVerdict(jwks({ JWTSupportedAlgs: ['RS256'] }), token)).toBe('401 algorithm_not_allowed');
  });
});
