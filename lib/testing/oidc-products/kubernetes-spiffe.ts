import type {
  KubernetesPresetOptions,
  SpiffePresetOptions,
} from '../../methods/oidc-bearer/presets/kubernetes-spiffe.js';
import { first, provider } from './product.js';

export const kubernetes = provider<KubernetesPresetOptions>({
  own: { audience: 'https://api.acme.com', serviceAccounts: ['default/web'] },
  elsewhere: { claims: { aud: ['https://vault.acme.com'] } },
  program: 'only',
  keyPath: '/openid/v1/jwks',
  issue: ({ audience, serviceAccounts, issuer = 'https://kubernetes.default.svc.cluster.local' }, times) => {
    const [namespace = 'default', name = 'web'] = first(serviceAccounts).split('/');
    return {
      claims: {
        aud: [first(audience)],
        iss: first(issuer),
        sub: `system:serviceaccount:${namespace}:${name}`,
        jti: 'k-1',
        'kubernetes.io': {
          namespace,
          node: { name: 'node-1', uid: 'n' },
          pod: { name: `${name}-5d8c`, uid: 'p' },
          serviceaccount: { name, uid: 's' },
        },
        nbf: times.iat,
        ...times,
      },
    };
  },
});

export const spiffe = provider<SpiffePresetOptions>({
  own: { trustDomain: 'example.org', audience: 'api', ids: ['/web'], issuer: 'https://oidc.spire.example' },
  elsewhere: { claims: { aud: ['other'] } },
  algorithm: 'ES256',
  lifetime: 300,
  program: 'only',
  issue: ({ trustDomain, audience, issuer }, times) => ({
    claims: {
      ...(issuer === undefined ? {} : { iss: issuer }),
      aud: [first(audience)],
      sub: `spiffe://${trustDomain}/web`,
      ...times,
    },
  }),
});
