import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fromConsul } from '../../lib/migrate/index.js';
import { type SecureTestIssuer, type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { CORP_PEM, corpToken, presentTo } from '../helpers/consul.js';

const MAPPINGS = {
  ClaimMappings: {
    'http://example.com/first_name': 'first_name',
    'http://example.com/last_name': 'last_name',
  },
  ListClaimMappings: { 'http://example.com/groups': 'groups' },
};

const PROFILE = {
  'http://example.com/first_name': 'Ann',
  'http://example.com/last_name': 'Example',
  'http://example.com/groups': ['ops', 'dev'],
};

const MAPPED = {
  attributes: { first_name: 'Ann', last_name: 'Example' },
  listAttributes: { groups: ['ops', 'dev'] },
  groups: ['ops', 'dev'],
  roles: [],
};

const CLIENT_ID = 'V1RPi2MYptMV1RPi2MYptMV1RPi2MYpt';

let plain: TestIssuer;
let secure: SecureTestIssuer;
beforeAll(async () => {
  [plain, secure] = await Promise.all([testIssuer(), testIssuer({ tls: true })]);
});
afterAll(async () => void (await Promise.all([plain.close(), secure.close()])));

describe('the sample configurations of the documentation', () => {
  test('static keys: authenticates and maps', async () => {
    const { methods, warnings } = await fromConsul({
      Name: 'corp',
      Type: 'jwt',
      Config: { BoundIssuer: 'corp-issuer', JWTValidationPubKeys: [CORP_PEM], ...MAPPINGS },
    });
    const { status, principal } = await presentTo(methods, corpToken(PROFILE));
    expect(status).toBe(200);
    expect(principal).toMatchObject({ ...MAPPED, type: 'user', id: 'corp-issuer|ann', method: 'corp' });
    expect(warnings).toEqual([expect.stringMatching(/^No BindingRules/)]);
  });

  test.each([
    ['http', () => ({ issuer: plain, ca: {} })],
    ['https with JWKSCACert', () => ({ issuer: secure, ca: { JWKSCACert: secure.ca } })],
  ])('JWKS over %s: authenticates and maps, and says that any issuer will do', async (_name, setUp) => {
    const { issuer, ca } = setUp();
    const { methods, warnings } = await fromConsul({
      Name: 'corp',
      Type: 'jwt',
      Config: { JWKSURL: issuer.metadata.jwks_uri, ...ca, ...MAPPINGS },
    });
    const token = await issuer.mint({ aud: undefined, ...PROFILE });
    const { status, principal } = await presentTo(methods, token);
    expect(status).toBe(200);
    expect(principal).toMatchObject({ ...MAPPED, issuer: issuer.url, subject: 'test-user' });
    expect(warnings).toContainEqual(expect.stringMatching(/^BoundIssuer is empty/));
  });

  test.each([
    ['http', () => ({ issuer: plain, ca: {} })],
    ['https with OIDCDiscoveryCACert', () => ({ issuer: secure, ca: { OIDCDiscoveryCACert: secure.ca } })],
  ])('OIDC discovery over %s: authenticates and maps', async (_name, setUp) => {
    const { issuer, ca } = setUp();
    const { methods, warnings } = await fromConsul({
      Name: 'corp',
      Type: 'jwt',
      Config: { BoundAudiences: [CLIENT_ID], OIDCDiscoveryURL: issuer.url, ...ca, ...MAPPINGS },
    });
    const { status, principal } = await presentTo(methods, await issuer.mint({ aud: CLIENT_ID, ...PROFILE }));
    expect(status).toBe(200);
    expect(principal).toMatchObject({ ...MAPPED, issuer: issuer.url });
    expect(warnings).toEqual([expect.stringMatching(/^OIDCDiscoveryURL: /), expect.stringMatching(/^No BindingRules/)]);
    const other = await presentTo(methods, await issuer.mint({ aud: 'somebody-else', ...PROFILE }));
    expect(other).toMatchObject({ status: 401, code: 'audience_mismatch' });
  });

  test('without the CA of the issuer, its tokens are our outage and not the fault of the caller', async () => {
    const { methods } = await fromConsul({
      Name: 'corp',
      Type: 'jwt',
      Config: { OIDCDiscoveryURL: secure.url },
    });
    expect(await presentTo(methods, await secure.mint())).toMatchObject({ status: 503, code: 'keys_unavailable' });
  });

  test.each([
    ['JSON', (config: unknown) => JSON.stringify(config)],
    [
      'YAML',
      () => `
Name: corp
Type: jwt
Config:
  BoundIssuer: corp-issuer
  JWTValidationPubKeys: ${JSON.stringify(CORP_PEM)}
  ClaimMappings: { 'http://example.com/first_name': first_name }
`,
    ],
  ])('are read from %s text too', async (_name, write) => {
    const text = write({
      Name: 'corp',
      Type: 'jwt',
      Config: { BoundIssuer: 'corp-issuer', JWTValidationPubKeys: [CORP_PEM], ...MAPPINGS },
    });
    const { methods } = await fromConsul(text);
    const { principal } = await presentTo(methods, corpToken(PROFILE));
    expect(principal.attributes).toMatchObject({ first_name: 'Ann' });
  });
});
