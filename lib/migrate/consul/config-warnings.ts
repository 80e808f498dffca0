import type { ConsulConfig } from './consul-config.js';
import type { Trust } from './trust.js';

const LEEWAYS = ['ExpirationLeeway', 'NotBeforeLeeway', 'ClockSkewLeeway'] as const;

function discoveryWarnings({ given, boundAudiences }: ConsulConfig): string[] {
  const ignored = ['BoundIssuer', ...LEEWAYS].filter((field) => given.has(field));
  return [
    ...ignored.map((field) => `${field} is ignored beside OIDCDiscoveryURL, as in Consul.`),
    ...(boundAudiences.length > 0
      ? []
      : ['BoundAudiences is empty: tokens for any audience of this issuer are accepted, as in Consul.']),
  ];
}

/** What an operator should know of a `Config` that loads. */
export function configWarnings({ isDiscovered, issuer }: Trust, config: ConsulConfig): string[] {
  if (isDiscovered) return discoveryWarnings(config);
  return [
    ...(issuer === undefined
      ? ['BoundIssuer is empty: whatever these keys sign is accepted, whichever issuer it names, as in Consul.']
      : []),
    ...(config.given.has('JWTSupportedAlgs')
      ? ['JWTSupportedAlgs is enforced here; Consul enforces it with OIDCDiscoveryURL only.']
      : []),
  ];
}
