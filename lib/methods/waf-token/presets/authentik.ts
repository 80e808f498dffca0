import { type PresetFacts, required, requiredList } from './preset.js';

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
