import type { KongRecord } from './kong-record.js';
import type { Warnings } from './warnings.js';

/** A claim and what it must hold: any of the alternatives, and of one alternative every word. */
export interface RequiredClaim {
  readonly name: keyof typeof PAIRS;
  readonly path: readonly string[];
  readonly alternatives: readonly (readonly string[])[];
}

/** The bearer part of Kong's `openid-connect` plugin, with nothing left open. */
export interface OidcPluginConfig {
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
  /** Tried in order; empty: tokens are not mapped to consumers. */
  readonly consumerClaims: readonly (readonly string[])[];
  readonly consumerBy: readonly ('username' | 'custom_id' | 'id')[];
  readonly ignoreCase: boolean;
  readonly consumerOptional: boolean;
  readonly groupsClaim: readonly string[] | undefined;
  /** Id or username of the consumer that everybody else is. */
  readonly anonymous: string | undefined;
  readonly runOnPreflight: boolean;
  readonly hideCredentials: boolean;
  readonly unauthorizedMessage: string;
  readonly forbiddenMessage: string;
}

const PAIRS = { scopes: 'scope', audience: 'aud', groups: 'groups', roles: 'roles' } as const;
const PAIR_NAMES = ['scopes', 'audience', 'groups', 'roles'] as const satisfies readonly (keyof typeof PAIRS)[];
const CARRIED = [
  'issuer',
  'auth_methods',
  'jwks_endpoint',
  'issuers_allowed',
  'bearer_token_param_type',
  'bearer_token_cookie_name',
  'bearer_token_header_name',
  'leeway',
  'claims_forbidden',
  'consumer_claim',
  'consumer_claims',
  'consumer_by',
  'by_username_ignore_case',
  'consumer_optional',
  'authenticated_groups_claim',
  'anonymous',
  'run_on_preflight',
  'hide_credentials',
  'unauthorized_error_message',
  'forbidden_error_message',
  ...PAIR_NAMES.flatMap((name) => [`${name}_claim`, `${name}_required`]),
];
/** What opens a door in Kong and is refused here rather than overlooked. */
const NEVER_OFF = ['verify_signature', 'verify_claims', 'ssl_verify'];

function requiredClaims(config: KongRecord): RequiredClaim[] {
  return PAIR_NAMES.flatMap((name) => {
    const required = config.texts(`${name}_required`);
    if (required === undefined || required.length === 0) return [];
    const alternatives = required.map((words) => words.split(' ').filter((word) => word !== ''));
    return [{ name, path: config.texts(`${name}_claim`) ?? [PAIRS[name]], alternatives }];
  });
}

function consumerClaims(config: KongRecord): (readonly string[])[] {
  const single = config.texts('consumer_claim');
  const several = config.value('consumer_claims');
  if (several === undefined) return single === undefined ? [] : [single];
  const isPath = (path: unknown): path is string[] =>
    Array.isArray(path) && path.every((part) => typeof part === 'string');
  if (!Array.isArray(several) || !several.every(isPath))
    throw config.refusal('consumer_claims', 'expected an array of paths');
  return several;
}

function assertMethods(config: KongRecord, warnings: Warnings): void {
  const methods = config.texts('auth_methods');
  if (methods === undefined) warnings.add(config, 'auth_methods', 'is not set; only bearer is carried over');
  if (methods !== undefined && !methods.includes('bearer'))
    throw config.refusal('auth_methods', 'only bearer is carried over, and it is not among them');
  const others = methods?.filter((method) => method !== 'bearer') ?? [];
  if (others.length > 0) warnings.add(config, 'auth_methods', `${others.join(', ')} are not carried over`);
}

function assertChecksOn(config: KongRecord): void {
  const off = NEVER_OFF.find((name) => config.flag(name) === false);
  if (off !== undefined)
    throw config.refusal(off, 'false is not carried over: signatures, times and certificates are always checked');
}

/** Reads the `config` of an `openid-connect` plugin. @throws ConfigurationError; every field not carried is a warning. */
export function readOidcPluginConfig(config: KongRecord, warnings: Warnings): OidcPluginConfig {
  const issuer = config.text('issuer');
  if (issuer === undefined) throw config.refusal('issuer', 'required field missing');
  assertMethods(config, warnings);
  assertChecksOn(config);
  warnings.notCarried(
    config,
    config.names.filter((name) => !CARRIED.includes(name) && !NEVER_OFF.includes(name)),
  );
  const required = requiredClaims(config);
  if (config.value('audience_required') === undefined) {
    warnings.add(config, 'audience_required', 'is not set: as in Kong, tokens for any audience are accepted');
  }
  return {
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
    consumerClaims: consumerClaims(config),
    consumerBy: config.textsOf('consumer_by', ['username', 'custom_id', 'id']) ?? ['username', 'custom_id'],
    ignoreCase: config.flag('by_username_ignore_case') ?? false,
    consumerOptional: config.flag('consumer_optional') ?? false,
    groupsClaim: config.texts('authenticated_groups_claim'),
    anonymous: config.text('anonymous'),
    runOnPreflight: config.flag('run_on_preflight') ?? true,
    hideCredentials: config.flag('hide_credentials') ?? false,
    unauthorizedMessage: config.text('unauthorized_error_message') ?? 'Unauthorized',
    forbiddenMessage: config.text('forbidden_error_message') ?? 'Forbidden',
  };
}
