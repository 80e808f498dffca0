import { fromCookie } from '../../../tokens/from-cookie.js';
import type { TokenSource } from '../../../tokens/token-source.js';
import type { KongRecord } from '../kong-record.js';

/** A claim and what it must hold: any of the alternatives, and of one alternative every word. */
export interface RequiredClaim {
  readonly name: PairName;
  readonly path: readonly string[];
  readonly alternatives: readonly (readonly string[])[];
}

/** Mapping of tokens to consumers. */
export interface ConsumerMapping {
  /** Paths of claims, tried in order; empty: tokens are not mapped. */
  readonly claims: readonly (readonly string[])[];
  readonly by: readonly ('username' | 'custom_id' | 'id')[];
  readonly ignoreCase: boolean;
  readonly optional: boolean;
}

/** A claim that must name one of the consumer groups of the configuration. */
interface ConsumerGroups {
  readonly path: readonly string[];
  readonly names: ReadonlySet<string>;
}

/** A cookie whose value must be that of a claim, so that a stolen token alone is of no use. */
export interface SessionCookie {
  readonly cookie: TokenSource;
  readonly claim: string;
}

/** Rules of an `openid-connect` plugin for the claims of a token. */
export interface OidcClaimRules {
  readonly required: readonly RequiredClaim[];
  readonly claimsForbidden: readonly string[];
  /** Values of the claim `hd` that are accepted; `undefined`: any. */
  readonly domains: readonly string[] | undefined;
  /** Seconds since `auth_time` that are accepted; `undefined`: any, and no `auth_time` either. */
  readonly maxAge: number | undefined;
  /** The consumer groups of which a token must name one; `undefined`: none. */
  readonly consumerGroups: ConsumerGroups | undefined;
  /** The cookie that has to come with a bearer token; `undefined`: none. */
  readonly sessionCookie: SessionCookie | undefined;
  readonly consumer: ConsumerMapping;
  readonly groupsClaim: readonly string[] | undefined;
}

const PAIRS = { scopes: 'scope', audience: 'aud', groups: 'groups', roles: 'roles' } as const;
type PairName = keyof typeof PAIRS;
const PAIR_NAMES = Object.keys(PAIRS) as readonly PairName[];

/** Fields that {@link readClaimRules} reads. */
export const CLAIM_RULE_FIELDS: readonly string[] = [
  'claims_forbidden',
  'domains',
  'max_age',
  'consumer_groups_claim',
  'consumer_groups_optional',
  'jwt_session_cookie',
  'jwt_session_claim',
  'consumer_claim',
  'consumer_claims',
  'consumer_by',
  'by_username_ignore_case',
  'consumer_optional',
  'authenticated_groups_claim',
  ...PAIR_NAMES.flatMap((name) => [`${name}_claim`, `${name}_required`]),
];

function requiredClaims(config: KongRecord): RequiredClaim[] {
  return PAIR_NAMES.flatMap((name) => {
    const required = config.texts(`${name}_required`);
    if (required === undefined || required.length === 0) return [];
    const alternatives = required.map((words) => words.split(' ').filter((word) => word !== ''));
    if (alternatives.some((words) => words.length === 0))
      throw config.refusal(`${name}_required`, 'holds an entry of spaces, which every token would fulfil');
    return [{ name, path: config.list(`${name}_claim`) ?? [PAIRS[name]], alternatives }];
  });
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

function sessionCookieOf(config: KongRecord): SessionCookie | undefined {
  const cookie = config.text('jwt_session_cookie');
  return cookie === undefined
    ? undefined
    : { cookie: fromCookie(cookie), claim: config.text('jwt_session_claim') ?? 'sid' };
}

/**
 * Reads what a plugin asks of the claims of a token.
 * @param groupNames the consumer groups of the configuration.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function readClaimRules(config: KongRecord, groupNames: ReadonlySet<string>): OidcClaimRules {
  return {
    required: requiredClaims(config),
    claimsForbidden: config.texts('claims_forbidden') ?? [],
    domains: config.texts('domains'),
    maxAge: config.numberBetween('max_age', 0, Number.MAX_SAFE_INTEGER),
    consumerGroups: consumerGroupsOf(config, groupNames),
    sessionCookie: sessionCookieOf(config),
    consumer: consumerMapping(config),
    groupsClaim: config.list('authenticated_groups_claim'),
  };
}
