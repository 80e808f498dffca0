import type { JWTPayload } from 'jose';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { OnEvent } from '../events/auth-event.js';
import type { KeySource } from '../keys/key-source.js';
import { configuredUrl } from '../keys/remote-url.js';
import { assertNonEmptyString, assertStrings } from '../options/assertions.js';
import type { TokenProfile } from '../verification/token-kind.js';
import { type KeyOptions, resolveKeys } from './key-options.js';

/** What has to be said of one issuer. */
export interface IssuerOptions extends KeyOptions {
  /**
   * The issuer, exactly as its tokens write it. With `{tenantid}` inside it stands for all `tenants` of a
   * multi-tenant provider such as Entra.
   */
  issuer: string;
  /** Tenants that a templated issuer stands for; their `tid` claim must rebuild the token's `iss`. */
  tenants?: readonly string[];
  /** Who tokens must be for; one of several is enough. `null`: not checked, said aloud. */
  audience: string | readonly string[] | null;
  /** `at+jwt`: RFC 9068 to the letter. Default `any`: whatever is not plainly another kind of token. */
  tokenProfile?: TokenProfile;
}

/** The same, checked and ready to judge tokens. */
export interface IssuerRecord {
  readonly issuers: ReadonlySet<string>;
  readonly audiences: readonly string[] | undefined;
  readonly keys: KeySource;
  readonly profile: TokenProfile;
  /** Whether the claims really are those of the tenant that `iss` speaks of. */
  isConsistent(claims: JWTPayload): boolean;
}

const PLACEHOLDER = '{tenantid}';

/** @throws ConfigurationError unless an audience was given, or `null` said aloud. */
export function resolveAudience(option: string, audience: unknown): readonly string[] | undefined {
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

function assertIssuer(option: string, issuer: unknown, allowHttp: boolean | undefined): asserts issuer is string {
  assertNonEmptyString(option, issuer);
  const url = configuredUrl(option, issuer, allowHttp);
  // RFC 8414 section 2 and OpenID Connect Discovery section 3.
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(issuer)) {
    throw new ConfigurationError(option, 'must not have a query or a fragment');
  }
}

function expandIssuers(factory: string, { issuer, tenants }: IssuerOptions): ReadonlySet<string> {
  if (!issuer.includes(PLACEHOLDER)) {
    if (tenants !== undefined)
      throw new ConfigurationError(`${factory}.tenants`, `goes with ${PLACEHOLDER} in the issuer`);
    return new Set([issuer]);
  }
  if (tenants === undefined) {
    throw new ConfigurationError(
      `${factory}.tenants`,
      `is required with ${PLACEHOLDER} in the issuer: whose tokens are welcome?`,
    );
  }
  assertStrings(`${factory}.tenants`, tenants);
  if (tenants.length === 0) throw new ConfigurationError(`${factory}.tenants`, 'names nobody');
  return new Set(tenants.map((tenant) => issuer.replaceAll(PLACEHOLDER, tenant)));
}

/** Entra serves the one document for all tenants, with the template as its issuer, under `common`. */
function documentPlace({ issuer, discovery, jwksUri, publicKeys, keys }: IssuerOptions): Pick<KeyOptions, 'discovery'> {
  if (!issuer.includes(PLACEHOLDER) || discovery !== undefined) return discovery === undefined ? {} : { discovery };
  if (jwksUri !== undefined || publicKeys !== undefined || keys !== undefined) return {};
  const common = issuer.replaceAll(PLACEHOLDER, 'common').replace(/\/$/, '');
  return { discovery: { url: `${common}/.well-known/openid-configuration` } };
}

/** Checks what was said of one issuer. @throws ConfigurationError */
export function resolveIssuer(factory: string, options: IssuerOptions, listeners: readonly OnEvent[]): IssuerRecord {
  const { issuer, audience, tokenProfile = 'any', dangerouslyAllowHttp } = options;
  assertIssuer(`${factory}.issuer`, issuer, dangerouslyAllowHttp);
  if (tokenProfile !== 'any' && tokenProfile !== 'at+jwt') {
    throw new ConfigurationError(`${factory}.tokenProfile`, 'expects "any" or "at+jwt"');
  }
  const isTemplate = issuer.includes(PLACEHOLDER);
  return {
    issuers: expandIssuers(factory, options),
    audiences: resolveAudience(`${factory}.audience`, audience),
    keys: resolveKeys(factory, issuer, { ...options, ...documentPlace(options) }, listeners),
    profile: tokenProfile,
    isConsistent: ({ iss, tid }) =>
      !isTemplate || (typeof tid === 'string' && iss === issuer.replaceAll(PLACEHOLDER, tid)),
  };
}
