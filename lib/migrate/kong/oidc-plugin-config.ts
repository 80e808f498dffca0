import type { KongRecord } from './kong-record.js';
import { METHOD_FIELDS, type OidcMethods, readOidcMethods } from './oidc-grant-config.js';
import {
  type AccessTokenHeader,
  type ClaimHeader,
  HEADER_FIELDS,
  readAccessTokenHeader,
  readClaimHeaders,
} from './oidc-headers.js';
import { leaveOutFields, unwrittenHeaders } from './oidc-left-out.js';
import type { Warnings } from './warnings.js';

/** A claim and what it must hold: any of the alternatives, and of one alternative every word. */
export interface RequiredClaim {
  readonly name: PairName;
  readonly path: readonly string[];
  readonly alternatives: readonly (readonly string[])[];
}

/** How tokens are mapped to consumers. */
export interface ConsumerMapping {
  /** Tried in order; empty: they are not. */
  readonly claims: readonly (readonly string[])[];
  readonly by: readonly ('username' | 'custom_id' | 'id')[];
  readonly ignoreCase: boolean;
  readonly optional: boolean;
}

/** A claim that must name one of the consumer groups of the configuration. */
export interface ConsumerGroups {
  readonly path: readonly string[];
  readonly names: ReadonlySet<string>;
}

/** What is carried of Kong's `openid-connect` plugin, with nothing left open. */
export interface OidcPluginConfig {
  readonly methods: OidcMethods;
  readonly issuer: string;
  readonly jwksEndpoint: string | undefined;
  readonly issuersAllowed: readonly string[] | undefined;
  readonly paramTypes: readonly ('header' | 'query' | 'body' | 'cookie')[];
  readonly cookieName: string | undefined;
  readonly headerName: string | undefined;
  /** Seconds. Kong's default is 0. */
  readonly leeway: number;
  readonly required: readonly RequiredClaim[];
  readonly claimsForbidden: readonly string[];
  /** Values of the claim `hd` that are accepted; `undefined`: any. */
  readonly domains: readonly string[] | undefined;
  /** Seconds since `auth_time` that are accepted; `undefined`: any, and no `auth_time` either. */
  readonly maxAge: number | undefined;
  /** Which of Kong's consumer groups a token must name; `undefined`: none. */
  readonly consumerGroups: ConsumerGroups | undefined;
  readonly consumer: ConsumerMapping;
  readonly groupsClaim: readonly string[] | undefined;
  readonly runOnPreflight: boolean;
  readonly hideCredentials: boolean;
  readonly claimHeaders: readonly ClaimHeader[];
  /** Headers, in lower case, that Kong writes and nobody writes here; no client may send them. */
  readonly unwrittenHeaders: readonly string[];
  /** Where the application finds the token; Kong's default is the `Authorization` header. */
  readonly accessTokenHeader: AccessTokenHeader | undefined;
  /** Id or username of the consumer that everybody else is. */
  readonly anonymous: string | undefined;
  readonly unauthorizedMessage: string;
  readonly forbiddenMessage: string;
}

const PAIRS = { scopes: 'scope', audience: 'aud', groups: 'groups', roles: 'roles' } as const;
type PairName = keyof typeof PAIRS;
const PAIR_NAMES = Object.keys(PAIRS) as readonly PairName[];
const CARRIED = [
  'issuer',
  'jwks_endpoint',
  'issuers_allowed',
  'bearer_token_param_type',
  'bearer_token_cookie_name',
  'bearer_token_header_name',
  'leeway',
  'claims_forbidden',
  'domains',
  'max_age',
  'consumer_groups_claim',
  'consumer_groups_optional',
  'using_pseudo_issuer',
  'consumer_claim',
  'consumer_claims',
  'consumer_by',
  'by_username_ignore_case',
  'consumer_optional',
  'authenticated_groups_claim',
  'run_on_preflight',
  'hide_credentials',
  'unauthorized_error_message',
  'forbidden_error_message',
  'anonymous',
  ...METHOD_FIELDS,
  ...HEADER_FIELDS,
  ...PAIR_NAMES.flatMap((name) => [`${name}_claim`, `${name}_required`]),
];
/** What opens a door in Kong and is refused here rather than overlooked. */
const NEVER_OFF = ['verify_signature', 'verify_claims', 'ssl_verify', 'introspection_check_active'];

