import type {
  AuthentikPresetOptions,
  KeycloakPresetOptions,
  ZitadelPresetOptions,
} from '../../methods/oidc-bearer/presets/keycloak-zitadel-authentik.js';
import { ANN, first, provider } from './product.js';

export const keycloak = provider<KeycloakPresetOptions>({
  own: { url: 'https://id.example.com', realm: 'shop', clientId: 'shop-api' },
  elsewhere: { claims: { aud: ['other-api', 'account'] } },
  lifetime: 300,
  keyPath: '/realms/shop/protocol/openid-connect/certs',
  // The realm has a key for encryption as well.
  keySet: (keys) => ({ keys: [...keys, ...keys.map((key) => ({ ...key, kid: 'enc', use: 'enc', alg: 'RSA-OAEP' }))] }),
  issue: ({ url, realm, clientId }, times) => ({
    claims: {
      jti: 'onrtac:4711',
      iss: `${url}/realms/${realm}`,
      aud: [first(clientId), 'account'],
      sub: '5d1c7e1f-0000-4000-8000-000000000000',
      typ: 'Bearer',
      azp: 'shop-spa',
      sid: 'session-1',
      acr: '1',
      realm_access: { roles: ['seller'] },
      resource_access: { [first(clientId)]: { roles: ['orders:write'] }, account: { roles: ['view-profile'] } },
      scope: 'openid profile email',
      email_verified: true,
      name: ANN.name,
      groups: ['/staff/eu'],
      preferred_username: 'ann',
      email: ANN.email,
      ...times,
    },
  }),
  program: () => ({
    claims: {
      jti: 'trrtcc:4711',
      sub: 'b7000000-0000-4000-8000-000000000000',
      azp: 'billing',
      client_id: 'billing',
      sid: undefined,
      name: undefined,
      email: undefined,
      groups: undefined,
      email_verified: false,
      clientHost: '10.0.0.1',
      clientAddress: '10.0.0.1',
      preferred_username: 'service-account-billing',
      scope: 'profile email',
    },
  }),
  idToken: () => ({
    claims: {
      typ: 'ID',
      aud: 'shop-spa',
      at_hash: 'x',
      scope: undefined,
      realm_access: undefined,
      resource_access: undefined,
    },
  }),
});

export const zitadel = provider<ZitadelPresetOptions>({
  own: { issuer: 'https://acme.zitadel.cloud', projectId: '200' },
  elsewhere: { claims: { aud: ['900@p', '901'] } },
  lifetime: 43_200,
  keyPath: '/oauth/v2/keys',
  issue({ issuer, projectId }, times) {
    const roles = { admin: { 222: 'acme.zitadel.cloud' }, editor: { 222: 'acme.zitadel.cloud' } };
    return {
      claims: {
        iss: issuer,
        aud: ['100@p', '101@p', projectId],
        client_id: '100@p',
        sub: '383942323576245195',
        jti: 'V2_4711',
        nbf: times.iat,
        'urn:zitadel:iam:org:project:roles': roles,
        [`urn:zitadel:iam:org:project:${projectId}:roles`]: roles,
        ...times,
      },
    };
  },
  program: ({ projectId }) => ({ claims: { aud: [projectId], client_id: 'billing-bot', sub: '399' } }),
  idToken: ({ projectId }) => ({
    claims: { aud: ['100@p', projectId], azp: '100@p', client_id: undefined, at_hash: 'x', email: ANN.email },
  }),
});

export const authentik = provider<AuthentikPresetOptions>({
  own: { url: 'https://auth.example.com', slug: 'orders', clientId: 'Y2xpZW50' },
  elsewhere: { claims: { aud: 'another' } },
  lifetime: 300,
  keyPath: '/application/o/orders/jwks/',
  issue: ({ url, slug, clientId }, times) => ({
    claims: {
      iss: `${url}/application/o/${slug}/`,
      sub: '5d8c7e1f0a',
      aud: first(clientId),
      azp: first(clientId),
      uid: 'u-1',
      auth_time: times.iat,
      acr: 'goauthentik.io/providers/oauth2/default',
      email: ANN.email,
      email_verified: false,
      name: ANN.name,
      preferred_username: 'ann',
      nickname: 'ann',
      groups: ['engineering'],
      scope: 'openid email profile',
      ...times,
    },
  }),
  program: () => ({
    claims: {
      sub: 'ak-4711',
      preferred_username: 'ak-orders-client_credentials',
      email: undefined,
      auth_time: undefined,
      groups: undefined,
    },
  }),
});
