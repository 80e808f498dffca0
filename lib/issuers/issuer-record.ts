import type { JWTPayload } from 'jose';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { OnEvent } from '../events/auth-event.js';
import type { Algorithm } from '../keys/algorithms.js';
import type { KeySource } from '../keys/key-source.js';
import { configuredUrl } from '../keys/remote-url.js';
import { assertNonEmptyString, assertStrings } from '../options/assertions.js';
import { namesOf } from '../options/option-names.js';
import type { AcceptedTokens, TokenProfile } from '../verification/token-kind.js';
import { type OtherKeys, openIssuerKeys, resolveKeys } from './issuer-keys.js';
import { type FetchedKeyOptions, KEY_OPTION_NAMES, KEY_PLACES, type KeyOptions, type KeyRules } from './key-options.js';

/** Options that name an issuer and say which of its tokens are accepted. */
export interface IssuerRules {
  /**
   * Issuer, exactly as its tokens write it; an https URL if its keys are discovered from it. With `{tenantid}` in it,
   * it stands for all `tenants` of a multi-tenant provider such as Entra.
   */
  issuer: string;
  /**
   * Tenants that replace `{tenantid}` in the issuer. The claim `tid` of a token must name the tenant in its `iss`.
   * @default none; required with `{tenantid}` in the issuer
   */
  tenants?: readonly string[] | undefined;
  /** Accepted audience, or several, one of which a token must name. `null`: the audience is not checked. */
  audience: string | readonly string[] | null;
  /**
   * Profile of access tokens. `at+jwt`: exactly as RFC 9068 defines them. `any`: every token that is not plainly of
   * another kind.
   * @default 'any'
   */
  tokenProfile?: TokenProfile | undefined;
  /**
   * Kinds of tokens that clients may present. `id-token`: for providers that issue no access tokens for an API;
   * `audience` is then the client id of the application, and plain access tokens are refused. `any`: both kinds.
   * @default 'access-token'
   */
  accepts?: AcceptedTokens | undefined;
}

/** Options of one issuer: its name, which of its tokens are accepted, and where its keys come from. */
export type IssuerOptions = IssuerRules & KeyOptions;

/** Names of {@link IssuerOptions}. */
export const ISSUER_OPTION_NAMES = namesOf<IssuerOptions>()(
  { issuer: true, tenants: true, audience: true, tokenProfile: true, accepts: true },
  KEY_OPTION_NAMES,
);

/** Names of options that may be left out but not set to `undefined`, because they decide which tokens are accepted. */
export const ISSUER_DECISIONS = ['issuer', 'tenants', 'audience', 'secret', ...KEY_PLACES] as const;

/** Resolved {@link IssuerOptions}: everything by which an issuer's tokens are verified. */
export interface IssuerRecord {
  readonly issuers: ReadonlySet<string>;
  readonly audiences: readonly string[] | undefined;
  readonly algorithms: readonly Algorithm[];
  readonly keys: KeySource;
  readonly profile: TokenProfile;
  /** Whether the issuers are tenants, each run by another party, and not several names of one issuer. */
  readonly hasTenants: boolean;
  readonly accepts: AcceptedTokens;
  /** Whether the claims are of the tenant that `iss` names. */
  isConsistent(claims: JWTPayload): boolean;
}

const PLACEHOLDER = '{tenantid}';

/**
 * Resolves the option `audience`; `undefined` for `null`, which turns the check off.
 * @throws {ConfigurationError} when the audience is missing or wrong.
 */
function resolveAudience(option: string, audience: unknown): readonly string[] | undefined {
  if (audience === null) return undefined;
  if (audience === undefined) {
    throw new ConfigurationError(
      option,
      'is required: a string, an array of strings, or null to say that it is not checked',
    );
  }
  if (typeof audience === 'string') assertNonEmptyString(option, audience);
  const audiences: unknown = typeof audience === 'string' ? [audience] : audience;
  assertStrings(option, audiences);
  if (audiences.length === 0) throw new ConfigurationError(option, 'names nobody, so no token could ever be for us');
  return [...audiences];
}

/**
 * Checks an issuer. It may be any text (RFC 7519 section 4.1.1); a URL has no query and no fragment (RFC 8414 section
 * 2).
 * @throws {ConfigurationError} when it is wrong.
 */
