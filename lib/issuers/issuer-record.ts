import type { JWTPayload } from 'jose';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { OnEvent } from '../events/auth-event.js';
import type { Algorithm } from '../keys/algorithms.js';
import type { KeySource } from '../keys/key-source.js';
import { configuredUrl } from '../keys/remote-url.js';
import { resolveAlgorithms } from '../keys/token-algorithms.js';
import { assertNonEmptyString, assertStrings } from '../options/assertions.js';
import type { TokenProfile } from '../verification/token-kind.js';
import { KEY_OPTION_NAMES, type KeyOptions, resolveKeys } from './key-options.js';

/** What has to be said of one issuer. */
export interface IssuerOptions extends KeyOptions {
  /**
   * The issuer, exactly as its tokens write it; an https URL where its keys are discovered from it. With
   * `{tenantid}` inside it stands for all `tenants` of a multi-tenant provider such as Entra.
   */
  issuer: string;
  /** Tenants that a templated issuer stands for; their `tid` claim must rebuild the token's `iss`. */
  tenants?: readonly string[];
  /** Who tokens must be for; one of several is enough. `null`: not checked, said aloud. */
  audience: string | readonly string[] | null;
  /** `at+jwt`: RFC 9068 to the letter. Default `any`: whatever is not plainly another kind of token. */
  tokenProfile?: TokenProfile;
}

export const ISSUER_OPTION_NAMES = ['issuer', 'tenants', 'audience', 'tokenProfile', ...KEY_OPTION_NAMES] as const;

/** The same, checked and ready to judge tokens. */
export interface IssuerRecord {
  readonly issuers: ReadonlySet<string>;
  readonly audiences: readonly string[] | undefined;
  readonly algorithms: readonly Algorithm[];
  readonly keys: KeySource;
  readonly profile: TokenProfile;
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

function expandIssuers(factory: string, { issuer, tenants }: IssuerOptions): readonly string[] {
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
function documentPlace(factory: string, options: IssuerOptions): Pick<KeyOptions, 'discovery'> {
  const { issuer, discovery, jwksUri, publicKeys, keys, dangerouslyAllowHttp } = options;
  if (discovery !== undefined || jwksUri !== undefined || publicKeys !== undefined || keys !== undefined) return {};
  const common = tenantIssuer(issuer, 'common');
  assertDiscoverable(`${factory}.issuer`, common, dangerouslyAllowHttp);
  if (common === issuer) return {};
  return { discovery: { url: `${common.replace(/\/$/, '')}/.well-known/openid-configuration` } };
}

/** Checks what was said of one issuer. @throws ConfigurationError */
export function resolveIssuer(factory: string, options: IssuerOptions, listeners: readonly OnEvent[]): IssuerRecord {
  const { issuer, audience, tokenProfile = 'any' } = options;
  assertIssuer(`${factory}.issuer`, issuer);
  if (tokenProfile !== 'any' && tokenProfile !== 'at+jwt') {
    throw new ConfigurationError(`${factory}.tokenProfile`, 'expects "any" or "at+jwt"');
  }
  const issuers = expandIssuers(factory, options);
  for (const expanded of issuers) assertIssuer(`${factory}.tenants`, expanded);
  const isTemplate = issuer.includes(PLACEHOLDER);
  return {
    issuers: new Set(issuers),
    audiences: resolveAudience(`${factory}.audience`, audience),
    algorithms: resolveAlgorithms(`${factory}.algorithms`, options.algorithms),
    keys: resolveKeys(factory, issuer, { ...options, ...documentPlace(factory, options) }, listeners),
    profile: tokenProfile,
    isConsistent: ({ iss, tid }) => !isTemplate || (typeof tid === 'string' && iss === tenantIssuer(issuer, tid)),
  };
}
