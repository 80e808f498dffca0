import { describe, expect, test } from '@jest/globals';
import { fromKong } from '../../lib/migrate/index.js';

/**
 * Every field that Kong's schema of `openid-connect` has had from 3.4 to 3.15, and what becomes of it: carried over, refused
 * because Kong closes something by it, or a warning because it has no counterpart or lets more in there.
 */
const CARRIED = [
  'jwt_session_cookie',
  'anonymous audience audience_claim audience_required auth_methods authenticated_groups_claim',
  'bearer_token_cookie_name bearer_token_header_name bearer_token_param_type by_username_ignore_case',
  'cache_introspection cache_tokens cache_ttl cache_ttl_max claims_forbidden client_alg client_auth',
  'client_credentials_param_type client_id client_jwk client_secret consumer_by consumer_claim',
  'consumer_claims consumer_groups_claim consumer_groups_optional consumer_optional domains',
  'expose_error_code forbidden_error_message groups_claim groups_required hide_credentials',
  'introspect_jwt_tokens introspection_endpoint introspection_endpoint_auth_method issuer',
  'issuers_allowed jwks_endpoint jwt_session_claim leeway max_age',
  'password_param_type roles_claim roles_required run_on_preflight scopes scopes_claim scopes_required',
  'token_endpoint token_endpoint_auth_method unauthorized_error_message upstream_access_token_header',
  'upstream_headers upstream_headers_claims upstream_headers_names',
]
  .join(' ')
  .split(' ');
const LEFT_OUT = [
  'authorization_cookie_domain authorization_cookie_http_only authorization_cookie_name',
  'authorization_cookie_path authorization_cookie_same_site authorization_cookie_secure',
  'authorization_endpoint authorization_query_args_client authorization_query_args_names',
  'authorization_query_args_values authorization_rolling_timeout cache_token_exchange cache_tokens_salt',
  'cache_ttl_min cache_ttl_neg cache_ttl_resurrect cache_user_info client_arg cluster_cache_items',
  'cluster_cache_redis cluster_cache_strategy credential_claim disable_session discovery_headers_names',
  'discovery_headers_values display_errors downstream_access_token_header',
  'downstream_access_token_jwk_header downstream_headers downstream_headers_claims',
  'downstream_headers_names downstream_id_token_header downstream_id_token_jwk_header',
  'downstream_introspection_header downstream_introspection_jwt_header downstream_refresh_token_header',
  'downstream_session_id_header downstream_user_info_header downstream_user_info_jwt_header',
  'dpop_proof_lifetime dpop_use_nonce enable_hs_signatures end_session_endpoint extra_jwks_uris',
  'forbidden_destroy_session forbidden_redirect_uri http_proxy http_proxy_authorization http_version',
  'https_proxy https_proxy_authorization id_token_param_name id_token_param_type ignore_signature',
  'introspection_accept introspection_headers_client introspection_headers_names',
  'introspection_headers_values introspection_hint introspection_post_args_client',
  'introspection_post_args_client_headers introspection_post_args_names introspection_post_args_values',
  'introspection_token_param_name keepalive login_action login_methods login_redirect_mode',
  'login_redirect_uri login_tokens logout_methods logout_post_arg logout_query_arg logout_redirect_uri',
  'logout_revoke logout_revoke_access_token logout_revoke_refresh_token logout_uri_suffix',
  'mtls_introspection_endpoint mtls_revocation_endpoint mtls_token_endpoint no_proxy',
  'preserve_query_args proof_of_possession_auth_methods_validation proof_of_possession_mtls_from_header',
  'pushed_authorization_request_endpoint pushed_authorization_request_endpoint_auth_method redirect_uri',
  'redis rediscovery_lifetime refresh_token_param_name refresh_token_param_type refresh_tokens',
  'require_proof_key_for_code_exchange require_pushed_authorization_requests',
  'require_signed_request_object resolve_distributed_claims response_mode response_type reverify',
  'revocation_endpoint revocation_endpoint_auth_method revocation_token_param_name search_user_info',
  'session_absolute_timeout session_audience session_bind session_cookie_domain',
  'session_cookie_http_only session_cookie_name session_cookie_path session_cookie_same_site',
  'session_cookie_secure session_enforce_same_subject session_hash_storage_key session_hash_subject',
  'session_idling_timeout session_memcached_host session_memcached_port session_memcached_prefix',
  'session_memcached_socket session_memcached_ssl session_memcached_ssl_verify',
  'session_redis_cluster_max_redirections session_redis_cluster_nodes session_redis_connect_timeout',
  'session_redis_host session_redis_password session_redis_port session_redis_prefix',
  'session_redis_read_timeout session_redis_send_timeout session_redis_server_name session_redis_socket',
  'session_redis_ssl session_redis_ssl_verify session_redis_username session_remember',
  'session_remember_absolute_timeout session_remember_cookie_name session_remember_rolling_timeout',
  'session_request_headers session_response_headers session_rolling_timeout session_secret',
  'session_storage session_store_metadata timeout tls_client_auth_cert_id tls_client_auth_ssl_verify',
  'token_cache_key_include_scope token_headers_client token_headers_grants token_headers_names',
  'token_headers_prefix token_headers_replay token_headers_values token_post_args_client',
  'token_post_args_names token_post_args_values unauthorized_destroy_session unauthorized_redirect_uri',
  'unexpected_redirect_uri upstream_access_token_jwk_header upstream_id_token_header',
  'upstream_id_token_jwk_header upstream_introspection_header upstream_introspection_jwt_header',
  'upstream_refresh_token_header upstream_session_id_header upstream_user_info_header',
  'upstream_user_info_jwt_header userinfo_accept userinfo_endpoint userinfo_headers_client',
  'userinfo_headers_names userinfo_headers_values userinfo_query_args_client userinfo_query_args_names',
  'userinfo_query_args_values verify_nonce verify_parameters',
]
  .join(' ')
  .split(' ');
