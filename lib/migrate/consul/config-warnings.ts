import type { ConsulConfig } from './consul-config.js';
import type { Trust } from './trust.js';

const LEEWAYS = ['ExpirationLeeway', 'NotBeforeLeeway', 'ClockSkewLeeway'] as const;

function discoveryWarnings({ given, boundAudiences }: ConsulConfig): string[] {
  const ignored = ['BoundIssuer', ...LEEWAYS].filter((field) => given.has(field));
  return [
    ...ignored.map((field) => `${field} is ignored beside OIDCDiscoveryURL, as in Consul.`),
    ...(boundAudiences.length > 0
      ? []
      : [
          'BoundAudiences is empty: tokens for any audience of this issuer are accepted, as in Consul; ID tokens are refused, ' +
            'because nothing says for whom they are.',
        ]),
    'OIDCDiscoveryURL: RSA keys below 2048 bits, and tokens that are issued in the future, are refused here, though not in Consul.',
  ];
}

function algorithmWarnings({ unnamedKeys }: Trust, { given, jwksUrl }: ConsulConfig): string[] {
  return [
    ...(given.has('JWTSupportedAlgs')
      ? ['JWTSupportedAlgs is enforced here; Consul enforces it with OIDCDiscoveryURL only.']
      : []),
    ...unnamedKeys.map(
      (key) => `${key} fits no algorithm of JWTSupportedAlgs; its tokens are accepted all the same, as in Consul.`,
    ),
    ...(jwksUrl === '' ? [] : ['JWKSURL: RSA keys below 2048 bits are refused here, though not in Consul.']),
  ];
}

/** Makes the warnings about a `Config`: differences from Consul, and what is as open as there. Each names its field. */
export function configWarnings(trust: Trust, config: ConsulConfig): string[] {
  if (trust.isDiscovered) return discoveryWarnings(config);
  return [
    ...(trust.issuer === undefined
      ? ['BoundIssuer is empty: whatever these keys sign is accepted, whichever issuer it names, as in Consul.']
      : []),
    ...algorithmWarnings(trust, config),
  ];
}
