import { isPlainRecord } from '../../../tokens/strict-json.js';
import type { KongRecord } from '../kong-record.js';
import type { Warnings } from '../warnings.js';

/** Kong's defaults of fields that have no counterpart here. Dumps write them all, and none of them says anything. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  authorization_cookie_http_only: true,
  authorization_cookie_name: 'authorization',
  authorization_cookie_path: '/',
  authorization_cookie_same_site: 'Default',
  authorization_rolling_timeout: 600,
  cache_token_exchange: true,
  cache_user_info: true,
  client_arg: 'client_id',
  cluster_cache_items: ['introspection'],
  cluster_cache_strategy: 'off',
  credential_claim: ['sub'],
  dpop_proof_lifetime: 300,
  forbidden_destroy_session: true,
  http_version: 1.1,
  id_token_param_type: ['body', 'header', 'query'],
  introspection_accept: 'application/json',
  introspection_hint: 'access_token',
  introspection_token_param_name: 'token',
  keepalive: true,
  login_action: 'upstream',
  login_methods: ['authorization_code'],
  login_redirect_mode: 'fragment',
  login_tokens: ['id_token'],
  logout_methods: ['DELETE', 'POST'],
  logout_revoke_access_token: true,
  logout_revoke_refresh_token: true,
  proof_of_possession_auth_methods_validation: true,
  proof_of_possession_dpop: 'off',
  proof_of_possession_mtls: 'off',
  rediscovery_lifetime: 30,
  refresh_token_param_type: ['body', 'header', 'query'],
  refresh_tokens: true,
  response_mode: 'query',
  response_type: ['code'],
  revocation_token_param_name: 'token',
  session_absolute_timeout: 86_400,
  session_audience: 'default',
  session_cookie_http_only: true,
  session_cookie_name: 'session',
  session_cookie_path: '/',
  session_cookie_same_site: 'Lax',
  session_idling_timeout: 900,
  session_memcached_host: '127.0.0.1',
  session_memcached_port: 11_211,
  session_memcached_ssl_verify: true,
  session_redis_host: '127.0.0.1',
  session_redis_port: 6379,
  session_remember_absolute_timeout: 2_592_000,
  session_remember_cookie_name: 'remember',
  session_remember_rolling_timeout: 604_800,
  session_rolling_timeout: 3600,
  session_storage: 'cookie',
  timeout: 10_000,
  tls_client_auth_ssl_verify: true,
  unauthorized_destroy_session: true,
  userinfo_accept: 'application/json',
  verify_nonce: true,
};

/** Fields about sign-in with a browser, caches, transport and headers of answers. */
const WITHOUT_COUNTERPART =
  /^(?:(?:session|authorization|login|logout|redis|cluster_cache|downstream|userinfo|token_headers|token_post_args|introspection_headers|introspection_post_args|pushed_authorization_request|discovery_headers)(?:_\w+)?|cache_(?:token_exchange|tokens_salt|ttl_min|ttl_neg|ttl_resurrect|user_info)|(?:client_arg|credential_claim|disable_session|display_errors|end_session_endpoint|http_version|https?_proxy(?:_authorization)?|no_proxy|id_token_param_(?:name|type)|introspection_(?:accept|hint|token_param_name)|keepalive|timeout|preserve_query_args|rediscovery_lifetime|redirect_uri|refresh_token_param_(?:name|type)|refresh_tokens|require_(?:proof_key_for_code_exchange|pushed_authorization_requests|signed_request_object)|response_(?:mode|type)|reverify|revocation_(?:endpoint|endpoint_auth_method|token_param_name)|mtls_(?:introspection|revocation|token)_endpoint|tls_client_auth_(?:cert_id|ssl_verify)|token_cache_key_include_scope|(?:unauthorized|forbidden|unexpected)_redirect_uri|(?:unauthorized|forbidden)_destroy_session|verify_(?:nonce|parameters)|dpop_(?:use_nonce|proof_lifetime)|proof_of_possession_auth_methods_validation|proof_of_possession_mtls_from_header))$/;

