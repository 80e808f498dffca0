import { ConfigurationError } from '../../../errors/configuration-error.js';
import { hostOf, type PresetFacts, required, requiredList } from './preset.js';

/** What differs per customer of {@link pomerium}. */
export interface PomeriumOptions {
  /** Host of the route, which is both issuer and audience. */
  routeHost: string;
}

/** Pomerium: issuer and audience are the route's host, without a scheme; five minutes of life. */
export function pomerium({ routeHost }: PomeriumOptions): PresetFacts {
  const host = hostOf('pomerium.routeHost', routeHost);
  return {
    header: 'x-pomerium-jwt-assertion',
    siblings: ['x-pomerium-claim-*', 'x-pomerium-jwt-assertion-for'],
    issuer: host,
    audience: host,
    algorithms: ['ES256'],
    jwksUri: `https://${host}/.well-known/pomerium/jwks.json`,
  };
}

/** What differs per customer of {@link teleport}. */
export interface TeleportOptions {
  /** Name of the cluster, which is the issuer. */
  cluster: string;
  /**
   * Address of the proxy, such as `teleport.example.com:443`.
   * @default the cluster at port 3080
   */
  proxy?: string | undefined;
  /** The application's internal URI, or several. */
  audience: string | readonly string[];
}

/** Teleport application access: the issuer is the cluster's name and no URL; roles and traits come along. */
export function teleport({ cluster, proxy = `${cluster}:3080`, audience }: TeleportOptions): PresetFacts {
  return {
    header: 'teleport-jwt-assertion',
    siblings: [],
    issuer: required('teleport.cluster', cluster),
    audience: requiredList('teleport.audience', audience),
    algorithms: ['RS256', 'ES256'],
    jwksUri: `https://${hostOf('teleport.proxy', proxy)}/.well-known/jwks.json`,
    claims: { username: 'username', roles: 'roles' },
  };
}

/** What differs per customer of {@link azureEasyAuth}. */
export interface AzureEasyAuthOptions {
  /** The tenant's id. */
  tenant: string;
  /** The application's client id, or several. */
  clientId: string | readonly string[];
}

/**
 * Azure App Service and Container Apps authentication with Entra and the token store on: the ID token is the only
 * signed header. `oid` is the person; addresses are not verified there, so they never link accounts.
 */
export function azureEasyAuth({ tenant, clientId }: AzureEasyAuthOptions): PresetFacts {
  const id = required('azureEasyAuth.tenant', tenant);
  if (!/^[\w-]+$/.test(id) || ['common', 'organizations', 'consumers'].includes(id))
    throw new ConfigurationError('azureEasyAuth.tenant', 'expects the id of one tenant, as it stands in the tokens');
  return {
    header: 'x-ms-token-aad-id-token',
    siblings: [
      'x-ms-client-principal*',
      'x-ms-token-aad-access-token',
      'x-ms-token-aad-expires-on',
      'x-ms-token-aad-refresh-token',
    ],
    issuer: `https://login.microsoftonline.com/${id}/v2.0`,
    audience: requiredList('azureEasyAuth.clientId', clientId),
    algorithms: ['RS256'],
    jwksUri: `https://login.microsoftonline.com/${id}/discovery/v2.0/keys`,
    claims: { subject: 'oid' },
    claimValues: { tid: id },
  };
}

/** What differs per customer of {@link authentik}. */
export interface AuthentikOptions {
  /** The provider's issuer. */
  issuer: string;
  /** The provider's client id, or several. */
  clientId: string | readonly string[];
  /**
   * The provider's key set. The one that a header names is never followed.
   * @default below the issuer
   */
  jwksUri?: string | undefined;
}

/** authentik's proxy provider with a signing key; without one it signs with a secret that the application cannot know. */
export function authentik({ issuer, clientId, jwksUri }: AuthentikOptions): PresetFacts {
  const base = required('authentik.issuer', issuer);
  return {
    header: 'x-authentik-jwt',
    siblings: ['x-authentik-*'],
    issuer: base,
    audience: requiredList('authentik.clientId', clientId),
    algorithms: ['RS256', 'ES256'],
    jwksUri: jwksUri ?? `${base.replace(/\/?$/, '/')}jwks/`,
  };
}