/** Values by which a field closes something that would be open here. */
const CLOSING: readonly (readonly [field: string, value: unknown])[] = [
  ['introspection_check_active', false],
  ['principals', { enabled: true, directory: 'x' }],
  ['proof_of_possession_dpop', 'strict'],
  ['proof_of_possession_mtls', 'strict'],
  ['ssl_verify', false],
  ['token_exchange', { subject_token_issuers: [{ issuer: 'https://other.example' }] }],
  ['token_exchange_endpoint', 'https://issuer.example/exchange'],
  ['using_pseudo_issuer', true],
  ['verify_claims', false],
  ['verify_signature', false],
];

const BASE = { issuer: 'https://issuer.example', auth_methods: ['bearer'], audience_required: ['api'] };
const migrated = (config: object) =>
  fromKong({
    consumers: [{ username: 'guest' }],
    plugins: [{ name: 'openid-connect', config: { ...BASE, ...config } }],
  });

/** Values of carried fields that a test cannot guess from their kind. */
const VALUES: Readonly<Record<string, unknown>> = {
  anonymous: 'guest',
  bearer_token_header_name: 'x-token',
  bearer_token_param_type: ['header'],
  client_alg: ['RS256'],
  jwt_session_cookie: 'session',
  client_auth: ['client_secret_basic'],
  client_credentials_param_type: ['header'],
  client_jwk: [{ kty: 'RSA' }],
  consumer_by: ['id'],
  consumer_claims: [['sub']],
  introspection_endpoint_auth_method: 'client_secret_basic',
  password_param_type: ['header'],
  token_endpoint_auth_method: 'client_secret_basic',
  upstream_headers: [{ header: 'x-a', path: ['sub'] }],
};
const FLAGS =
  /^(by_username_ignore_case|cache_introspection|cache_tokens|consumer_groups_optional|consumer_optional|expose_error_code|hide_credentials|introspect_jwt_tokens|run_on_preflight)$/;
