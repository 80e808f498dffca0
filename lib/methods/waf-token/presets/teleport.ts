import { hostOf, type PresetFacts, required, requiredList } from './preset.js';

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
