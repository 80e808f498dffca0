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

/** Which issuer is meant, and whom its tokens must be for. */
export interface IssuerRules {
  /**
   * The issuer, exactly as its tokens write it; an https URL where its keys are discovered from it. With
   * `{tenantid}` inside it stands for all `tenants` of a multi-tenant provider such as Entra.
   */
  issuer: string;
  /**
   * Tenants that a templated issuer stands for; their `tid` claim must rebuild the token's `iss`.
   * @default none; required with `{tenantid}` in the issuer
   */
  tenants?: readonly string[] | undefined;
  /** Who tokens must be for; one of several is enough. `null`: not checked, said aloud. */
  audience: string | readonly string[] | null;
  /**
   * `at+jwt`: RFC 9068 to the letter. `any`: whatever is not plainly another kind of token.
   * @default 'any'
   */
  tokenProfile?: TokenProfile | undefined;
  /**
   * Which tokens callers may present. `id-token`: for providers that give an API nothing else; the audience is then the
   * client id of an application, and what is plainly an access token is refused. `any`: both.
   * @default 'access-token'
   */
  accepts?: AcceptedTokens | undefined;
}

/** What has to be said of one issuer. */
export type IssuerOptions = IssuerRules & KeyOptions;

export const ISSUER_OPTION_NAMES = namesOf<IssuerOptions>()(
  { issuer: true, tenants: true, audience: true, tokenProfile: true, accepts: true },
  KEY_OPTION_NAMES,
);

/** Options that may be left out, and never be `undefined`: by them it is decided whose tokens are taken. */
export const ISSUER_DECISIONS = ['issuer', 'tenants', 'audience', 'secret', ...KEY_PLACES] as const;

/** Resolved {@link IssuerOptions}: everything by which an issuer's tokens are verified. */
export interface IssuerRecord {
  readonly issuers: ReadonlySet<string>;
  readonly audiences: readonly string[] | undefined;
  readonly algorithms: readonly Algorithm[];
  readonly keys: KeySource;
  readonly profile: TokenProfile;
  /** Whether its issuers are tenants, each run by somebody else, and not names of one issuer. */
  readonly hasTenants: boolean;
  readonly accepts: AcceptedTokens;
  /** Whether the claims really are those of the tenant that `iss` speaks of. */
  isConsistent(claims: JWTPayload): boolean;
}

const PLACEHOLDER = '{tenantid}';

/** @throws ConfigurationError unless an audience was given, or `null` said aloud. */
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

/** An issuer may be any text (RFC 7519 section 4.1.1); a URL has no query and no fragment (RFC 8414 section 2). */
export function assertIssuer(option: string, issuer: unknown): asserts issuer is string {
  assertNonEmptyString(option, issuer);
  if (issuer !== issuer.trim())
    throw new ConfigurationError(option, 'begins or ends with a space, which no token does');
  if (/^https?:/i.test(issuer) && /[?#]/.test(issuer)) {
    throw new ConfigurationError(option, 'must not have a query or a fragment');
  }
}

/** An issuer that says where its keys are is an address. */
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

/** Entra serves the one document for all tenants, with the template as its issuer, under `common`. */
function documentUrl(factory: string, { issuer, dangerouslyAllowHttp }: IssuerSettings): string | undefined {
  const common = tenantIssuer(issuer, 'common');
  assertDiscoverable(`${factory}.issuer`, common, dangerouslyAllowHttp);
  return common === issuer ? undefined : `${common.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

/** Checks which kinds of tokens are welcome. ID tokens of every application would pass where no audience is checked. */
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

/** What is said of one issuer wherever its keys come from. */
export type IssuerSettings = IssuerRules & KeyRules & FetchedKeyOptions;

/** Checks what was said of one issuer, and opens its source of keys. @throws ConfigurationError */
export function resolveIssuer(factory: string, options: IssuerOptions, listeners: readonly OnEvent[]): IssuerRecord {
  const named = KEY_PLACES.some((name) => options[name] !== undefined);
  return resolveIssuerWith(factory, options, listeners, { named, open: (context) => resolveKeys(options, context) });
}

/** Checks what was said of one issuer whose keys the method opens itself. @throws ConfigurationError */
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
