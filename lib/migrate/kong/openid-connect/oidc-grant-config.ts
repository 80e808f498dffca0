import type { ClientAuthentication, ClientOptions } from '../../../grants/client-options.js';
import type { GrantType } from '../../../grants/token-client.js';
import type { KongRecord } from '../kong-record.js';
import type { Warnings } from '../warnings.js';
import { authenticationOf, CLIENT_FIELDS, readOidcClient, warnOfClients } from './oidc-client-config.js';

/** Place of a pair of an id and a secret. */
type PairPlace = 'header' | 'query' | 'body';

/** Settings for exchanging pairs of an id and a secret for tokens. */
export interface OidcGrantConfig {
  /** Grants in Kong's fixed order: `password` before `client_credentials`. */
  readonly grants: readonly GrantType[];
  readonly places: Readonly<Record<GrantType, readonly PairPlace[]>>;
  readonly client: ClientOptions | undefined;
  /** Client authentication of callers at the provider; also known where Kong is no client itself. */
  readonly authentication: ClientAuthentication | undefined;
  readonly tokenEndpoint: string | undefined;
  readonly scopes: readonly string[];
  readonly audience: readonly string[];
  readonly cache: false | { readonly maxTtl: number };
}

/** Settings for asking the provider about opaque tokens. */
interface OidcIntrospectionConfig {
  readonly client: ClientOptions;
  readonly endpoint: string | undefined;
  readonly jwtsToo: boolean;
  readonly cache: false | { readonly maxTtl: number };
}

/** Credentials that a plugin takes and that are carried over, with what each of them needs. */
export interface OidcMethods {
  readonly bearer: boolean;
  readonly introspection: OidcIntrospectionConfig | undefined;
  readonly pairs: OidcGrantConfig | undefined;
}

const METHODS = [
  'authorization_code',
  'bearer',
  'client_credentials',
  'introspection',
  'kong_oauth2',
  'password',
  'refresh_token',
  'session',
  'userinfo',
] as const;
type Method = (typeof METHODS)[number];
const CARRIED: readonly Method[] = ['bearer', 'introspection', 'password', 'client_credentials'];
const GRANTS: readonly GrantType[] = ['password', 'client_credentials'];
const PLACES: readonly PairPlace[] = ['header', 'query', 'body'];
/** Kong's default for what says nothing of its end, in seconds. */
const CACHE_TTL = 3600;
const MAX_TTL = 86_400;

export const METHOD_FIELDS = [
  'auth_methods',
  ...CLIENT_FIELDS,
  'token_endpoint',
  'token_endpoint_auth_method',
  'introspection_endpoint',
  'introspection_endpoint_auth_method',
  'introspect_jwt_tokens',
  'password_param_type',
  'client_credentials_param_type',
  'scopes',
  'audience',
  'cache_tokens',
  'cache_introspection',
  'cache_ttl',
  'cache_ttl_max',
];

function cacheOf(config: KongRecord, flag: string): false | { maxTtl: number } {
  if (config.flag(flag) === false) return false;
  const ttl = config.numberBetween('cache_ttl', 0, Number.MAX_SAFE_INTEGER) ?? CACHE_TTL;
  const max = config.numberBetween('cache_ttl_max', 0, Number.MAX_SAFE_INTEGER) ?? ttl;
  const maxTtl = Math.min(max === 0 ? ttl : max, MAX_TTL);
  return maxTtl === 0 ? false : { maxTtl };
}

/** Reads `auth_methods`. Kong's default is all nine; of these, the ones count that are carried over and configured. */
function enabledMethods(config: KongRecord, warnings: Warnings): readonly Method[] {
  const methods = config.textsOf('auth_methods', METHODS);
  const isClient = config.value('client_id') !== undefined;
  if (methods === undefined) {
    const usable = CARRIED.filter((method) => isClient || method === 'bearer' || method === 'client_credentials');
    warnings.add(config, 'auth_methods', `is not set; ${usable.join(', ')} are carried over`);
    return usable;
  }
  const carried = methods.filter((method) => CARRIED.includes(method));
  if (carried.length === 0)
    throw config.refusal('auth_methods', `only ${CARRIED.join(', ')} are carried over, and none is among them`);
  const others = methods.filter((method) => !CARRIED.includes(method));
  if (others.length > 0) warnings.add(config, 'auth_methods', `${others.join(', ')} are not carried over`);
  return carried;
}

function assertClient(config: KongRecord, client: ClientOptions | undefined, method: Method): ClientOptions {
  if (client === undefined) throw config.refusal('client_id', `is required with auth_methods: ${method}`);
  return client;
}

function readIntrospection(config: KongRecord, bearer: boolean, allowHttp: boolean): OidcIntrospectionConfig {
  return {
    client: assertClient(config, readOidcClient(config, 'introspection'), 'introspection'),
    endpoint: config.url('introspection_endpoint', allowHttp),
    // Where JWTs are not verified here, introspection is asked about them too.
    jwtsToo: config.flag('introspect_jwt_tokens') === true || !bearer,
    cache: cacheOf(config, 'cache_introspection'),
  };
}

function readPairs(
  config: KongRecord,
  grants: readonly GrantType[],
  allowHttp: boolean,
  warnings: Warnings,
): OidcGrantConfig {
  warnings.add(config, 'auth_methods', `${grants.join(' and ')} take secrets over plain HTTP too, as in Kong; use TLS`);
  const client = readOidcClient(config, 'token');
  if (grants.includes('password')) assertClient(config, client, 'password');
  return {
    grants,
    places: {
      password: config.textsOf('password_param_type', PLACES) ?? PLACES,
      client_credentials: config.textsOf('client_credentials_param_type', PLACES) ?? PLACES,
    },
    client,
    authentication: authenticationOf(config, 'token'),
    tokenEndpoint: config.url('token_endpoint', allowHttp),
    scopes: config.texts('scopes') ?? ['openid'],
    audience: config.texts('audience') ?? [],
    cache: cacheOf(config, 'cache_tokens'),
  };
}

/**
 * Reads which credentials an `openid-connect` plugin takes, and what it needs for that.
 * @param allowHttp whether addresses may be plain http.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function readOidcMethods(config: KongRecord, allowHttp: boolean, warnings: Warnings): OidcMethods {
  const methods = enabledMethods(config, warnings);
  warnOfClients(config, warnings);
  const bearer = methods.includes('bearer');
  const grants = GRANTS.filter((grant) => methods.includes(grant));
  return {
    bearer,
    introspection: methods.includes('introspection') ? readIntrospection(config, bearer, allowHttp) : undefined,
    pairs: grants.length > 0 ? readPairs(config, grants, allowHttp, warnings) : undefined,
  };
}
