import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { ConfigurationError } from '../../lib/index.js';
import { fromZitadel } from '../../lib/migrate/index.js';
import { type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { jwtProvider, ZITADEL_HEADER, zitadelRefusal, zitadelVerdict } from '../helpers/zitadel.js';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await testIssuer();
});
afterAll(() => issuer.close());

/** One provider in every form in which its users have it. */
const FORMS: readonly (readonly [form: string, make: () => unknown])[] = [
  ['a request of AddJWTProvider', () => jwtProvider(issuer, { providerOptions: { isAutoCreation: true } })],
  ['the same as JSON text', () => JSON.stringify(jwtProvider(issuer))],
  ['the same as YAML text', () => stringify(jwtProvider(issuer, { providerOptions: { autoLinking: 'EMAIL' } }))],
  [
    'a request of AddOrgJWTIDP',
    () => jwtProvider(issuer, { stylingType: 'STYLING_TYPE_UNSPECIFIED', autoRegister: true }),
  ],
  [
    'the answer of GetProviderByID',
    () => {
      const { name, ...jwt } = jwtProvider(issuer);
      const options = { isCreationAllowed: true, autoLinking: 'AUTO_LINKING_OPTION_EMAIL' };
      const details = { sequence: '5', resourceOwner: '1', isAutoCreation: 'of something else' };
      const rest = { owner: 'IDP_OWNER_TYPE_ORG', type: 'PROVIDER_TYPE_JWT', config: { options, jwt } };
      return { idp: { id: '2', details, state: 'IDP_STATE_ACTIVE', name, ...rest } };
    },
  ],
  [
    'the answer of GetIDPByID',
    () => {
      const { name, ...jwtConfig } = jwtProvider(issuer);
      return { idp: { id: '2', state: 'IDP_STATE_ACTIVE', name, autoRegister: true, jwtConfig } };
    },
  ],
  ['a list of one', () => ({ details: { totalResult: '1' }, result: [jwtProvider(issuer)] })],
  [
    'the attributes of Terraform',
    () => {
      const { issuer: iss, jwtEndpoint, keysEndpoint, headerName, name } = jwtProvider(issuer);
      const names = { name, issuer: iss, jwt_endpoint: jwtEndpoint, keys_endpoint: keysEndpoint };
      const rest = { org_id: '1', styling_type: 'STYLING_TYPE_UNSPECIFIED', auto_register: 'false' };
      return { ...names, header_name: headerName, ...rest };
    },
  ],
  ['a file of Terraform', () => ({ resource: { zitadel_org_idp_jwt: { portal: jwtProvider(issuer) } } })],
  ['a file of Terraform with blocks', () => ({ resource: { zitadel_org_idp_jwt: { portal: [jwtProvider(issuer)] } } })],
];

describe('the configuration may be', () => {
  test.each(FORMS)('%s', async (_form, make) => {
    const { methods, jwtEndpoint } = await fromZitadel(make());
    expect(methods.map(({ name }) => name)).toEqual(['old portal']);
    expect(jwtEndpoint).toBe('https://portal.example.com/jwt');
    expect(await zitadelVerdict(make(), await issuer.mint())).toBe(200);
  });

  test('with spaces around, which ZITADEL trims', async () => {
    const config = jwtProvider(issuer, { headerName: ` ${ZITADEL_HEADER} `, issuer: `${issuer.url}\n` });
    expect(await zitadelVerdict(config, await issuer.mint())).toBe(200);
  });

  test('without a header, which is Authorization then', async () => {
    const config = jwtProvider(issuer, { headerName: '' });
    expect(await zitadelVerdict(config, `Bearer ${await issuer.mint()}`, { header: 'authorization' })).toBe(200);
    expect(await zitadelVerdict(config, await issuer.mint())).toBe('401 credentials_missing');
  });
});

