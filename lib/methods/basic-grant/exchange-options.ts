import { ConfigurationError } from '../../errors/configuration-error.js';
import {
  type ClientAuthentication,
  type ClientOptions,
  type PairAuthentication,
  type ProviderClient,
  resolveAuthentication,
  resolveClient,
} from '../../grants/client-authentication.js';
import type { GrantCacheOptions } from '../../grants/grant-cache.js';
import type { ProviderOptions } from '../../grants/provider.js';
import type { SharedCache } from '../../grants/shared-cache.js';
import type { GrantType, TokenClientOptions } from '../../grants/token-client.js';
import { assertDiscoverable, assertIssuer } from '../../issuers/issuer-record.js';
import { assertCa } from '../../issuers/key-options.js';
import { configuredUrl } from '../../keys/remote-url.js';
import { assertBoolean, assertStrings } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { type GrantCacheSettings, type KeptGrants, resolveGrantCache } from './grant-cache-options.js';

/** Which provider is asked, for whom and for what, and how its answers are kept. */
export interface ExchangeOptions {
  /** The identity provider, exactly as its discovery document writes it. */
  issuer: string;
  /**
   * What is tried, in this order: `client_credentials` takes the pair for a client's id and secret (RFC 6749 section
   * 4.4), `password` for a person's name and password (section 4.3). Default `['client_credentials']`, and
   * `'password'` after it where `client` is given.
   */
  grants?: readonly GrantType[];
  /** This application as a client of the provider, which `password` asks by. */
  client?: ClientOptions;
  /**
   * How clients prove to the provider who they are: callers by their id and secret (`basic`, `post`,
   * `client_secret_jwt`), and this application, unless `client.authentication` says otherwise, which has the other ways
   * too. Default `basic`, or `post` where the provider takes that only.
   */
  clientAuthentication?: ClientAuthentication;
  /** Scopes to ask for. Default: what the provider gives by itself. */
  scopes?: string | readonly string[];
  /** Sent as `audience`, as Auth0 and Kong have it. Whom tokens must be for is said in `verify`. */
  audience?: string | readonly string[];
  /** Sent as `resource` (RFC 8707). */
  resource?: string | readonly string[];
  /**
   * Tokens are kept until shortly before they end, under a keyed digest of the credentials. `false`: every request
   * asks the provider, those that come together ask once. `redisCache()` shares them. Default true.
   */
  cache?: boolean | SharedCache | GrantCacheSettings;
  /** Secrets that may fail per credential id and peer, 429 beyond that. Default 30 a minute; `false`: no limit. */
  attemptLimit?: false | { perMinute: number };
  /** The discovery document, where it does not stand where the issuer says. */
  discovery?: { url: string } | undefined;
  /** The token endpoint, where it is not to be discovered. */
  tokenEndpoint?: string;
  /** PEM certificates that replace the system's roots, for the provider's addresses. */
  ca?: string | undefined;
  /** Asks the provider over plain http, on other hosts than this machine too. Default false. */
  dangerouslyAllowHttp?: boolean | undefined;
}

export const EXCHANGE_OPTION_NAMES = [
  'issuer',
  'grants',
  'client',
  'clientAuthentication',
  'scopes',
  'audience',
  'resource',
  'cache',
  'attemptLimit',
  'discovery',
  'tokenEndpoint',
  'ca',
  'dangerouslyAllowHttp',
] as const;

/** What is asked of whom, and what is kept of the answers. */
export interface Exchange {
  readonly provider: ProviderOptions;
  readonly tokens: Omit<TokenClientOptions, 'provider'>;
  readonly cache: KeptGrants & Pick<GrantCacheOptions, 'policy'>;
  /** Per minute; `undefined`: no limit. */
  readonly attempts: number | undefined;
}

const ATTEMPTS_PER_MINUTE = 30;
const GRANTS: readonly GrantType[] = ['client_credentials', 'password'];

