import type {
  ClerkPresetOptions,
  SupabasePresetOptions,
  WorkosPresetOptions,
} from '../../methods/oidc-bearer/presets/supabase-clerk-workos.js';
import { ANN, first, provider } from './product.js';

export const supabase = provider<SupabasePresetOptions>({
  own: { projectRef: 'abcdefgh' },
  elsewhere: { claims: { aud: 'other' } },
  algorithm: 'ES256',
  keyPath: '/auth/v1/.well-known/jwks.json',
  issue: ({ projectRef, url }, times) => ({
    claims: {
      iss: `${url ?? `https://${projectRef}.supabase.co`}/auth/v1`,
      aud: 'authenticated',
      sub: '11111111-aaaa-4bbb-8ccc-222222222222',
      email: ANN.email,
      phone: '',
      app_metadata: { provider: 'email', providers: ['email'], roles: ['editor'] },
      user_metadata: { email_verified: true, full_name: ANN.name, roles: ['admin'] },
      role: 'authenticated',
      aal: 'aal1',
      amr: [{ method: 'password', timestamp: times.iat }],
      session_id: 's-1',
      is_anonymous: false,
      ...times,
    },
  }),
});

export const clerk = provider<ClerkPresetOptions>({
  own: { issuer: 'https://clerk.acme.com', authorizedParties: ['https://app.acme.com'] },
  elsewhere: { claims: { azp: 'https://evil.example.com' } },
  lifetime: 60,
  keyPath: '/.well-known/jwks.json',
  issue: ({ issuer, authorizedParties }, times) => ({
    claims: {
      iss: issuer,
      azp: first(authorizedParties),
      sub: 'user_2abc',
      sid: 'sess_1',
      v: 2,
      sts: 'active',
      fva: [0, -1],
      o: { id: 'org_1', rol: 'admin', slg: 'acme', per: 'read,manage', fpm: '3' },
      nbf: times.iat - 10,
      ...times,
    },
  }),
});

export const workos = provider<WorkosPresetOptions>({
  own: { clientId: 'client_01ABC' },
  elsewhere: { claims: { iss: 'https://api.workos.com/user_management/client_02XYZ' } },
  lifetime: 300,
  keyPath: '/sso/jwks/client_01ABC',
  issue: ({ clientId }, times) => ({
    claims: {
      iss: `https://api.workos.com/user_management/${clientId}`,
      sub: 'user_01HBEQKA6K4QJAS93VPE39W1JT',
      act: undefined,
      org_id: 'org_01',
      role: 'member',
      roles: ['member', 'editor'],
      permissions: ['posts:read'],
      entitlements: ['audit-logs'],
      feature_flags: ['beta'],
      sid: 'session_01',
      jti: '01',
      ...times,
    },
  }),
  program: () => ({
    claims: {
      sub: 'client_01HBEQKA6K4QJAS93VPE39W1JT',
      role: undefined,
      roles: undefined,
      permissions: undefined,
      sid: undefined,
    },
  }),
});