export function assertIssuer(option: string, issuer: unknown): asserts issuer is string {
  assertNonEmptyString(option, issuer);
  if (issuer !== issuer.trim())
    throw new ConfigurationError(option, 'begins or ends with a space, which no token does');
  if (/^https?:/i.test(issuer) && /[?#]/.test(issuer)) {
    throw new ConfigurationError(option, 'must not have a query or a fragment');
  }
}

/**
 * Checks that keys can be discovered from an issuer: it must be a URL, and not that of its document.
 * @throws {ConfigurationError} when it is not.
 */
export function assertDiscoverable(option: string, issuer: string, allowHttp: boolean | undefined): void {
  const { pathname } = configuredUrl(option, issuer, allowHttp);
  if (/\/\.well-known\/(openid-configuration|oauth-authorization-server)\b/.test(pathname)) {
    throw new ConfigurationError(option, 'is the address of its document; give the issuer that stands in there');
  }
}

function tenantIssuer(template: string, tenant: string): string {
  return template.replaceAll(PLACEHOLDER, () => tenant);
}

function expandIssuers(factory: string, { issuer, tenants }: IssuerRules): readonly string[] {
  const option = `${factory}.tenants`;
  if (!issuer.includes(PLACEHOLDER)) {
    if (tenants !== undefined) throw new ConfigurationError(option, `goes with ${PLACEHOLDER} in the issuer`);
    return [issuer];
  }
  if (tenants === undefined) {
    throw new ConfigurationError(option, `is required with ${PLACEHOLDER} in the issuer: whose tokens are welcome?`);
  }
  assertStrings(option, tenants);
  if (tenants.length === 0) throw new ConfigurationError(option, 'names nobody');
  return tenants.map((tenant) => tenantIssuer(issuer, tenant));
}

/**
 * Returns the URL of the discovery document for a template. Entra serves one document for all tenants, under `common`,
 * with the template as its issuer.
 */
function documentUrl(factory: string, { issuer, dangerouslyAllowHttp }: IssuerSettings): string | undefined {
  const common = tenantIssuer(issuer, 'common');
  assertDiscoverable(`${factory}.issuer`, common, dangerouslyAllowHttp);
  return common === issuer ? undefined : `${common.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

/**
 * Resolves `tokenProfile` and `accepts`. ID tokens need an audience, because those of every application would pass
 * without.
 */
function resolveKinds(factory: string, { tokenProfile = 'any', accepts = 'access-token', audience }: IssuerRules) {
  if (tokenProfile !== 'any' && tokenProfile !== 'at+jwt')
    throw new ConfigurationError(`${factory}.tokenProfile`, 'expects "any" or "at+jwt"');
  if (accepts !== 'access-token' && accepts !== 'id-token' && accepts !== 'any')
    throw new ConfigurationError(`${factory}.accepts`, 'expects "access-token", "id-token" or "any"');
  if (accepts !== 'access-token' && tokenProfile === 'at+jwt')
    throw new ConfigurationError(`${factory}.accepts`, 'contradicts tokenProfile: "at+jwt"; leave one of the two out');
  if (accepts !== 'access-token' && audience === null) {
    const reason = `expects the client id of your application with accepts: "${accepts}", and not null: every application’s ID tokens would pass`;
    throw new ConfigurationError(`${factory}.audience`, reason);
  }
  return { profile: tokenProfile, accepts };
}

/** Options of one issuer that do not depend on where its keys come from. */
export type IssuerSettings = IssuerRules & KeyRules & FetchedKeyOptions;

/**
 * Resolves {@link IssuerOptions}, and opens the key source.
 * @throws {ConfigurationError} when an option is missing, wrong or contradicts another.
 */
export function resolveIssuer(factory: string, options: IssuerOptions, listeners: readonly OnEvent[]): IssuerRecord {
  const named = KEY_PLACES.some((name) => options[name] !== undefined);
  return resolveIssuerWith(factory, options, listeners, { named, open: (context) => resolveKeys(options, context) });
}

/**
 * Resolves the options of one issuer whose key source the caller opens.
 * @throws {ConfigurationError} when an option is missing, wrong or contradicts another.
 */
export function resolveIssuerWith(
  factory: string,
  options: IssuerSettings,
  listeners: readonly OnEvent[],
  others: OtherKeys,
): IssuerRecord {
  const { issuer, audience } = options;
  assertIssuer(`${factory}.issuer`, issuer);
  const issuers = expandIssuers(factory, options);
  for (const expanded of issuers) assertIssuer(`${factory}.tenants`, expanded);
  const isTemplate = issuer.includes(PLACEHOLDER);
  const context = { factory, issuer, documentUrl: () => documentUrl(factory, options), listeners };
  return {
    issuers: new Set(issuers),
    audiences: resolveAudience(`${factory}.audience`, audience),
    ...openIssuerKeys(options, context, others),
    hasTenants: isTemplate,
    ...resolveKinds(factory, options),
    isConsistent: ({ iss, tid }) => !isTemplate || (typeof tid === 'string' && iss === tenantIssuer(issuer, tid)),
  };
}