describe('says what is wrong, by ZITADEL’s name:', () => {
  test.each<[what: string, settings: object, message: string]>([
    ['no issuer', { issuer: undefined }, 'fromZitadel.issuer: is required'],
    ['an empty issuer', { issuer: '  ' }, 'fromZitadel.issuer: is required'],
    ['an issuer with a query', { issuer: 'https://a.example?b' }, 'fromZitadel.issuer: must not have a query'],
    ['no JWT endpoint', { jwtEndpoint: null }, 'fromZitadel.jwtEndpoint: is required'],
    ['a JWT endpoint that is none', { jwtEndpoint: '/jwt' }, 'fromZitadel.jwtEndpoint: is not a URL'],
    ['a JWT endpoint for scripts', { jwtEndpoint: 'javascript:alert(1)' }, 'fromZitadel.jwtEndpoint: must be an https'],
    ['no place of keys', { keysEndpoint: '' }, 'fromZitadel.keysEndpoint: is required'],
    ['keys over plain http', { keysEndpoint: 'http://keys.example' }, 'fromZitadel.keysEndpoint: must be an https URL'],
    ['a header that is none', { headerName: 'x auth' }, 'fromZitadel.headerName: expects a header name'],
    ['a header of every name', { headerName: '*' }, 'fromZitadel.headerName: expects a header name'],
    ['a number', { headerName: 7 }, 'fromZitadel.headerName: expects a string'],
    ['a switch that is none', { isAutoCreation: 'yes' }, 'fromZitadel.isAutoCreation: expects true or false'],
    ['another way to link', { autoLinking: 'PHONE' }, 'fromZitadel.autoLinking: expects AUTO_LINKING_OPTION_'],
    ['a setting nobody knows', { keyEndpoint: 'x' }, 'fromZitadel.keyEndpoint: unknown setting; known: name, issuer'],
    ['options that are none', { providerOptions: true }, 'fromZitadel.providerOptions: unknown setting'],
    ['one setting twice', { jwt_endpoint: 'https://b.example' }, 'fromZitadel.jwtEndpoint: is given twice'],
    ['another kind of provider', { type: 'PROVIDER_TYPE_OIDC' }, 'fromZitadel.type: is not JWT'],
    ['a provider that is switched off', { state: 'IDP_STATE_INACTIVE' }, 'fromZitadel.state: is not active'],
  ])('%s', async (_what, settings, message) => {
    expect(await zitadelRefusal(jwtProvider(issuer, settings))).toContain(message);
  });

  test.each([
    ['nothing', undefined],
    ['a list', []],
    ['a text that is neither JSON nor YAML', '{ a: [ }'],
    ['a list of none', { result: [] }],
    ['two at once', { result: [{}, {}] }],
    ['a Terraform file without one', { resource: { zitadel_org_idp_oidc: { a: {} } } }],
  ])('%s', async (_what, config) => {
    expect(await zitadelRefusal(config)).toMatch(/^fromZitadel: /);
  });

  test.each<[what: string, options: object, message: string]>([
    ['an option nobody knows', { user: {} }, 'fromZitadel.user: unknown option; did you mean "users"?'],
    ['two audiences', { audience: 'b' }, 'fromZitadel.audience: contradicts the audience of the configuration'],
    ['proxies that are none', { trustedPeers: ['waf'] }, 'fromZitadel.trustedPeers'],
    ['people in no form', { users: 7 }, 'fromZitadel.users'],
    ['a store that is none', { users: { find: () => undefined } }, 'fromZitadel.users'],
  ])('%s', async (_what, options, message) => {
    expect(await zitadelRefusal(jwtProvider(issuer, { audience: 'a' }), options)).toContain(message);
  });

  test('as an error that can be told from others', async () => {
    await expect(fromZitadel({})).rejects.toThrow(ConfigurationError);
    await expect(fromZitadel({})).rejects.toMatchObject({ option: 'fromZitadel.jwtEndpoint' });
  });
});

test('takes keys over plain http inside a network where that is said aloud', async () => {
  const config = jwtProvider(issuer, { keysEndpoint: 'http://keys.internal/jwks' });
  expect(await zitadelRefusal(config, { dangerouslyAllowHttp: true })).toBeUndefined();
});
