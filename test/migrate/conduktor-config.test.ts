import { describe, expect, test } from '@jest/globals';
import { memoryApiKeys } from '../../lib/index.js';
import { type FromConduktorOptions, fromConduktor } from '../../lib/migrate/index.js';

const jwtAuth = () => ({ sso: { 'jwt-auth': { issuer: 'https://id.example.com' } } });

async function refusal(config: unknown, options?: object): Promise<string | undefined> {
  try {
    await fromConduktor(config, options);
    return undefined;
  } catch (error) {
    return error instanceof Error && error.name === 'ConfigurationError' ? error.message : `not ours: ${error}`;
  }
}

describe('refuses a configuration', () => {
  test.each<[string, unknown, string]>([
    ['without sso.jwt-auth', { sso: {} }, 'fromConduktor.sso.jwt-auth.issuer: is required'],
    ['with an empty issuer', { sso: { 'jwt-auth': { issuer: '' } } }, 'sso.jwt-auth.issuer: is required'],
    ['with an issuer that is no URL', { sso: { 'jwt-auth': { issuer: 'x' } } }, 'sso.jwt-auth.issuer'],
    ['with several issuers', { sso: { 'jwt-auth': [{ issuer: 'https://a.example' }] } }, 'not a list'],
    ['with an unknown setting', { 'sso.jwt-auth': { issuer: 'https://a.example', audience: 'x' } }, 'unknown setting'],
    [
      'with a claim that is no text',
      { 'sso.jwt-auth': { issuer: 'https://a.example', 'groups-claim': 7 } },
      'groups-claim',
    ],
    [
      'that says two things',
      { 'sso.jwt-auth.issuer': 'https://a.example', sso: { 'jwt-auth': { issuer: 'https://b.example' } } },
      'is given twice',
    ],
    [
      'with certificates that are none',
      { sso: { 'jwt-auth': { issuer: 'https://a.example' }, trustedCertificates: 'x' } },
      'fromConduktor.sso.trustedCertificates',
    ],
    ['that is none', null, 'fromConduktor'],
    ['that is a list', [], 'fromConduktor'],
  ])('%s', async (_what, config, reason) => {
    expect(await refusal(config)).toContain(reason);
  });

  test('with an option that it does not know', async () => {
    expect(await refusal(jwtAuth(), { user: {} })).toContain('did you mean "users"?');
  });
});

describe('warns of', () => {
  const warningsOf = async (config: object, options: FromConduktorOptions = {}) =>
    (await fromConduktor(config, options)).warnings.join('\n');

  test('any audience, the API key, and people whom nobody registers', async () => {
    const warnings = await warningsOf(jwtAuth());
    expect(warnings).toMatch(/any audience.*ID tokens, and tokens that are bound to a key, are refused/);
    expect(warnings).toMatch(/API key in the claim apikey is not looked at/);
    expect(warnings).toMatch(/No users were given/);
    expect(await warningsOf(jwtAuth(), { users: async () => ({}) })).not.toMatch(/No users/);
  });

  test('other ways to sign in, once each', async () => {
    const sso = { ...jwtAuth().sso, oauth2: [{ name: 'x' }], ldap: { server: 'ldap://x', timeout: 5 } };
    const warnings = await warningsOf({ sso, database: { url: 'postgres://x' } });
    expect(warnings.match(/is not carried over/g)).toHaveLength(2);
    expect(warnings).toMatch(/sso\.oauth2 is not carried over/);
  });

  test.each([[true], ['true']])('ignoreUntrustedCertificate: %j, which is never followed', async (value) => {
    const config = { sso: { ...jwtAuth().sso, ignoreUntrustedCertificate: value } };
    expect(await warningsOf(config)).toMatch(/certificates are always checked/);
  });

  test('no word about API keys where somebody looks at them', async () => {
    expect(await warningsOf(jwtAuth(), { apiKeys: memoryApiKeys() })).not.toMatch(/API key/);
  });
});
