// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates here are Consul's, not the language's.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { fromConsul } from '../../lib/migrate/index.js';
import { CERTIFICATE, CERTIFICATE_KEY } from '../helpers/certificate.js';
import { authMethod, CORP_PEM, consulRefusal, consulVerdict, corpToken } from '../helpers/consul.js';
import { pemOf } from '../helpers/oidc-door.js';

const DISCOVERY = {
  JWTValidationPubKeys: undefined,
  BoundIssuer: undefined,
  OIDCDiscoveryURL: 'https://id.example.com',
};
const JWKS = { JWTValidationPubKeys: undefined, JWKSURL: 'https://id.example.com/jwks' };
const ONE_OF_THREE =
  "exactly one of 'JWTValidationPubKeys', 'JWKSURL', or 'OIDCDiscoveryURL' must be set for type \"jwt\"";

const weak = pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
const ec = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);

describe('refuses, with the reason that Consul gives,', () => {
  test.each([
    ['no key source', { JWTValidationPubKeys: undefined }, ONE_OF_THREE],
    ['an empty key source', { JWTValidationPubKeys: [] }, ONE_OF_THREE],
    ['two key sources', { JWKSURL: 'https://id.example.com/jwks' }, ONE_OF_THREE],
    ['three key sources', { ...JWKS, ...DISCOVERY, JWTValidationPubKeys: [CORP_PEM] }, ONE_OF_THREE],
    ['JWKSCACert alone', { JWKSCACert: CERTIFICATE }, "'JWKSCACert' should not be set unless 'JWKSURL' is set"],
    [
      'JWKSCACert beside the other URL',
      { ...DISCOVERY, JWKSCACert: CERTIFICATE },
      "'JWKSCACert' should not be set unless 'JWKSURL' is set",
    ],
    [
      'OIDCDiscoveryCACert alone',
      { OIDCDiscoveryCACert: CERTIFICATE },
      "'OIDCDiscoveryCACert' should not be set unless 'OIDCDiscoveryURL' is set",
    ],
    ['a JWKSCACert that is none', { ...JWKS, JWKSCACert: 'x' }, 'could not parse CA PEM value successfully'],
    ['such an OIDCDiscoveryCACert', { ...DISCOVERY, OIDCDiscoveryCACert: 'x' }, 'could not parse CA PEM value'],
    ['unknown keys', { BoundIsuer: 'x', Other: 1 }, 'has invalid keys: BoundIsuer, Other'],
    ['an algorithm of another kind', { JWTSupportedAlgs: ['RS256', 'HS256'] }, 'Invalid supported algorithm: HS256'],
    ['EdDSA as an algorithm', { JWTSupportedAlgs: ['EdDSA'] }, 'Invalid supported algorithm: EdDSA'],
    ['none as an algorithm', { JWTSupportedAlgs: 'none' }, 'Invalid supported algorithm: none'],
    [
      'a key that is none',
      { JWTValidationPubKeys: [CORP_PEM, 'garbage'] },
      'error parsing public key JWTValidationPubKeys[1]:',
    ],
    ['a weak key', { JWTValidationPubKeys: [weak] }, 'error parsing public key JWTValidationPubKeys[0]:'],
    [
      'two claims for one attribute',
      { ClaimMappings: { a: 'x', b: 'x' } },
      'ClaimMappings contains multiple mappings for key "x"',
    ],
    [
      'two claims for one list',
      { ListClaimMappings: { a: 'x', b: 'x' } },
      'ListClaimMappings contains multiple mappings for key "x"',
    ],
  ])('%s', async (_what, config, reason) => {
    expect(await consulRefusal(authMethod(config))).toContain(reason);
  });

  test.each([
    'OIDCClientID',
    'OIDCClientSecret',
    'OIDCScopes',
    'OIDCACRValues',
    'AllowedRedirectURIs',
    'VerboseOIDCLogging',
  ])('%s, which is for the type oidc', async (field) => {
    const value = { VerboseOIDCLogging: true, OIDCClientID: 'x', OIDCClientSecret: 'x' }[field] ?? ['x'];
    expect(await consulRefusal(authMethod({ [field]: value }))).toContain(`'${field}' must not be set for type "jwt"`);
  });

  test.each([
    ['a name with odd characters', { Name: 'my method' }, 'Invalid Auth Method'],
    ['a name that is too long', { Name: 'x'.repeat(129) }, 'Invalid Auth Method'],
    ['no name', { Name: undefined }, 'Invalid Auth Method'],
    ['another type', { Type: 'oidc' }, 'Invalid Auth Method: Type should be one of: jwt'],
    ['no type', { Type: undefined }, 'Type should be one of'],
    ['a locality that there is not', { TokenLocality: 'galactic' }, 'Invalid Auth Method'],
    ['an unknown field', { BindingRule: [] }, 'has invalid keys: BindingRule'],
    ['no Config', { Config: undefined }, ONE_OF_THREE],
  ])('%s', async (_what, envelope, reason) => {
    expect(await consulRefusal(authMethod({}, envelope))).toContain(reason);
  });
});

