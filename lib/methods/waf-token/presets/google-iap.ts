import { type PresetFacts, requiredList } from './preset.js';

/** What differs per customer of {@link googleIap}. */
export interface GoogleIapOptions {
  /** `/projects/NUMBER/global/backendServices/ID`, `/projects/NUMBER/apps/ID`, or several. */
  audience: string | readonly string[];
}

/** Google Identity-Aware Proxy: ES256, ten minutes of life, half a minute of skew. */
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