const NUMBERS = /^(leeway|max_age|cache_ttl|cache_ttl_max)$/;
const LISTS =
  /_claim$|_required$|^(scopes|audience|domains|issuers_allowed|claims_forbidden|client_id|client_secret)$|_claims$|_names$/;
const TEXT_CLAIMS = /^jwt_session_claim$/;

function sampleOf(field: string): unknown {
  if (field in BASE) return BASE[field as keyof typeof BASE];
  if (field in VALUES) return VALUES[field];
  if (FLAGS.test(field)) return true;
  if (NUMBERS.test(field)) return 60;
  if (TEXT_CLAIMS.test(field)) return 'sid';
  return LISTS.test(field) ? ['x'] : 'https://issuer.example/x';
}

describe('openid-connect: a field that is carried over is neither refused nor warned of:', () => {
  test.each(CARRIED)('%s', async (field) => {
    const { methods, warnings } = await migrated({ [field]: sampleOf(field) });
    expect(methods).toHaveLength(1);
    expect(warnings.filter((warning) => warning.startsWith(`plugins[0].config.${field}: is not carried`))).toEqual([]);
  });
});

describe('openid-connect: a field by which Kong closes something is refused by its path:', () => {
  test.each(CLOSING)('%s: %j', async (field, value) => {
    await expect(migrated({ [field]: value })).rejects.toThrow(`fromKong.plugins[0].config.${field}: `);
  });

  test.each([
    ['pop_dpop', 'strict'],
    ['allowed_ips', ['10.0.0.0/8']],
    ['proof_of_possession_x509', 'strict'],
    ['claims_required', ['x']],
  ])('%s, which nobody knows', async (field, value) => {
    await expect(migrated({ [field]: value })).rejects.toThrow(`fromKong.plugins[0].config.${field}: unknown field`);
  });

  test('an entry of spaces in a list of what is required', async () => {
    await expect(migrated({ scopes_required: ['a', ' '] })).rejects.toThrow(
      'config.scopes_required: holds an entry of spaces',
    );
  });
});

describe('openid-connect: a field that has no counterpart is a warning with its path:', () => {
  test.each(LEFT_OUT)('%s', async (field) => {
    const { methods, warnings } = await migrated({ [field]: 'something' });
    expect(methods).toHaveLength(1);
    expect(warnings).toEqual([
      expect.stringMatching(new RegExp(`^plugins\\[0\\]\\.config\\.${field}: is not carried over`)),
    ]);
  });

  test('but not where it says what Kong does without it', async () => {
    const defaults = {
      ...{
        proof_of_possession_dpop: 'off',
        proof_of_possession_mtls: 'off',
        search_user_info: false,
        session_storage: 'cookie',
      },
      ...{
        refresh_token_param_type: ['header', 'query', 'body'],
        timeout: 10_000,
        keepalive: true,
        verify_nonce: true,
      },
      ...{
        verify_signature: true,
        verify_claims: true,
        ssl_verify: true,
        introspection_check_active: true,
        ignore_signature: [],
      },
      ...{ token_exchange: null, token_exchange_endpoint: null, domains: null, principals: { enabled: false } },
    };
    expect((await migrated(defaults)).warnings).toEqual([]);
  });

  test('a default that is switched off says something', async () => {
    expect((await migrated({ keepalive: false })).warnings).toEqual([
      'plugins[0].config.keepalive: is not carried over',
    ]);
  });

  test('tokens that are bound are refused where Kong would look at their proof', async () => {
    const { warnings } = await migrated({ proof_of_possession_dpop: 'optional' });
    expect(warnings).toEqual([
      'plugins[0].config.proof_of_possession_dpop: is not carried over: tokens that are bound to a key are refused',
    ]);
  });
});

test('no field is in two lists', () => {
  const all = [...CARRIED, ...LEFT_OUT];
  expect(new Set(all).size).toBe(all.length);
});
