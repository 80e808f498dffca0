import { describe, expect, test } from '@jest/globals';
import { fromConduktor, fromConsul, fromKong, fromZitadel, type Migration } from '../../lib/migrate/index.js';
import { authMethod } from '../helpers/consul.js';
import { JSMITH } from '../helpers/kong.js';

/*
 * What becomes of every field of the systems' own configurations, beside those of openid-connect, which have a file of
 * their own. carried: neither refused nor warned of; warned: a warning names it; refused: an error names it.
 */
type Outcome = 'carried' | 'warned' | 'refused';
type Row = readonly [field: string, value: unknown, outcome: Outcome];

/** What a migration makes of one field, which has to be named where it is refused or warned of. */
async function outcomeOf(field: string, migrate: () => Promise<Migration>): Promise<Outcome | string> {
  const name = field.split('.').at(-1) ?? field;
  try {
    const { warnings } = await migrate();
    return warnings.some((warning) => warning.includes(name)) ? 'warned' : 'carried';
  } catch (error) {
    const { name: kind, message } = error as Error;
    return kind === 'ConfigurationError' && message.includes(name) ? 'refused' : `${kind}: ${message}`;
  }
}

const kongPlugin =
  (plugin: object, more: object = {}) =>
  () =>
    fromKong({ consumers: [JSMITH, { username: 'guest' }], plugins: [{ name: 'jwt', ...plugin }], ...more });

describe('Kong: fields of a plugin', () => {
  const rows: readonly Row[] = [
    ['id', '5fa9e468-0007-4d7e-9aeb-49ca9edd6ccd', 'carried'],
    ['instance_name', 'mine', 'carried'],
    ['created_at', 1, 'carried'],
    ['updated_at', 1, 'carried'],
    ['tags', ['a'], 'carried'],
    ['enabled', true, 'carried'],
    ['enabled', false, 'warned'],
    ['protocols', ['grpc', 'grpcs', 'http', 'https'], 'carried'],
    ['protocols', ['https'], 'warned'],
    ['protocols', ['tcp'], 'refused'],
    ['run_on', 'first', 'carried'],
    ['run_on', 'third', 'refused'],
    ['ordering', { before: { access: ['x'] } }, 'warned'],
    ['condition', 'http.path == "/x"', 'warned'],
    ['partials', [{ name: 'p' }], 'warned'],
    ['consumer', 'jsmith', 'refused'],
    ['consumer_group', 'gold', 'refused'],
    ['priority', 1, 'refused'],
    ['_comment', 'x', 'carried'],
  ];
  test.each(rows)('%s: %j is %s', async (field, value, outcome) => {
    expect(await outcomeOf(field, kongPlugin({ [field]: value }))).toBe(outcome);
  });
});

describe('Kong: fields of jwt', () => {
  const rows: readonly Row[] = [
    ['uri_param_names', ['token'], 'carried'],
    ['cookie_names', ['token'], 'carried'],
    ['header_names', ['x-token'], 'carried'],
    ['key_claim_name', 'kid', 'carried'],
    ['secret_is_base64', false, 'carried'],
    ['claims_to_verify', ['exp', 'nbf'], 'carried'],
    ['maximum_expiration', 0, 'carried'],
    ['anonymous', 'guest', 'carried'],
    ['run_on_preflight', false, 'carried'],
    ['realm', 'things', 'carried'],
    ['allowed_iss', ['x'], 'refused'],
    ['hide_credentials', true, 'refused'],
  ];
  test.each(rows)('%s: %j is %s', async (field, value, outcome) => {
    expect(await outcomeOf(field, kongPlugin({ config: { [field]: value } }))).toBe(outcome);
  });
});

describe('Kong: lists beside consumers and plugins', () => {
  const rows: readonly Row[] = [
    ['services', [{ name: 's' }], 'warned'],
    ['routes', [{ name: 'r' }], 'warned'],
    ['upstreams', [{ name: 'u' }], 'warned'],
    ['certificates', [{ cert: 'x' }], 'warned'],
    ['ca_certificates', [{ cert: 'x' }], 'warned'],
    ['snis', [{ name: 'x' }], 'warned'],
    ['vaults', [{ name: 'env', prefix: 'e' }], 'warned'],
    ['consumer_groups', [{ name: 'gold' }], 'warned'],
    ['basicauth_credentials', [{ consumer: 'jsmith', username: 'a' }], 'warned'],
    ['keyauth_credentials', [{ consumer: 'jsmith', key: 'a' }], 'warned'],
    ['hmacauth_credentials', [{ consumer: 'jsmith', username: 'a' }], 'warned'],
    ['acls', [{ consumer: 'jsmith', group: 'a' }], 'carried'],
    ['jwt_secrets', [{ consumer: 'jsmith', key: 'a', secret: 's'.repeat(32) }], 'carried'],
    ['_info', { select_tags: ['a'] }, 'carried'],
    ['_transform', true, 'carried'],
    ['_workspace', 'default', 'carried'],
    ['_konnect', {}, 'carried'],
    ['_unknown', 'x', 'refused'],
    ['consumer', [], 'refused'],
  ];
  test.each(rows)('%s is %s', async (field, value, outcome) => {
    expect(await outcomeOf(field, kongPlugin({}, { [field]: value }))).toBe(outcome);
  });
});