describe('refuses what could only go wrong', () => {
  test.each([
    ['a leeway that is no time', { ExpirationLeeway: 'soon' }, 'fromConsul.Config.ExpirationLeeway'],
    ['nanoseconds in place of seconds', { ExpirationLeeway: 150_000_000_000 }, 'expects at most 86400 seconds'],
    ['a clock skew above five minutes', { ClockSkewLeeway: 301 }, 'expects at most 300 seconds'],
    ['plain http from another host', { ...JWKS, JWKSURL: 'http://id.example.com/' }, 'fromConsul.Config.JWKSURL'],
    ['an issuer with a query', { ...DISCOVERY, OIDCDiscoveryURL: 'https://id.example.com/?a' }, 'OIDCDiscoveryURL'],
    ['one field in two spellings', { boundissuer: 'x' }, 'gives BoundIssuer twice'],
    ['a mapping that is no object', { ClaimMappings: ['x'] }, 'fromConsul.Config.ClaimMappings'],
    ['a mapping to what is no text', { ClaimMappings: { a: {} } }, 'fromConsul.Config.ClaimMappings.a'],
  ])('%s', async (_what, config, reason) => {
    expect(await consulRefusal(authMethod(config))).toContain(reason);
  });

  test.each([
    ['null', null],
    ['a number', 7],
    ['a list', []],
    ['text that is neither JSON nor YAML', '{'],
  ])('a configuration that is %s', async (_what, config) => {
    expect(await consulRefusal(config)).toMatch(/^fromConsul/);
  });

  test('quotes nothing of a key in its reason', async () => {
    const secret = CERTIFICATE_KEY.export({ type: 'pkcs8', format: 'pem' }).toString();
    const reason = await consulRefusal(authMethod({ JWTValidationPubKeys: [secret] }));
    expect(reason).toMatch(/private key/);
    expect(reason).not.toContain(secret.split('\n')[1]);
  });
});

describe('accepts, as the decoders of Consul do,', () => {
  test('field names in any case', async () => {
    const config = { jwtvalidationpubkeys: [CORP_PEM], BOUNDISSUER: 'corp-issuer', boundAudiences: ['api'] };
    const method = { name: 'corp', TYPE: 'jwt', config };
    expect(await consulVerdict(method, corpToken({ aud: 'api' }))).toBe(200);
    expect(await consulVerdict(method, corpToken({ aud: 'other' }))).toBe('401 audience_mismatch');
  });

  test('a single value where a list is expected', async () => {
    const config = { JWTValidationPubKeys: CORP_PEM, BoundAudiences: 'api', JWTSupportedAlgs: 'RS256' };
    expect(await consulVerdict(authMethod(config), corpToken({ aud: ['api'] }))).toBe(200);
  });

  test('a number where a text is expected', async () => {
    expect(await consulVerdict(authMethod({ BoundAudiences: [42] }), corpToken({ aud: '42' }))).toBe(200);
  });

  test('a certificate in place of a key', async () => {
    const config = authMethod({ JWTValidationPubKeys: [CERTIFICATE] });
    const token = corpToken({}, { key: CERTIFICATE_KEY, algorithm: 'ES256' });
    expect(await consulVerdict(config, token)).toBe(200);
    expect(await consulVerdict(config, corpToken())).toMatch(/^401/);
  });

  test('null, false and empty texts for what is not set', async () => {
    const unset = { JWKSURL: '', JWKSCACert: '', OIDCDiscoveryURL: null, OIDCClientID: '', VerboseOIDCLogging: false };
    expect(await consulRefusal(authMethod({ ...unset, OIDCScopes: [], ClaimMappings: null }))).toBeUndefined();
  });

  test('what its API adds on reading', async () => {
    const envelope = { Description: 'x', DisplayName: 'y', CreateIndex: 15, ModifyIndex: 224 };
    expect(await consulRefusal(authMethod({}, envelope))).toBeUndefined();
  });
});

