import { ConfigurationError } from '../../errors/configuration-error.js';
import { resolveDistributedClaims } from '../../issuers/distributed-claims.js';
import { issuerAuthenticator } from '../../issuers/issuer-authenticator.js';
import type { OtherKeys } from '../../issuers/issuer-keys.js';
import type { IssuerMethod } from '../../issuers/issuer-method.js';
import { type PolicyResolver, policyResolver } from '../../issuers/issuer-policy.js';
import { ISSUER_OPTION_NAMES, resolveIssuer, resolveIssuerWith } from '../../issuers/issuer-record.js';
import { type IssuerRecords, ResolvedIssuers, singleIssuer } from '../../issuers/issuer-resolver.js';
import { KEY_PLACES } from '../../issuers/key-options.js';
import { assertFunction, assertNotUndefined, assertSeconds } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import type { Authenticator, AuthMethod } from '../../pipeline/auth-method.js';
import { type MethodSettings, resolveMethodSettings } from '../../pipeline/method-settings.js';
import { asSingleMethod } from '../../pipeline/single-method.js';
import type { TokenOptions } from '../../pipeline/token-options.js';
import { resolveIdentify, resolveTokenPolicy } from '../../pipeline/token-policy.js';
import { DEFAULT_CLAIMS, INTROSPECTED_CLAIMS } from '../../principal/token-identity.js';
import type { TokenReader } from '../../tokens/presented-token.js';
import type { TimeLeeways } from '../../verification/claim-rules.js';
import { assertTokenKind } from '../../verification/token-kind.js';
import { introspectingAuthenticator } from './introspection.js';
import { type Introspection, resolveIntrospection } from './introspection-options.js';
import {
  OIDC_DECISIONS,
  OIDC_OPTION_NAMES,
  type OidcBearerOptions,
  type OidcBearerSettings,
  type OneIssuer,
  type SingleIssuer,
} from './oidc-bearer-options.js';
import { resolveTokenApiKey } from './token-api-key.js';

const CONSUL_LEEWAY = 150;
const MAX_LEEWAY = 86_400;

function resolveLeeways({ expirationLeeway, notBeforeLeeway }: OidcBearerSettings): TimeLeeways | undefined {
  for (const [name, value] of Object.entries({ expirationLeeway, notBeforeLeeway })) {
    if (value !== undefined) assertSeconds(`oidcBearer.${name}`, value, { min: 0, max: MAX_LEEWAY });
  }
  if (expirationLeeway === undefined && notBeforeLeeway === undefined) return undefined;
  return { expiration: expirationLeeway ?? CONSUL_LEEWAY, notBefore: notBeforeLeeway ?? CONSUL_LEEWAY };
}

/** Opens the keys of an issuer that no option describes. */
type OpenKeys = OtherKeys['open'];

/** Removes options for fetching from those of the keys, where they are given for the introspection endpoint only. */
function keyedOptions({ introspection, ...options }: OneIssuer & SingleIssuer): OneIssuer {
  if (introspection === undefined || (options.publicKeys === undefined && options.keys === undefined)) return options;
  const { ca: _ca, dangerouslyAllowHttp: _allowHttp, keyRequest: _keyRequest, ...rest } = options;
  return rest;
}

const ONE_SECRET = 'where one secret signs every token, the method is sharedSecretJwt({ secret, issuer, audience })';

/**
 * Refuses a secret beside keys that nobody spoke of: who brings nothing but a secret does not expect that a discovery
 * document is fetched.
 */
function assertKeysBeside({ issuer, secret, algorithms, ...options }: OneIssuer): void {
  const isSaid = algorithms !== undefined || KEY_PLACES.some((place) => options[place] !== undefined);
  if (secret === undefined || isSaid || !/^https?:/i.test(String([issuer].flat()[0]))) return;
  throw new ConfigurationError(
    'oidcBearer.secret',
    `stands beside the issuer's other keys, so say where those are (jwksUri, discovery: { url }, or the keys themselves); ${ONE_SECRET}`,
  );
}

function resolveOne(options: OneIssuer & SingleIssuer, { listeners }: MethodSettings, open?: OpenKeys): IssuerRecords {
  if (options.issuer === undefined) {
    const hint = 'secret' in options ? `; ${ONE_SECRET}` : '';
    throw new ConfigurationError('oidcBearer.issuer', `is required, or issuers for many tenants${hint}`);
  }
  const keyed = keyedOptions(options);
  if (open !== undefined) return singleIssuer(resolveIssuerWith('oidcBearer', keyed, listeners, { named: true, open }));
  assertKeysBeside(options);
  return singleIssuer(resolveIssuer('oidcBearer', keyed, listeners));
}