/** Fields that let more in at Kong than here, and what is different. */
const STRICTER_HERE: Readonly<Record<string, string>> = {
  enable_hs_signatures: 'tokens that are signed with a shared secret are refused',
  extra_jwks_uris: 'tokens that are signed with keys from these addresses are refused',
  ignore_signature: 'signatures are always checked',
  proof_of_possession_dpop: 'tokens that are bound to a key are refused',
  proof_of_possession_mtls: 'tokens that are bound to a certificate are refused',
  resolve_distributed_claims: 'claims that stand elsewhere count as absent',
  search_user_info: 'the user info endpoint is not asked, so claims that only it knows count as absent',
};

const isSwitchedOff = (value: unknown) => isPlainRecord(value) && value.enabled === false;

/** Fields by which Kong closes what would be open here, with the values that close nothing. */
const CLOSES: Readonly<Record<string, { readonly unless: (value: unknown) => boolean; readonly because: string }>> = {
  proof_of_possession_dpop: {
    unless: (value) => value !== 'strict',
    because: '"strict" is not carried over: tokens without a proof would pass',
  },
  proof_of_possession_mtls: {
    unless: (value) => value !== 'strict',
    because: '"strict" is not carried over: tokens without a certificate would pass',
  },
  principals: {
    unless: isSwitchedOff,
    because: 'is not carried over: Kong refuses tokens of principals that it does not find',
  },
  token_exchange: {
    unless: () => false,
    because: 'is not carried over: Kong refuses tokens that the provider does not exchange',
  },
  token_exchange_endpoint: {
    unless: () => false,
    because: 'is not carried over: Kong refuses tokens that the endpoint does not exchange',
  },
};

/** Headers by which Kong tells the application something, and which therefore no client may send. */
const UPSTREAM_HEADER = /^upstream_\w+_header$/;

function isDefault(name: string, value: unknown): boolean {
  if (isSwitchedOff(value)) return true;
  if (value === false || (Array.isArray(value) && value.length === 0)) return DEFAULTS[name] !== true;
  const standard = DEFAULTS[name];
  // The order of a set means nothing, and dumps of different versions write it differently.
  const sorted = (given: unknown) => JSON.stringify(Array.isArray(given) ? [...given].sort() : given);
  return standard !== undefined && sorted(standard) === sorted(value);
}

function assertClosesNothing(config: KongRecord, name: string): void {
  const closed = Object.hasOwn(CLOSES, name) ? CLOSES[name] : undefined;
  if (closed !== undefined && !closed.unless(config.value(name))) throw config.refusal(name, closed.because);
}

function leaveOutField(config: KongRecord, name: string, warnings: Warnings): void {
  assertClosesNothing(config, name);
  const isKnown = WITHOUT_COUNTERPART.test(name) || UPSTREAM_HEADER.test(name);
  if (!isKnown && !Object.hasOwn(STRICTER_HERE, name) && !Object.hasOwn(CLOSES, name)) {
    throw config.refusal(name, 'unknown field; it may restrict access, so it is not left out without being asked');
  }
  if (isDefault(name, config.value(name))) return;
  const difference = Object.hasOwn(STRICTER_HERE, name) ? `: ${STRICTER_HERE[name]}` : '';
  warnings.add(config, name, `is not carried over${difference}`);
}

/**
 * Looks at the fields of an `openid-connect` plugin that are not carried over: refuses those by which Kong closes
 * something, and those that nobody knows, and warns of the others where they say something else than Kong's default.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function leaveOutFields(config: KongRecord, carried: readonly string[], warnings: Warnings): void {
  for (const name of config.names) if (!carried.includes(name)) leaveOutField(config, name, warnings);
}

/** The names of headers, in lower case, that Kong would write and that are removed from every request instead. */
export function unwrittenHeaders(config: KongRecord, carried: readonly string[]): readonly string[] {
  const fields = config.names.filter((name) => UPSTREAM_HEADER.test(name) && !carried.includes(name));
  const headers = fields.flatMap((name) => config.text(name)?.split(':')[0]?.toLowerCase() ?? []);
  return headers.filter((header) => header !== 'authorization');
}
