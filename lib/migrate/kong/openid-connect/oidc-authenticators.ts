import { InvalidTokenError } from '../../../errors/auth-error.js';
import type { GrantType } from '../../../grants/token-client.js';
import { issuerAuthenticator } from '../../../issuers/issuer-authenticator.js';
import type { IssuerMethod } from '../../../issuers/issuer-method.js';
import type { IssuerRecord } from '../../../issuers/issuer-record.js';
import { basicGrantOver } from '../../../methods/basic-grant/basic-grant.js';
import type { BasicGrantOptions } from '../../../methods/basic-grant/basic-grant-options.js';
import { introspectingAuthenticator } from '../../../methods/oidc-bearer/introspection.js';
import { resolveIntrospection } from '../../../methods/oidc-bearer/introspection-options.js';
import { type Authenticator, type AuthMethod, authenticatorOf } from '../../../pipeline/auth-method.js';
import type { MethodSettings } from '../../../pipeline/method-settings.js';
import type { TokenOptions } from '../../../pipeline/token-options.js';
import { resolveTokenPolicy, type TokenPolicy } from '../../../pipeline/token-policy.js';
import type { ClaimMapping } from '../../../principal/mapped-claims.js';
import { DEFAULT_CLAIMS, INTROSPECTED_CLAIMS } from '../../../principal/token-identity.js';
import type { TokenContent } from '../../../tokens/compact-token.js';
import type { TokenSource } from '../../../tokens/token-source.js';
import { compileLenientMapping } from '../../lenient-claims.js';
import type { OidcGrantConfig } from './oidc-grant-config.js';
import { kongIssuer, providerOptions } from './oidc-issuer.js';
import { bearerSources, type PairPlaces, pairPlaces } from './oidc-places.js';
import type { OidcPluginConfig } from './oidc-plugin-config.js';

/** Longest time in seconds for which an introspection answer is cached. */
const MAX_INTROSPECTION_TTL = 3_600;

/** A header into which the verified token is written is not emptied afterwards. */
function keptWhereWritten(source: TokenSource, { accessTokenHeader }: OidcPluginConfig): TokenSource {
  return source.place === `header ${accessTokenHeader?.header}` ? { ...source, remove: () => undefined } : source;
}

function introspecting(
  method: IssuerMethod,
  config: OidcPluginConfig,
  record: IssuerRecord,
): Authenticator | undefined {
  const { methods, leeway } = config;
  if (methods.introspection === undefined) return undefined;
  const { client, endpoint, jwtsToo, cache } = methods.introspection;
  const asking = {
    client,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(jwtsToo ? { also: 'jwt' as const } : {}),
    ...(cache === false ? { cache } : { ttl: Math.min(cache.maxTtl, MAX_INTROSPECTION_TTL) }),
  };
  const introspection = resolveIntrospection('fromKong', asking, {
    issuer: providerOptions(config),
    documentIssuers: 'any',
    record,
    clockTolerance: leeway,
  });
  const identify = lenientIdentify(INTROSPECTED_CLAIMS);
  const opaque = { identify, rules: { ...method.rules, requiredClaims: [] } };
  return introspectingAuthenticator(method, opaque, introspection);
}

/** Kong looks at none of these claims, so that one of another shape is no reason to refuse a token. */
function lenientIdentify(mapping: ClaimMapping): TokenPolicy['identify'] {
  const mapClaims = compileLenientMapping('fromKong', mapping);
  return (claims) => {
    const mapped = mapClaims(claims);
    return { mapped, roles: mapped.roles ?? [] };
  };
}

/** Kong asks nothing of the kind of a token; one that is bound to a key is refused, because the binding is not checked. */
function assertUnbound({ claims }: TokenContent): void {
  if (claims.cnf !== undefined) throw new InvalidTokenError('claim_invalid');
}

/** Verifies access tokens: JWTs here, and opaque ones at the provider where the plugin introspects. */
export function tokenAuthenticator(config: OidcPluginConfig, settings: MethodSettings): Authenticator {
  const { leeway, hideCredentials } = config;
  const { record, issuers } = kongIssuer(config, settings.listeners);
  const options: TokenOptions = {
    tokenFrom: bearerSources(config).map((source) => keptWhereWritten(source, config)),
    clockTolerance: leeway,
    stripCredential: hideCredentials,
  };
  const policy = { ...resolveTokenPolicy('fromKong', options), identify: lenientIdentify(DEFAULT_CLAIMS) };
  const method: IssuerMethod = { settings, ...policy, issuers, assertKind: assertUnbound };
  return introspecting(method, config, record) ?? issuerAuthenticator(method);
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
  const { discovery, ...provider } = providerOptions(config);
  const place = tokenEndpoint === undefined ? discovery && { discovery } : { tokenEndpoint };
  // The grants of a file are held to its client where it is read.
  const options = {
    name: verify.name,
    ...provider,
    ...place,
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
  } as BasicGrantOptions;
  return authenticatorOf('fromKong', basicGrantOver(options, 'any'), 'expects a single auth method');
}

/** Swaps pairs of an id and a secret for tokens, one authenticator for each kind of place. @param verify checks the token got. */
export function pairAuthenticators(config: OidcPluginConfig, verify: AuthMethod): readonly Authenticator[] {
  const { pairs } = config.methods;
  return pairs === undefined ? [] : pairPlaces(pairs).map((places) => pairAuthenticator(config, pairs, places, verify));
}
