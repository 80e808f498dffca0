import { hostOf, type PresetFacts } from './preset.js';

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
