import { randomUUID } from 'node:crypto';
import type { AuthentikOptions } from '../methods/waf-token/presets/authentik.js';
import type { AwsAlbOptions, AwsVerifiedAccessOptions } from '../methods/waf-token/presets/aws.js';
import type { AzureEasyAuthOptions } from '../methods/waf-token/presets/azure-easy-auth.js';
import type { CloudflareAccessOptions } from '../methods/waf-token/presets/cloudflare-access.js';
import type { GoogleIapOptions } from '../methods/waf-token/presets/google-iap.js';
import type { PomeriumOptions } from '../methods/waf-token/presets/pomerium.js';
import type { TeleportOptions } from '../methods/waf-token/presets/teleport.js';
import type { WafProduct } from './waf-simulator.js';

// Tokens and keys of the products, written independently of the presets, so that each can be tested with the other.

const PERSON = { email: 'ann@example.com', name: 'Ann Example' };
const ACCOUNT = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app';
const INSTANCE = 'arn:aws:ec2:eu-west-1:123456789012:verified-access-instance';

const first = (value: string | readonly string[]): string => [value].flat()[0] ?? '';

export const googleIap: WafProduct<GoogleIapOptions> = {
  header: 'x-goog-iap-jwt-assertion',
  algorithm: 'ES256',
  lifetime: 600,
  keyPath: '/iap/verify/public_key-jwk',
  own: { audience: '/projects/123456789/global/backendServices/987654321' },
  elsewhere: { claims: { aud: '/projects/123456789/global/backendServices/1' } },
  issue: ({ audience }, times) => ({
    claims: {
      iss: 'https://cloud.google.com/iap',
      aud: first(audience),
      sub: 'accounts.google.com:118133858486581853996',
      email: PERSON.email,
      hd: 'example.com',
      ...times,
    },
  }),
};

export const awsAlb: WafProduct<AwsAlbOptions> = {
  header: 'x-amzn-oidc-data',
  algorithm: 'ES256',
  lifetime: 120,
  keyPath: '/{kid}',
  padded: true,
  own: { albArn: `${ACCOUNT}/web/50dc6c495c0c9188`, clientId: 'web-client', issuer: 'https://login.example.com' },
  elsewhere: { header: { signer: `${ACCOUNT}/somebody-elses/1111111111111111` } },
  issue: ({ albArn, clientId, issuer }, { exp }) => ({
    header: { iss: issuer, client: first(clientId), signer: first(albArn), exp },
    claims: { sub: '5f0e6a6e', username: 'ann', email_verified: 'true', ...PERSON, iss: issuer, exp },
  }),
};

export const awsVerifiedAccess: WafProduct<AwsVerifiedAccessOptions> = {
  header: 'x-amzn-ava-user-context',
  algorithm: 'ES384',
  lifetime: 120,
  keyPath: '/{kid}',
  own: { instanceArn: `${INSTANCE}/vai-0123456789abcdef0`, issuer: 'https://login.example.com' },
  elsewhere: { header: { signer: `${INSTANCE}/vai-fffffffffffffffff` } },
  issue: ({ instanceArn, issuer }, { exp }) => ({
    header: { typ: undefined, signer: first(instanceArn), iss: issuer, exp },
    claims: issuer.startsWith('arn:')
      ? { user: { user_id: 'f478d4c8', user_name: 'ann', email: { address: PERSON.email, verified: false } } }
      : { sub: '5f0e6a6e', email: PERSON.email, email_verified: true, groups: ['engineering'] },
  }),
};

export const cloudflareAccess: WafProduct<CloudflareAccessOptions> = {
  header: 'cf-access-jwt-assertion',
  algorithm: 'RS256',
  lifetime: 86_400,
  keyPath: '/cdn-cgi/access/certs',
  // The deprecated member `public_cert` has one of the keys only; clients are to read `keys`.
  keySet: (keys) => ({ keys, public_cert: { kid: '0', cert: '' }, public_certs: [{ kid: '0', cert: '' }] }),
  own: { team: 'example', audience: '4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2' },
  elsewhere: { claims: { aud: ['f'.repeat(64)] } },
  issue: ({ team, audience }, times) => ({
    claims: {
      iss: `https://${team}.cloudflareaccess.com`,
      aud: [first(audience)],
      sub: '7335d417-61da-459d-899c-0a01c76a2f94',
      email: PERSON.email,
      type: 'app',
      identity_nonce: '6ei69kawdKzMIAPF',
      country: 'NZ',
      nbf: times.iat,
      ...times,
    },
  }),
};

export const pomerium: WafProduct<PomeriumOptions> = {
  header: 'x-pomerium-jwt-assertion',
  algorithm: 'ES256',
  lifetime: 300,
  keyPath: '/.well-known/pomerium/jwks.json',
  own: { routeHost: 'app.example.com' },
  elsewhere: { claims: { aud: 'other.example.com' } },
  issue: ({ routeHost }, times) => ({
    claims: {
      iss: routeHost,
      aud: routeHost,
      sub: 'google/118133858486581853996',
      user: 'google/118133858486581853996',
      groups: ['00xyz', 'engineering'],
      jti: randomUUID(),
      ...PERSON,
      ...times,
    },
  }),
};

export const teleport: WafProduct<TeleportOptions> = {
  header: 'teleport-jwt-assertion',
  algorithm: 'RS256',
  lifetime: 43_200,
  keyPath: '/.well-known/jwks.json',
  own: { cluster: 'teleport.example.com', audience: 'http://127.0.0.1:8080' },
  elsewhere: { claims: { aud: ['http://127.0.0.1:9090'] } },
  issue: ({ cluster, audience }, times) => ({
    claims: {
      iss: cluster,
      aud: [first(audience)],
      sub: 'ann',
      username: 'ann',
      roles: ['access'],
      traits: { logins: ['ann'] },
      nbf: times.iat,
      ...times,
    },
  }),
};

export const azureEasyAuth: WafProduct<AzureEasyAuthOptions> = {
  header: 'x-ms-token-aad-id-token',
  algorithm: 'RS256',
  lifetime: 3900,
  keyPath: '/discovery/v2.0/keys',
  // Microsoft's keys have no `alg`.
  keySet: (keys) => ({ keys: keys.map(({ alg: _alg, ...key }) => key) }),
  own: { tenant: '9188040d-6c67-4c5b-b112-36a304b66dad', clientId: '6731de76-14a6-49ae-97bc-6eba6914391e' },
  elsewhere: { claims: { aud: '00000000-0000-0000-0000-000000000000' } },
  issue: ({ tenant, clientId }, times) => ({
    claims: {
      iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
      aud: first(clientId),
      sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
      oid: '690222be-ff1a-4d56-abd1-7e4f7d38e474',
      tid: tenant,
      preferred_username: 'ann@example.com',
      nonce: '12345',
      nbf: times.iat,
      ver: '2.0',
      ...PERSON,
      ...times,
    },
  }),
};

export const authentik: WafProduct<AuthentikOptions> = {
  header: 'x-authentik-jwt',
  algorithm: 'RS256',
  lifetime: 3600,
  keyPath: '/application/o/app/jwks/',
  own: { issuer: 'https://auth.example.com/application/o/app/', clientId: 'client-of-the-app' },
  elsewhere: { claims: { aud: 'client-of-another' } },
  issue: ({ issuer, clientId }, times) => ({
    claims: {
      iss: issuer,
      aud: first(clientId),
      sub: '5d8c7e1f0a',
      preferred_username: 'ann',
      email_verified: true,
      groups: ['engineering'],
      ...PERSON,
      ...times,
    },
  }),
};