/** What is said wherever keys are discovered. */
const DISCOVERY_DIFFERS =
  'OIDCDiscoveryURL: RSA keys below 2048 bits, and tokens that are issued in the future, are refused here, though not in Consul.';

describe('warns of', () => {
  const warningsOf = async (config: object = {}, envelope: object = {}) =>
    (await fromConsul(authMethod({ ...config }, { BindingRules: [{ BindType: 'role', BindName: 'r' }], ...envelope })))
      .warnings;

  test('nothing, where everything means the same', async () => {
    expect(await warningsOf({}, { MaxTokenTTL: '0s', TokenLocality: '', NamespaceRules: [] })).toEqual([]);
  });

  test.each([
    ['MaxTokenTTL', '5m'],
    ['TokenLocality', 'global'],
    ['TokenNameFormat', '${auth_method_name}'],
    ['NamespaceRules', [{ BindNamespace: 'x' }]],
    ['Namespace', 'team'],
    ['Partition', 'eu'],
  ])('%s, which has no meaning here', async (field, value) => {
    expect(await warningsOf({}, { [field]: value })).toEqual([expect.stringMatching(`^${field} has no meaning here`)]);
  });

  test.each(['BoundIssuer', 'ExpirationLeeway', 'NotBeforeLeeway', 'ClockSkewLeeway'])(
    '%s beside discovery, which ignores it',
    async (field) => {
      const config = { ...DISCOVERY, BoundAudiences: ['api'], [field]: field === 'BoundIssuer' ? 'x' : 10 };
      expect(await warningsOf(config)).toEqual([
        `${field} is ignored beside OIDCDiscoveryURL, as in Consul.`,
        DISCOVERY_DIFFERS,
      ]);
    },
  );

  test.each([
    [
      'discovery without a bound audience',
      DISCOVERY,
      /^BoundAudiences is empty.*ID tokens are refused/,
      DISCOVERY_DIFFERS,
    ],
    ['keys without a bound issuer', { BoundIssuer: '' }, /^BoundIssuer is empty/],
    ['algorithms that Consul would not enforce', { JWTSupportedAlgs: ['RS256'] }, /^JWTSupportedAlgs is enforced here/],
    [
      'a key set, whose weak keys are not used',
      { JWTValidationPubKeys: undefined, JWKSURL: 'https://keys.example/jwks' },
      /^JWKSURL: RSA keys below 2048 bits are refused here/,
    ],
    [
      'a key of a type that JWTSupportedAlgs does not name',
      { JWTValidationPubKeys: [CORP_PEM, ec], JWTSupportedAlgs: ['RS256'] },
      /^JWTSupportedAlgs is enforced here/,
      /^JWTValidationPubKeys\[1\] fits no algorithm of JWTSupportedAlgs/,
    ],
  ])('%s', async (_what, config, ...expected: readonly (string | RegExp)[]) => {
    expect(await warningsOf(config)).toEqual(expected.map((warning) => expect.stringMatching(warning)));
  });

  test.each([
    ['value.team != "blue"', 'value.team'],
    ['"x" not in list.groups', 'list.groups'],
    ['list.groups is empty', 'list.groups'],
    ['value.team not matches "^b"', 'value.team'],
    ['value.team matches "^b"', 'value.team'],
    ['not value.team == "blue"', 'value.team'],
    ['value.team == "red" and not ("x" in list.groups or value.team == "a")', 'list.groups and value.team'],
  ])('the selector %s, which Consul lets match where the claim is missing', async (selector, attributes) => {
    const config = { ClaimMappings: { team: 'team' }, ListClaimMappings: { groups: 'groups' } };
    const rules = { BindingRules: [{ BindType: 'role', BindName: 'r', Selector: selector }] };
    expect(await warningsOf(config, rules)).toEqual([
      `fromConsul.BindingRules[0].Selector never matches a token that lacks ${attributes}, though in Consul it does where the answer hangs on it.`,
    ]);
  });

  test.each([
    'value.team == "blue"',
    '"x" in list.groups',
    'list.groups is not empty',
    'not value.team != "blue"',
    '"team" not in value',
  ])('nothing for the selector %s, which does not match there either', async (selector) => {
    const config = { ClaimMappings: { team: 'team' }, ListClaimMappings: { groups: 'groups' } };
    const rules = { BindingRules: [{ BindType: 'role', BindName: 'r', Selector: selector }] };
    expect(await warningsOf(config, rules)).toEqual([]);
  });
});
