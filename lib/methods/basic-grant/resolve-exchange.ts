import { ConfigurationError } from '../../errors/configuration-error.js';
import { type Attempts, resolveAttempts } from '../../grants/attempt-options.js';
import {
  type PairAuthentication,
  type ProviderClient,
  resolveAuthentication,
  resolveClient,
} from '../../grants/client-authentication.js';
import type { GrantCacheOptions } from '../../grants/grant-cache.js';
import type { ProviderOptions } from '../../grants/provider.js';
import type { GrantType, TokenClientOptions } from '../../grants/token-client.js';
import { assertCa } from '../../issuers/issuer-keys.js';
import { assertDiscoverable } from '../../issuers/issuer-names.js';
import { assertIssuer } from '../../issuers/issuer-texts.js';
import { resolveKeyRequest } from '../../keys/key-request.js';
import { configuredUrl } from '../../keys/remote-url.js';
import { assertBoolean, assertStrings } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import type { ExchangeOptions } from './exchange-options.js';
import { type KeptGrants, resolveGrantCache } from './grant-cache-options.js';

/** Resolved {@link ExchangeOptions}. */
export interface Exchange {
  readonly provider: ProviderOptions;
  readonly tokens: Omit<TokenClientOptions, 'provider'>;
  readonly cache: KeptGrants & Pick<GrantCacheOptions, 'policy'>;
  readonly attempts: Attempts | undefined;
}

const GRANTS: readonly GrantType[] = ['client_credentials', 'password'];

function resolveProvider(options: ExchangeOptions): ProviderOptions {
  const { issuer, discovery, tokenEndpoint, ca, keyRequest, dangerouslyAllowHttp = false } = options;
  resolveKeyRequest('basicGrant.keyRequest', keyRequest);
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
  return { issuer, ...place, ca, keyRequest, allowHttp: dangerouslyAllowHttp, outage: 'exchange_unavailable' };
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

/**
 * Resolves the client authentication method of Basic pairs: the one of this application, where an id and a secret
 * suffice for it.
 */
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

/** Makes the namespace of cached grants. Methods that request equal rights as one client share entries. */
function policyOf({ client, ...options }: ExchangeOptions, { grants, rights }: Exchange['tokens']): string {
  const { issuer, tokenEndpoint, discovery, clientAuthentication } = options;
  const place = [issuer, tokenEndpoint, discovery?.url];
  return JSON.stringify([place, grants, rights, clientAuthentication, client?.id, client?.secret]);
}

/**
 * Resolves {@link ExchangeOptions}.
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or wrong.
 */
export function resolveExchange(options: ExchangeOptions): Exchange {
  const provider = resolveProvider(options);
  const tokens = resolveTokens(options);
  return {
    provider,
    tokens,
    cache: { ...resolveGrantCache('basicGrant.cache', options.cache), policy: policyOf(options, tokens) },
    attempts: resolveAttempts('basicGrant.attemptLimit', options.attemptLimit),
  };
}
