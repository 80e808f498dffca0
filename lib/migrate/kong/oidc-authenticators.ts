import type { GrantType } from '../../grants/token-client.js';
import { type IssuerMethod, issuerAuthenticator } from '../../issuers/issuer-authenticator.js';
import { type IssuerOptions, type IssuerRecord, resolveIssuer } from '../../issuers/issuer-record.js';
import { singleIssuer } from '../../issuers/issuer-resolver.js';
import { discoveryKeys } from '../../keys/discovery-keys.js';
import { basicGrant } from '../../methods/basic-grant/basic-grant.js';
import type { BasicGrantOptions } from '../../methods/basic-grant/basic-grant-options.js';
import { introspectingAuthenticator } from '../../methods/oidc-bearer/introspection.js';
import { type ProviderPlace, resolveIntrospection } from '../../methods/oidc-bearer/introspection-options.js';
import type { AuthMethod } from '../../pipeline/auth-method.js';
import { type Authenticator, authenticatorOf } from '../../pipeline/authenticator.js';
import type { MethodSettings } from '../../pipeline/method-settings.js';
import { resolveTokenPolicy, type TokenOptions } from '../../pipeline/token-options.js';
import { DEFAULT_CLAIMS, INTROSPECTED_CLAIMS } from '../../principal/token-identity.js';
import type { TokenSource } from '../../tokens/token-source.js';
import { assertTokenKind } from '../../verification/token-kind.js';
import type { OidcGrantConfig } from './oidc-grant-config.js';
import { bearerSources, type PairPlaces, pairPlaces } from './oidc-places.js';
import type { OidcPluginConfig } from './oidc-plugin-config.js';

/** The longest time for which introspection is believed, in seconds. */
const MAX_INTROSPECTION_TTL = 3_600;

/** A header into which the verified token is written is not emptied afterwards. */
function keptWhereWritten(source: TokenSource, { accessTokenHeader }: OidcPluginConfig): TokenSource {
  return source.place === `header ${accessTokenHeader?.header}` ? { ...source, remove: () => undefined } : source;
}

function issuerOptions({ issuer, jwksEndpoint, issuersAllowed }: OidcPluginConfig): IssuerOptions {
  const keys =
    jwksEndpoint === undefined
      ? { keys: discoveryKeys({ issuer, aliases: issuersAllowed ?? [] }) }
      : { jwksUri: jwksEndpoint };
  return { issuer, audience: null, ...keys };
}

/** Where the provider's endpoints stand, and its own name, where it is reached at another address than its tokens say. */
function providerPlace({ issuer, issuersAllowed }: OidcPluginConfig): ProviderPlace {
  const [named] = issuersAllowed ?? [];
  if (named === undefined || issuersAllowed?.includes(issuer)) return { issuer };
  return { issuer: named, discovery: { url: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration` } };
}

function introspecting(
  method: IssuerMethod,
  { methods, leeway }: OidcPluginConfig,
  { issuer, record, options }: { issuer: ProviderPlace; record: IssuerRecord; options: TokenOptions },
): Authenticator | undefined {
  if (methods.introspection === undefined) return undefined;
  const { client, endpoint, jwtsToo, cache } = methods.introspection;
  const asking = {
    client,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(jwtsToo ? { also: 'jwt' as const } : {}),
    ...(cache === false ? { cache } : { ttl: Math.min(cache.maxTtl, MAX_INTROSPECTION_TTL) }),
  };
  const introspection = resolveIntrospection('fromKong', asking, { issuer, record, clockTolerance: leeway });
  const { identify } = resolveTokenPolicy('fromKong', options, INTROSPECTED_CLAIMS);
  const opaque = { identify, rules: { ...method.rules, requiredClaims: [] } };
  return introspectingAuthenticator(method, opaque, introspection);
}

/** Verifies access tokens: JWTs here, and opaque ones at the provider where the plugin introspects. */
export function tokenAuthenticator(config: OidcPluginConfig, settings: MethodSettings): Authenticator {
  const { issuersAllowed, leeway, hideCredentials } = config;
  const issuer = issuerOptions(config);
  const resolved = resolveIssuer('fromKong', issuer, settings.listeners);
  const record = { ...resolved, issuers: new Set(issuersAllowed ?? resolved.issuers) };
  const options: TokenOptions = {
    tokenFrom: bearerSources(config).map((source) => keptWhereWritten(source, config)),
    clockTolerance: leeway,
    stripCredential: hideCredentials,
  };
  const method: IssuerMethod = {
    settings,
    ...resolveTokenPolicy('fromKong', options, DEFAULT_CLAIMS),
    issuers: singleIssuer(record),
    assertKind: ({ header, claims }, { profile }) => assertTokenKind(header, claims, profile),
  };
  return (
    introspecting(method, config, { issuer: providerPlace(config), record, options }) ?? issuerAuthenticator(method)
  );
}

/** Callers prove who they are at the provider in the way in which Kong does, where a secret is enough for that. */
function callersAuthentication({ authentication }: OidcGrantConfig): Pick<BasicGrantOptions, 'clientAuthentication'> {
  switch (authentication) {
    case 'client_secret_basic':
    case 'client_secret_post':
    case 'client_secret_jwt':
      return { clientAuthentication: authentication };
    default:
      return {};
  }
}

function pairAuthenticator(
  config: OidcPluginConfig,
  pairs: OidcGrantConfig,
  { sources, grants }: PairPlaces,
  verify: AuthMethod,
): Authenticator {
  const { client, tokenEndpoint, scopes, audience, cache } = pairs;
  const asksAsItself = (grant: GrantType) => grant === 'password';
  const method = basicGrant({
    name: verify.name,
    ...(tokenEndpoint === undefined ? providerPlace(config) : { issuer: config.issuer, tokenEndpoint }),
    verify,
    grants,
    scopes,
    audience,
    cache,
    ...callersAuthentication(pairs),
    ...(client !== undefined && grants.some(asksAsItself) ? { client } : {}),
    tokenFrom: sources.map((source) => keptWhereWritten(source, config)),
    stripCredential: config.hideCredentials,
    // As in Kong, which leaves that to its operator.
    dangerouslyAllowPlainHttp: true,
  });
  // Every method that a factory of this package returns has one.
  return authenticatorOf(method) as Authenticator;
}

/** Swaps pairs of an id and a secret for tokens, one authenticator for each kind of place. @param verify checks the token got. */
export function pairAuthenticators(config: OidcPluginConfig, verify: AuthMethod): readonly Authenticator[] {
  const { pairs } = config.methods;
  return pairs === undefined ? [] : pairPlaces(pairs).map((places) => pairAuthenticator(config, pairs, places, verify));
}