function resolveProvider(options: ExchangeOptions): ProviderOptions {
  const { issuer, discovery, tokenEndpoint, ca, dangerouslyAllowHttp = false } = options;
  assertIssuer('basicGrant.issuer', issuer);
  assertBoolean('basicGrant.dangerouslyAllowHttp', dangerouslyAllowHttp);
  if (ca !== undefined) assertCa('basicGrant.ca', ca);
  if (discovery !== undefined) {
    checkOptionNames('basicGrant.discovery', discovery, ['url']);
    configuredUrl('basicGrant.discovery.url', discovery.url, dangerouslyAllowHttp);
  }
  const url =
    tokenEndpoint === undefined
      ? undefined
      : configuredUrl('basicGrant.tokenEndpoint', tokenEndpoint, dangerouslyAllowHttp);
  if (url !== undefined && discovery !== undefined)
    throw new ConfigurationError('basicGrant.discovery', 'contradicts tokenEndpoint; leave one of the two out');
  if (url === undefined && discovery === undefined)
    assertDiscoverable('basicGrant.issuer', issuer, dangerouslyAllowHttp);
  const place = { endpoint: 'token', url, discoveryUrl: discovery?.url } as const;
  return { issuer, ...place, ca, allowHttp: dangerouslyAllowHttp, outage: 'exchange_unavailable' };
}

function resolveGrants({ client, grants }: ExchangeOptions): readonly GrantType[] {
  if (grants === undefined) return client === undefined ? ['client_credentials'] : GRANTS;
  const isSound = Array.isArray(grants) && grants.length > 0 && grants.every((grant) => GRANTS.includes(grant));
  if (!isSound || new Set(grants).size !== grants.length)
    throw new ConfigurationError('basicGrant.grants', `expects an array of ${GRANTS.join(' and ')}, each once`);
  if (grants.includes('password') && client === undefined)
    throw new ConfigurationError(
      'basicGrant.client',
      'is required with the grant password: who are we to the provider?',
    );
  return [...grants];
}

/** How callers are put to the provider: as this application is, where an id and a secret are enough for that. */
function resolvePairAuthentication({ client, clientAuthentication }: ExchangeOptions): PairAuthentication | undefined {
  const authentication = resolveAuthentication('basicGrant.clientAuthentication', clientAuthentication);
  switch (authentication) {
    case undefined:
    case 'basic':
    case 'post':
    case 'client_secret_jwt':
      return authentication;
    default:
      if (client !== undefined && client.authentication === undefined) return undefined;
      throw new ConfigurationError(
        'basicGrant.clientAuthentication',
        'speaks of callers here, who have an id and a secret: basic, post or client_secret_jwt',
      );
  }
}

function resolveOwnClient({ client, clientAuthentication }: ExchangeOptions): ProviderClient | undefined {
  const common = resolveAuthentication('basicGrant.clientAuthentication', clientAuthentication);
  return client === undefined ? undefined : resolveClient('basicGrant.client', client, common);
}

function resolveTexts(name: string, value: string | readonly string[] = []): readonly string[] {
  const texts: unknown = typeof value === 'string' ? [value] : value;
  assertStrings(`basicGrant.${name}`, texts);
  return [...texts];
}

function resolveTokens(options: ExchangeOptions): Exchange['tokens'] {
  const { scopes, audience, resource } = options;
  return {
    grants: resolveGrants(options),
    client: resolveOwnClient(options),
    pairAuthentication: resolvePairAuthentication(options),
    rights: {
      scopes: resolveTexts('scopes', scopes),
      audiences: resolveTexts('audience', audience),
      resources: resolveTexts('resource', resource),
    },
  };
}

/** Two methods share entries where they would ask the same: whoever asks for more, or as another client, gets its own. */
function policyOf({ client, ...options }: ExchangeOptions, { grants, rights }: Exchange['tokens']): string {
  const { issuer, tokenEndpoint, discovery, clientAuthentication } = options;
  const place = [issuer, tokenEndpoint, discovery?.url];
  return JSON.stringify([place, grants, rights, clientAuthentication, client?.id, client?.secret]);
}

function resolveAttempts({ attemptLimit = { perMinute: ATTEMPTS_PER_MINUTE } }: ExchangeOptions): number | undefined {
  if (attemptLimit === false) return undefined;
  checkOptionNames('basicGrant.attemptLimit', attemptLimit, ['perMinute']);
  const { perMinute } = attemptLimit;
  if (typeof perMinute !== 'number' || !Number.isFinite(perMinute) || perMinute <= 0)
    throw new ConfigurationError(
      'basicGrant.attemptLimit.perMinute',
      'expects a number above 0, or attemptLimit: false',
    );
  return perMinute;
}

/** Checks what is said of the provider and of what is kept. @throws ConfigurationError */
export function resolveExchange(options: ExchangeOptions): Exchange {
  const provider = resolveProvider(options);
  const tokens = resolveTokens(options);
  return {
    provider,
    tokens,
    cache: { ...resolveGrantCache('basicGrant.cache', options.cache), policy: policyOf(options, tokens) },
    attempts: resolveAttempts(options),
  };
}