describe('Consul: fields of an auth method and of its Config', () => {
  const rules = { BindingRules: [{ BindType: 'role', BindName: 'r' }] };
  const discovery = { JWTValidationPubKeys: undefined, BoundIssuer: undefined, OIDCDiscoveryURL: 'https://i.example' };
  const rows: readonly Row[] = [
    ['DisplayName', 'x', 'carried'],
    ['Description', 'x', 'carried'],
    ['MaxTokenTTL', '5m', 'warned'],
    ['TokenLocality', 'global', 'warned'],
    ['TokenLocality', 'universe', 'refused'],
    ['TokenNameFormat', 'x', 'warned'],
    ['NamespaceRules', [{ BindNamespace: 'x' }], 'warned'],
    ['Namespace', 'x', 'warned'],
    ['Partition', 'x', 'warned'],
    ['Type', 'oidc', 'refused'],
    ['CreateIndex', 1, 'carried'],
    ['ModifyIndex', 1, 'carried'],
    ['BindingRules', [], 'warned'],
    ['BindingRules', undefined, 'warned'],
    ['BoundClaims', {}, 'refused'],
    ['Config.BoundIssuer', '', 'warned'],
    ['Config.BoundAudiences', ['api'], 'carried'],
    ['Config.JWTSupportedAlgs', ['RS256'], 'warned'],
    ['Config.JWTSupportedAlgs', ['HS256'], 'refused'],
    ['Config.ExpirationLeeway', 10, 'carried'],
    ['Config.NotBeforeLeeway', '10s', 'carried'],
    ['Config.ClockSkewLeeway', -1, 'carried'],
    ['Config.ClockSkewLeeway', 301, 'refused'],
    ['Config.ClaimMappings', { a: 'b' }, 'carried'],
    ['Config.ListClaimMappings', { a: 'b' }, 'carried'],
    ['Config.OIDCClientID', 'x', 'refused'],
    ['Config.OIDCScopes', ['x'], 'refused'],
    ['Config.AllowedRedirectURIs', ['x'], 'refused'],
    ['Config.BoundSubject', 'x', 'refused'],
  ];
  test.each(rows)('%s: %j is %s', async (field, value, outcome) => {
    const name = field.replace('Config.', '');
    const given = field.startsWith('Config.')
      ? authMethod({ [name]: value }, rules)
      : authMethod({}, { ...rules, [name]: value });
    expect(await outcomeOf(field, () => fromConsul(given))).toBe(outcome);
  });

  const discovered: readonly Row[] = [
    ['BoundIssuer', 'x', 'warned'],
    ['ExpirationLeeway', 10, 'warned'],
    ['NotBeforeLeeway', 10, 'warned'],
    ['ClockSkewLeeway', 10, 'warned'],
    ['BoundAudiences', [], 'warned'],
    ['JWTSupportedAlgs', ['ES256'], 'carried'],
    ['JWKSCACert', 'x', 'refused'],
  ];
  test.each(discovered)('with discovery, %s: %j is %s', async (field, value, outcome) => {
    const config = { ...discovery, BoundAudiences: ['api'], [field]: value };
    expect(await outcomeOf(field, () => fromConsul(authMethod(config, rules)))).toBe(outcome);
  });
});

describe('Conduktor: settings under sso', () => {
  const rows: readonly Row[] = [
    ['username-claim', 'upn', 'carried'],
    ['groups-claim', 'teams', 'carried'],
    ['audience', 'x', 'refused'],
    ['allow-unsigned-id-tokens', true, 'refused'],
  ];
  test.each(rows)('jwt-auth.%s: %j is %s', async (field, value, outcome) => {
    const name = field.replaceAll('-', '');
    const config = { sso: { 'jwt-auth': { issuer: 'https://i.example', [field]: value } } };
    expect(await outcomeOf(outcome === 'refused' ? name : field, () => fromConduktor(config))).toBe(outcome);
  });

  test.each<Row>([
    ['ignoreUntrustedCertificate', true, 'warned'],
    ['ignoreUntrustedCertificate', false, 'carried'],
    ['oauth2', [{ name: 'x' }], 'warned'],
    ['ldap', [{ name: 'x' }], 'warned'],
    ['trustedCertificates', 'x', 'refused'],
  ])('%s: %j is %s', async (field, value, outcome) => {
    const config = { sso: { 'jwt-auth': { issuer: 'https://i.example' }, [field]: value } };
    expect(await outcomeOf(field, () => fromConduktor(config))).toBe(outcome);
  });
});

describe('ZITADEL: settings of a JWT IdP', () => {
  const base = {
    name: 'waf',
    issuer: 'https://i.example',
    jwtEndpoint: 'https://w.example/jwt',
    keysEndpoint: 'https://w.example/keys',
    audience: 'a',
  };
  const users = async () => ({});
  const rows: readonly Row[] = [
    ['headerName', 'x-waf', 'carried'],
    ['audience', 'b', 'carried'],
    ['isLinkingAllowed', true, 'carried'],
    ['isCreationAllowed', true, 'carried'],
    ['isAutoCreation', true, 'carried'],
    ['isAutoUpdate', true, 'carried'],
    ['autoLinking', 'AUTO_LINKING_OPTION_EMAIL', 'carried'],
    ['autoLinking', 'sms', 'refused'],
    ['autoRegister', true, 'carried'],
    ['stylingType', 'STYLING_TYPE_GOOGLE', 'carried'],
    ['state', 'IDP_STATE_ACTIVE', 'carried'],
    ['state', 'IDP_STATE_INACTIVE', 'refused'],
    ['type', 'PROVIDER_TYPE_OIDC', 'refused'],
    ['clientId', 'x', 'refused'],
  ];
  test.each(rows)('%s: %j is %s', async (field, value, outcome) => {
    expect(await outcomeOf(field, () => fromZitadel({ ...base, [field]: value }, { users }))).toBe(outcome);
  });
});