function requiredClaims(config: KongRecord): RequiredClaim[] {
  return PAIR_NAMES.flatMap((name) => {
    const required = config.texts(`${name}_required`);
    if (required === undefined || required.length === 0) return [];
    const alternatives = required.map((words) => words.split(' ').filter((word) => word !== ''));
    return [{ name, path: config.list(`${name}_claim`) ?? [PAIRS[name]], alternatives }];
  });
}

function assertChecksOn(config: KongRecord): void {
  const off = NEVER_OFF.find((name) => config.flag(name) === false);
  if (off !== undefined)
    throw config.refusal(off, 'false is not carried over: signatures, times and certificates are always checked');
}

function consumerMapping(config: KongRecord): ConsumerMapping {
  const single = config.list('consumer_claim');
  return {
    claims: config.lists('consumer_claims') ?? (single === undefined ? [] : [single]),
    by: config.textsOf('consumer_by', ['username', 'custom_id', 'id']) ?? ['username', 'custom_id'],
    ignoreCase: config.flag('by_username_ignore_case') ?? false,
    optional: config.flag('consumer_optional') ?? false,
  };
}

function consumerGroupsOf(config: KongRecord, names: ReadonlySet<string>): ConsumerGroups | undefined {
  const path = config.list('consumer_groups_claim') ?? [];
  const isOptional = config.flag('consumer_groups_optional') ?? false;
  return path.length === 0 || isOptional ? undefined : { path, names };
}

/** A pseudo issuer has no document, so that only an address of keys can say where they are. */
function assertFindable(config: KongRecord): void {
  if (config.flag('using_pseudo_issuer') === true && config.value('jwks_endpoint') === undefined)
    throw config.refusal(
      'using_pseudo_issuer',
      'is carried over with jwks_endpoint only, which says where the keys are',
    );
}

/**
 * Reads the `config` of an `openid-connect` plugin. Every field that is not carried over is a warning, or a refusal
 * where Kong closes something by it.
 * @param groupNames the consumer groups of the configuration.
 * @throws ConfigurationError
 */
export function readOidcPluginConfig(
  config: KongRecord,
  groupNames: ReadonlySet<string>,
  warnings: Warnings,
): OidcPluginConfig {
  const issuer = config.text('issuer');
  if (issuer === undefined) throw config.refusal('issuer', 'required field missing');
  assertChecksOn(config);
  assertFindable(config);
  leaveOutFields(config, [...CARRIED, ...NEVER_OFF], warnings);
  const required = requiredClaims(config);
  if (config.value('audience_required') === undefined) {
    warnings.add(config, 'audience_required', 'is not set: as in Kong, tokens for any audience are accepted');
  }
  return {
    methods: readOidcMethods(config, warnings),
    issuer: issuer.replace(/\/\.well-known\/(openid-configuration|oauth-authorization-server)$/, ''),
    jwksEndpoint: config.text('jwks_endpoint'),
    issuersAllowed: config.texts('issuers_allowed'),
    paramTypes: config.textsOf('bearer_token_param_type', ['header', 'query', 'body', 'cookie']) ?? [
      'header',
      'query',
      'body',
    ],
    cookieName: config.text('bearer_token_cookie_name'),
    headerName: config.text('bearer_token_header_name'),
    leeway: config.numberBetween('leeway', 0, 300) ?? 0,
    required,
    claimsForbidden: config.texts('claims_forbidden') ?? [],
    domains: config.texts('domains'),
    maxAge: config.numberBetween('max_age', 0, Number.MAX_SAFE_INTEGER),
    consumerGroups: consumerGroupsOf(config, groupNames),
    consumer: consumerMapping(config),
    groupsClaim: config.list('authenticated_groups_claim'),
    runOnPreflight: config.flag('run_on_preflight') ?? true,
    hideCredentials: config.flag('hide_credentials') ?? true,
    claimHeaders: readClaimHeaders(config, warnings),
    unwrittenHeaders: unwrittenHeaders(config, CARRIED),
    accessTokenHeader: readAccessTokenHeader(config),
    anonymous: config.text('anonymous'),
    unauthorizedMessage: config.text('unauthorized_error_message') ?? 'Unauthorized',
    forbiddenMessage: config.text('forbidden_error_message') ?? 'Forbidden',
  };
}
