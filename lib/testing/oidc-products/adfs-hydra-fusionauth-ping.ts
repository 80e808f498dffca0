import type {
  FusionAuthPresetOptions,
  HydraPresetOptions,
  PingPresetOptions,
} from '../../methods/oidc-bearer/presets/adfs-hydra-fusionauth-ping.js';
import { ANN, first, provider } from './product.js';

export const hydra = provider<HydraPresetOptions>({
  own: { issuer: 'https://hydra.example.com/' },
  elsewhere: { claims: { aud: ['https://other.example.com'] } },
  keyPath: '/.well-known/jwks.json',
  issue: ({ issuer, audience = null }, times) => ({
    claims: {
      aud: audience === null ? [] : [first(audience)],
      client_id: 'web',
      ext: { email: ANN.email, name: ANN.name, groups: ['ops'] },
      iss: issuer,
      jti: 'h-1',
      nbf: times.iat,
      scp: ['openid', 'read'],
      sub: ANN.sub,
      ...times,
    },
  }),
  program: () => ({ claims: { sub: 'machine', client_id: 'machine', ext: {}, scp: ['jobs'] } }),
  idToken: () => ({
    claims: { aud: ['web'], client_id: undefined, ext: undefined, scp: undefined, sid: 'session', auth_time: 1 },
  }),
});

export const fusionAuth = provider<FusionAuthPresetOptions>({
  own: {
    url: 'https://acme.fusionauth.io',
    issuer: 'acme.com',
    applicationId: '3c219e58-ed0e-4b18-ad48-f4f92793ae32',
  },
  elsewhere: { claims: { aud: '11111111-ed0e-4b18-ad48-f4f92793ae32' } },
  keyPath: '/.well-known/jwks.json',
  issue: ({ issuer, applicationId }, times) => ({
    claims: {
      aud: first(applicationId),
      iss: issuer,
      sub: '00000000-0000-0001-0000-000000000000',
      jti: 'f-1',
      authenticationType: 'PASSWORD',
      applicationId: first(applicationId),
      email: ANN.email,
      email_verified: true,
      preferred_username: 'ann',
      roles: ['editor'],
      auth_time: times.iat,
      tid: 'd7d09513-a3f5-401c-9685-34ab6c552453',
      tty: 'at',
      scope: 'openid offline_access',
      ...times,
    },
  }),
  program: () => ({
    claims: {
      sub: 'e-4711',
      applicationId: undefined,
      email: undefined,
      email_verified: undefined,
      preferred_username: undefined,
      roles: undefined,
      auth_time: undefined,
      authenticationType: undefined,
      gty: ['client_credentials'],
      permissions: { 'e-0815': ['read'] },
    },
  }),
  idToken: () => ({ claims: { tty: 'it', at_hash: 'x', scope: undefined } }),
});

export const ping = provider<PingPresetOptions>({
  own: { issuer: 'https://auth.pingone.eu/4711/as', audience: 'https://api.acme.com' },
  elsewhere: { claims: { aud: ['https://other.acme.com'] } },
  keyPath: '/4711/as/jwks',
  issue: ({ issuer, audience }, times) => ({
    claims: {
      ...(issuer === null ? {} : { iss: first(issuer) }),
      sub: ANN.sub,
      aud: [first(audience)],
      client_id: 'web',
      env: '4711',
      org: 'acme',
      sid: 'session-1',
      scope: 'openid orders:read',
      jti: 'p-1',
      ...times,
    },
  }),
  program: () => ({ claims: { sub: 'machine', client_id: 'machine', sid: undefined, scope: 'jobs' } }),
  idToken: () => ({ claims: { aud: 'web', client_id: undefined, scope: undefined, at_hash: 'x' } }),
});
