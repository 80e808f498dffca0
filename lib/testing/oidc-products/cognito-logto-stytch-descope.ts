import type {
  CognitoPresetOptions,
  DescopePresetOptions,
  LogtoPresetOptions,
  StytchPresetOptions,
} from '../../methods/oidc-bearer/presets/cognito-logto-stytch-descope.js';
import { ANN, first, provider } from './product.js';

export const cognito = provider<CognitoPresetOptions>({
  own: { region: 'eu-west-1', userPoolId: 'eu-west-1_Ab12', clientId: '5bsjlins3936h9gvpi0c24ah5b' },
  elsewhere: { claims: { client_id: 'another-client' } },
  issue: ({ region, userPoolId, clientId }, times) => ({
    claims: {
      iss: `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`,
      sub: 'f02e777c-0000-4000-8000-000000000000',
      client_id: first(clientId),
      origin_jti: 'origin',
      event_id: 'event',
      token_use: 'access',
      scope: 'openid https://api.acme.com/orders.read',
      auth_time: times.iat,
      jti: 'a-1',
      username: 'ann',
      'cognito:groups': ['admins'],
      ...times,
    },
  }),
  program: ({ clientId }) => ({
    claims: {
      sub: first(clientId),
      username: undefined,
      'cognito:groups': undefined,
      auth_time: undefined,
      scope: 'https://api.acme.com/orders.read',
    },
  }),
  idToken: ({ clientId }) => ({
    claims: {
      aud: first(clientId),
      client_id: undefined,
      scope: undefined,
      username: undefined,
      token_use: 'id',
      at_hash: 'x',
      'cognito:username': 'ann',
      email: ANN.email,
      email_verified: true,
    },
  }),
});

export const logto = provider<LogtoPresetOptions>({
  own: { endpoint: 'https://acme.logto.app', resource: 'https://api.acme.com' },
  elsewhere: { claims: { aud: 'https://other.acme.com' } },
  algorithm: 'ES384',
  keyPath: '/oidc/jwks',
  issue: ({ endpoint, resource, organizations }, times) => ({
    header: { typ: 'at+jwt' },
    claims: {
      jti: 'l-1',
      iss: `${endpoint}/oidc`,
      sub: ANN.sub,
      aud: organizations === true ? 'urn:logto:organization:org-1' : first(resource),
      client_id: 'web',
      scope: 'read:orders',
      ...times,
    },
  }),
  program: () => ({ claims: { sub: 'machine', client_id: 'machine', scope: 'jobs' } }),
  idToken: () => ({
    header: { typ: 'JWT' },
    claims: { aud: 'web', client_id: undefined, scope: undefined, at_hash: 'x', email: ANN.email, name: ANN.name },
  }),
});

export const stytch = provider<StytchPresetOptions>({
  own: { projectId: 'project-live-4711' },
  elsewhere: { claims: { aud: ['project-live-1'] } },
  lifetime: 300,
  keyPath: '/v1/sessions/jwks/project-live-4711',
  issue: ({ projectId }, times) => ({
    claims: {
      iss: `stytch.com/${projectId}`,
      aud: [projectId],
      sub: 'user-live-4711',
      'https://stytch.com/session': {
        id: 'session-live-1',
        roles: ['stytch_user', 'editor'],
        authentication_factors: [
          { type: 'password', delivery_method: 'knowledge' },
          { type: 'magic_link', delivery_method: 'email', email_factor: { email_address: ANN.email, email_id: 'e' } },
        ],
      },
      nbf: times.iat,
      ...times,
    },
  }),
  program: ({ projectId }) => ({
    claims: {
      sub: 'm2m-client-live-1',
      client_id: 'm2m-client-live-1',
      aud: [projectId],
      scope: 'read:orders',
      'https://stytch.com/session': undefined,
    },
  }),
});

export const descope = provider<DescopePresetOptions>({
  own: { projectId: 'P2abc' },
  elsewhere: { claims: { aud: ['P2other'] } },
  keyPath: '/P2abc/.well-known/jwks.json',
  issue: ({ projectId }, times) => ({
    claims: {
      iss: `https://api.descope.com/v1/apps/${projectId}`,
      sub: 'U2ann',
      drn: 'DS',
      amr: ['email'],
      dct: 'T2acme',
      tenants: { T2acme: { roles: ['editor'], permissions: ['read', 'write'] }, T2other: { roles: ['admin'] } },
      roles: ['viewer'],
      permissions: ['read'],
      rexp: '2030-01-01T00:00:00Z',
      ...times,
    },
  }),
  program: () => ({ claims: { sub: 'K2robot', amr: undefined, dct: undefined, tenants: undefined } }),
});
