import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ConfigurationError, jwtAuth, type OidcBearerOptions, oidcBearer } from '../../../lib/index.js';
import { CERTIFICATE } from '../../helpers/certificate.js';
import { given, type Loose } from '../../helpers/loose.js';
import {
  AUDIENCE,
  door,
  ISSUER,
  PROVIDER_KEY,
  PROVIDER_PEM,
  STRANGER_PEM,
  staticOptions,
} from '../../helpers/oidc-door.js';

/** What creating a method with these options is refused with. */
function problemOf(create: () => unknown): string {
  try {
    create();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return 'created';
}

/** Options as a JavaScript caller may give them, on top of sound ones; `undefined` takes one away. */
const withOptions = (options: Record<string, unknown>) =>
  problemOf(() => oidcBearer(given<OidcBearerOptions>({ ...staticOptions(), ...options })));

const DISCOVERED = { publicKeys: undefined };
const weakRsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;

describe('creation is refused for', () => {
  test.each<[what: string, options: Record<string, unknown>, message: RegExp]>([
    ['no issuer', { issuer: undefined }, /^oidcBearer\.issuer: is required, or issuers/],
    ['an empty issuer', { issuer: '' }, /^oidcBearer\.issuer: expects a non-empty string/],
    ['an issuer with a space behind it', { issuer: `${ISSUER} ` }, /^oidcBearer\.issuer: begins or ends with a space/],
    ['an issuer with a query', { issuer: `${ISSUER}?tenant=1` }, /^oidcBearer\.issuer: must not have a query/],
    ['an issuer with an empty query', { issuer: `${ISSUER}?`, ...DISCOVERED }, /must not have a query/],
    ['an issuer with a fragment', { issuer: `${ISSUER}#top` }, /must not have a query or a fragment/],
    ['an issuer that is no URL, to discover keys from', { issuer: 'corp-issuer', ...DISCOVERED }, /is not a URL/],
    [
      'an issuer over plain http, to discover keys from',
      { issuer: 'http://login.example.com', ...DISCOVERED },
      /must be an https URL/,
    ],
    [
      'an issuer with a password',
      { issuer: 'https://me:pw@login.example.com', ...DISCOVERED },
      /user name or password/,
    ],
    [
      'the document’s address as the issuer',
      { issuer: `${ISSUER}/.well-known/openid-configuration`, ...DISCOVERED },
      /address of its document/,
    ],
    ['an empty list of issuers', { issuer: [] }, /^oidcBearer\.issuer: names nobody/],
    ['no audience', { audience: undefined }, /^oidcBearer\.audience: is required.*null/],
    ['an empty list of audiences', { audience: [] }, /^oidcBearer\.audience: names nobody/],
    ['an empty audience', { audience: '' }, /^oidcBearer\.audience: expects/],
    ['an audience that is not a text', { audience: [AUDIENCE, 7] }, /^oidcBearer\.audience: expects/],
    ['audience: false', { audience: false }, /^oidcBearer\.audience: expects/],
    ['HS256 with public keys', { algorithms: ['HS256'] }, /^oidcBearer\.algorithms: HS256 signs with a shared secret/],
    ['HS256 with discovery', { algorithms: ['RS256', 'HS256'], ...DISCOVERED }, /^oidcBearer\.algorithms: HS256/],
    ['algorithm none', { algorithms: ['none'] }, /^oidcBearer\.algorithms: expects some of RS256/],
    ['an empty list of algorithms', { algorithms: [] }, /^oidcBearer\.algorithms: expects some of/],
    ['an algorithm outside a list', { algorithms: 'RS256' }, /^oidcBearer\.algorithms: expects some of/],
    ['algorithms that fit no key', { algorithms: ['RS256'] }, /fits none of the algorithms/],
    ['an unknown profile', { tokenProfile: 'jwt' }, /^oidcBearer\.tokenProfile: expects "any" or "at\+jwt"/],
    ['a tolerance above 300 seconds', { clockTolerance: 301 }, /^oidcBearer\.clockTolerance: .*from 0 to 300/],
    ['a negative leeway', { expirationLeeway: -1 }, /^oidcBearer\.expirationLeeway: expects a number of seconds/],
    ['a leeway as text', { notBeforeLeeway: '150s' }, /^oidcBearer\.notBeforeLeeway: expects a number of seconds/],
    ['tenants without a template', { tenants: ['a'] }, /^oidcBearer\.tenants: goes with \{tenantid\}/],
    ['a template without tenants', { issuer: `${ISSUER}/{tenantid}` }, /^oidcBearer\.tenants: is required/],
    [
      'a template with no tenant',
      { issuer: `${ISSUER}/{tenantid}`, tenants: [] },
      /^oidcBearer\.tenants: names nobody/,
    ],
    [
      'a tenant with a query',
      { issuer: `${ISSUER}/{tenantid}`, tenants: ['a?b'] },
      /^oidcBearer\.tenants: must not have/,
    ],
    ['a private key', { publicKeys: PROVIDER_KEY.export({ type: 'pkcs8', format: 'pem' }) }, /private key/],
    ['a weak key', { publicKeys: weakRsa }, /publicKeys\[0\]/],
    ['no key in the list', { publicKeys: [] }, /publicKeys: expects at least one key/],
    [
      'a key source without find()',
      { publicKeys: undefined, keys: { ready: () => undefined } },
      /^oidcBearer\.keys: .*find\(\)/,
    ],
    ['a resolver that is no function', { issuers: {}, issuer: undefined }, /^oidcBearer\.issuers: expects a function/],
    ['a resolver beside an issuer', { issuers: () => undefined }, /^oidcBearer\.issuer: is what issuers\(\) answers/],
  ])('%s', (_what, options, message) => {
    expect(withOptions(options)).toMatch(message);
  });
});

describe('the source of keys', () => {
  const jwksUri = `${ISSUER}/keys`;
  const discovery = { url: `${ISSUER}/document` };

  test.each([
    ['two', { jwksUri }, 'jwksUri and publicKeys'],
    ['another two', { discovery, jwksUri, publicKeys: undefined }, 'discovery and jwksUri'],
    ['three', { discovery, jwksUri }, 'discovery and jwksUri and publicKeys'],
  ])('cannot be %s at once, and the refusal names them', (_count, options, names) => {
    expect(withOptions(options)).toBe(
      `oidcBearer: expects exactly one of discovery, jwksUri, publicKeys and keys, not ${names}`,
    );
  });

  test('is discovery where none is named', () => {
    expect(oidcBearer({ issuer: ISSUER, audience: AUDIENCE }).health()).toEqual([{ source: ISSUER, keyCount: 0 }]);
  });

  test.each(['ca', 'maxStale', 'cooldown', 'dangerouslyAllowHttp'])('refuses %s where there is no URL', (name) => {
    expect(withOptions({ [name]: 1 })).toMatch(new RegExp(`^oidcBearer\\.${name}: .*no URL to apply to`));
  });

  test.each([
    ['ca', 'not a certificate', /^oidcBearer\.ca: expects PEM certificates/],
    ['maxStale', -1, /^oidcBearer\.maxStale: expects a number of seconds/],
    ['cooldown', 3601, /^oidcBearer\.cooldown: expects a number of seconds/],
    ['dangerouslyAllowHttp', 'yes', /^oidcBearer\.dangerouslyAllowHttp: expects true or false/],
    ['discovery', { uri: 'x' }, /^oidcBearer\.discovery\.uri: unknown option/],
    ['jwksUri', 'http://keys.example.com', /must be an https URL; dangerouslyAllowHttp/],
    ['discovery', { url: 'file:///etc/keys' }, /must be an https URL/],
  ])('refuses %s: %p', (name, value, message) => {
    expect(withOptions({ ...DISCOVERED, [name]: value })).toMatch(message);
  });

  test('takes a certificate for either URL', () => {
    expect(withOptions({ ...DISCOVERED, ca: CERTIFICATE })).toBe('created');
    expect(withOptions({ ...DISCOVERED, jwksUri, ca: CERTIFICATE })).toBe('created');
  });
});

describe('another library’s name gets the name to use', () => {
  test.each([
    ['jwks_uri', 'jwksUri'],
    ['issuerBaseURL', 'issuer'],
    ['aud', 'audience'],
    ['BoundAudiences', 'audience'],
    ['JWTValidationPubKeys', 'publicKeys'],
    ['tokenSigningAlg', 'algorithms'],
    ['ClockSkewLeeway', 'clockTolerance'],
    ['ExpirationLeeway', 'expirationLeeway'],
    ['authRequired', 'credentialsRequired'],
    ['getToken', 'tokenFrom'],
    ['boundAudiences', 'audience'],
    ['OIDCDiscoveryURL', 'discovery'],
    ['issuers_allowed', 'issuer'],
    ['secretOrKey', 'publicKeys'],
    ['isRevokedCallback', 'isRevoked'],
    ['claimCheck', 'validators'],
    ['strict', 'tokenProfile'],
    ['maxTokenAge', 'maxAge'],
    ['cookieName', 'tokenFrom'],
    ['username-claim', 'claims'],
    ['groupsClaim', 'claims'],
    ['ClaimMappings', 'claims'],
    ['BindingRules', 'roleBindings'],
    ['requestAgent', 'ca'],
    ['cacheMaxAgeFallback', 'maxStale'],
  ])('%s: %s', (name, meant) => {
    expect(withOptions({ [name]: 'x' })).toMatch(`oidcBearer.${name}: unknown option; did you mean "${meant}"?`);
  });
});

describe('two methods in one place', () => {
  const together = (one: Loose<OidcBearerOptions>, other: Loose<OidcBearerOptions>) =>
    problemOf(() => jwtAuth({ methods: [door(one), door({ publicKeys: STRANGER_PEM, ...other })] }));

  test('cannot have the same issuer and audience', () => {
    expect(together({}, {})).toMatch(/^jwtAuth\.methods\[1\]: names an issuer and audience that oidcBearer names too/);
  });

  test('cannot share one audience of several, nor one issuer where one of them checks no audience', () => {
    expect(together({ audience: [AUDIENCE, 'b'] }, { audience: ['c', 'b'] })).toMatch(/names an issuer and audience/);
    expect(together({}, { audience: null })).toMatch(/names an issuer and audience/);
  });

  test('can have one issuer with an audience each', () => {
    expect(together({}, { audience: 'another' })).toBe('created');
  });
});

test('a sound configuration never throws and fetches nothing', () => {
  expect(withOptions({ publicKeys: [PROVIDER_PEM, STRANGER_PEM], audience: null, tokenProfile: 'at+jwt' })).toBe(
    'created',
  );
});
