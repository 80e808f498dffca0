import type { Auth0PresetOptions, OktaPresetOptions } from '../../methods/oidc-bearer/presets/auth0-okta.js';
import { ANN, first, provider } from './product.js';

// Tokens as the providers document them, written independently of the presets, so that each can be tested with the other.

export const auth0 = provider<Auth0PresetOptions>({
  own: { domain: 'acme.eu.auth0.com', audience: 'https://api.acme.com' },
  elsewhere: { claims: { aud: 'https://other.acme.com' } },
  issue: ({ domain, audience }, times) => ({
    claims: {
      iss: `https://${domain}/`,
      sub: 'auth0|507f1f77bcf86cd799439011',
      aud: [first(audience), `https://${domain}/userinfo`],
      azp: 'single-page-application',
      scope: 'openid profile read:orders',
      permissions: ['read:orders', 'write:orders'],
      ...times,
    },
  }),
  program: ({ audience }) => ({
    claims: {
      sub: 'machine@clients',
      aud: first(audience),
      azp: 'machine',
      gty: 'client-credentials',
      scope: 'read:orders',
      permissions: undefined,
    },
  }),
  idToken: () => ({
    claims: {
      aud: 'single-page-application',
      azp: undefined,
      scope: undefined,
      permissions: undefined,
      nickname: 'ann',
      name: ANN.name,
      email: ANN.email,
      email_verified: true,
      sid: 'session-1',
      nonce: 'n-0S6_WzA2Mj',
    },
  }),
});

export const okta = provider<OktaPresetOptions>({
  own: { domain: 'acme.okta.com', audience: 'api://default' },
  elsewhere: { claims: { aud: 'api://other' } },
  issue: ({ domain, authorizationServer = 'default', audience }, times) => ({
    header: { typ: undefined },
    claims: {
      ver: 1,
      jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
      iss: `https://${domain}/oauth2/${authorizationServer}`,
      aud: first(audience),
      sub: 'ann@example.com',
      cid: 'nmdP1fcyvdVO11AL7ECm',
      uid: '00ujmkLgagxeRrAg20g3',
      scp: ['openid', 'orders.read'],
      auth_time: times.iat,
      ...times,
    },
  }),
  program: () => ({ claims: { sub: 'machine', cid: 'machine', uid: undefined, auth_time: undefined, scp: ['jobs'] } }),
  idToken: () => ({
    claims: {
      aud: 'nmdP1fcyvdVO11AL7ECm',
      sub: '00ujmkLgagxeRrAg20g3',
      cid: undefined,
      uid: undefined,
      scp: undefined,
      jti: 'ID.4711',
      amr: ['pwd'],
      idp: '00ok1u7AsAkrwdZL3z0g3',
      at_hash: 'preview_at_hash',
      preferred_username: 'ann@example.com',
    },
  }),
});