function resolveRecords(
  options: OidcBearerOptions,
  settings: MethodSettings,
  policyOf: PolicyResolver,
  open?: OpenKeys,
): IssuerRecords {
  const { issuersTtl = 60 } = options;
  assertSeconds('oidcBearer.issuersTtl', issuersTtl, { min: 0, max: 86_400 });
  if (options.issuers === undefined) {
    if (options.issuersTtl === undefined) return resolveOne(options, settings, open);
    throw new ConfigurationError('oidcBearer.issuersTtl', 'belongs to issuers(); leave it out');
  }
  assertFunction('oidcBearer.issuers', options.issuers);
  const contradicting = ISSUER_OPTION_NAMES.find((name) => options[name] !== undefined);
  if (contradicting !== undefined) {
    throw new ConfigurationError(
      `oidcBearer.${contradicting}`,
      'is what issuers() answers for each tenant; leave one of the two out',
    );
  }
  return new ResolvedIssuers('oidcBearer', { ask: options.issuers, ttl: issuersTtl }, settings.listeners, policyOf);
}

/** Resolved introspection: the provider that opaque tokens are shown to, and the rules for its answers. */
interface OpaqueTokens {
  readonly introspection: Introspection;
  readonly policy: Pick<IssuerMethod, 'identify' | 'rules'>;
}

function resolveOpaque(
  options: OidcBearerOptions,
  mapping: Pick<TokenOptions, 'claims' | 'roleBindings'>,
  { issuers, rules }: IssuerMethod,
): OpaqueTokens | undefined {
  const { introspection, requiredClaims = [], tenants } = options;
  if (introspection === undefined) return undefined;
  const { only: record } = issuers;
  if (record === undefined || options.issuer === undefined || tenants !== undefined) {
    throw new ConfigurationError('oidcBearer.introspection', 'asks one provider; give each issuer its own method');
  }
  const context = { issuer: options, record, clockTolerance: rules.clockTolerance };
  return {
    introspection: resolveIntrospection('oidcBearer', introspection, context),
    policy: {
      identify: resolveIdentify('oidcBearer', mapping, INTROSPECTED_CLAIMS),
      rules: { ...rules, requiredClaims },
    },
  };
}

/** Resolved {@link OidcBearerOptions}. */
export interface OidcBearerConfig {
  readonly method: IssuerMethod;
  readonly opaque: OpaqueTokens | undefined;
}

/**
 * Resolves {@link OidcBearerOptions}.
 * @throws {ConfigurationError} when an option is missing, unknown, wrong or contradicts another.
 */
export function resolveOidcBearer(options: OidcBearerOptions, open?: OpenKeys): OidcBearerConfig {
  checkOptionNames('oidcBearer', options, OIDC_OPTION_NAMES);
  assertNotUndefined('oidcBearer', options, OIDC_DECISIONS);
  const settings = resolveMethodSettings('oidcBearer', options);
  const leeways = resolveLeeways(options);
  const mayLackTimes = leeways !== undefined && options.requiredClaims === undefined;
  const { claims, ...keyed } = resolveTokenApiKey('oidcBearer', options);
  const shared = { ...options, claims, ...(mayLackTimes ? { requiredClaims: [] } : {}) };
  const resolved = resolveTokenPolicy('oidcBearer', shared, DEFAULT_CLAIMS);
  const policy = { ...resolved, rules: { ...resolved.rules, leeways } };
  const policyOf = policyResolver({ ...shared, name: settings.name }, policy, DEFAULT_CLAIMS);
  const method: IssuerMethod = {
    settings,
    ...policy,
    ...keyed,
    issuers: resolveRecords(options, settings, policyOf, open),
    completeClaims: resolveDistributedClaims('oidcBearer.distributedClaims', options.distributedClaims, {
      method: settings.name,
      listeners: settings.listeners,
    }),
    assertKind: assertTokenKind,
  };
  return { method, opaque: resolveOpaque(options, shared, method) };
}

/**
 * Makes the authenticator of `oidcBearer`.
 *
 * @param dialect parses tokens of another form than the standard one.
 */
export function oidcAuthenticator(
  { method: standard, opaque }: OidcBearerConfig,
  dialect?: TokenReader,
): Authenticator {
  const method = { ...standard, dialect };
  return opaque === undefined
    ? issuerAuthenticator(method)
    : introspectingAuthenticator(method, opaque.policy, opaque.introspection);
}

/**
 * Creates an auth method for access tokens of an identity provider, as Conduktor, Kong's `openid-connect` and Consul's
 * `jwt` accept them.
 *
 * Keys come from the issuer's discovery document unless `jwksUri`, `publicKeys` or `keys` is given. Nothing is fetched
 * before the first token or `ready()`, and keys are used for `maxStale` seconds while the provider fails.
 *
 * ```ts
 * app.use(oidcBearer({ issuer: 'https://login.example.com', audience: 'https://api.example.com' }));
 * ```
 *
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or dangerous.
 */
export function oidcBearer(options: OidcBearerOptions): AuthMethod {
  const config = resolveOidcBearer(options);
  return asSingleMethod(config.method.settings, oidcAuthenticator(config));
}
