import { type PresetFacts, requiredList } from './preset.js';

/** Own options of the preset {@link googleIap}. */
export interface GoogleIapOptions {
  /**
   * Audience of the application, or several: `/projects/NUMBER/global/backendServices/ID` or
   * `/projects/NUMBER/apps/ID`.
   */
  audience: string | readonly string[];
}

/** Facts about Google Identity-Aware Proxy: ES256, tokens that live ten minutes, thirty seconds of clock tolerance. */
export function googleIap({ audience }: GoogleIapOptions): PresetFacts {
  return {
    header: 'x-goog-iap-jwt-assertion',
    siblings: ['x-goog-authenticated-user-email', 'x-goog-authenticated-user-id'],
    issuer: 'https://cloud.google.com/iap',
    audience: requiredList('googleIap.audience', audience),
    algorithms: ['ES256'],
    jwksUri: 'https://www.gstatic.com/iap/verify/public_key-jwk',
    clockTolerance: 30,
    maxLifetime: 600,
    requiredClaims: ['exp', 'iat', 'sub'],
  };
}
