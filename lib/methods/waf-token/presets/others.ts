import { ConfigurationError } from '../../../errors/configuration-error.js';
import { hostOf, type PresetFacts, required, requiredList } from './preset.js';

/** Own options of the preset {@link pomerium}. */
export interface PomeriumOptions {
  /** Host of the route, which is both issuer and audience. */
  routeHost: string;
}

/** Facts about Pomerium: issuer and audience are the host of the route, without a scheme; tokens live five minutes. */
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

/** Own options of the preset {@link teleport}. */
export interface TeleportOptions {
  /** Name of the cluster, which is the issuer. */
  cluster: string;
  /**
   * Address of the proxy, such as `teleport.example.com:443`.
   * @default the cluster at port 3080
   */
  proxy?: string | undefined;
  /** Internal URI of the application, or several. */
  audience: string | readonly string[];
}

/**
 * Facts about Teleport application access: the issuer is the name of the cluster, and no URL; tokens contain roles and
 * traits.
 */
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

/** Own options of the preset {@link azureEasyAuth}. */
export interface AzureEasyAuthOptions {
  /** Id of the tenant. */
  tenant: string;
  /** Client id of the application, or several. */
  clientId: string | readonly string[];
}

/**
 * Facts about authentication in Azure App Service and Container Apps with Entra and the token store: the ID token is
 * the only signed header. `oid` identifies the person; addresses are not verified there, so they never link accounts.
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

/** Own options of the preset {@link authentik}. */
export interface AuthentikOptions {
  /** Issuer of the provider. */
  issuer: string;
  /** Client id of the provider, or several. */
  clientId: string | readonly string[];
  /**
   * URL of the provider's key set. The one that a header names is never used.
   * @default below the issuer
   */
  jwksUri?: string | undefined;
}

/**
 * Facts about authentik's proxy provider with a signing key. Without one, it signs with a secret that the application
 * cannot know.
 */
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
