import type { AdfsPresetOptions } from '../../methods/oidc-bearer/presets/adfs-hydra-fusionauth-ping.js';
import type { B2cPresetOptions, EntraPresetOptions } from '../../methods/oidc-bearer/presets/entra-b2c.js';
import { ANN, first, provider } from './product.js';

const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const OID = '690222be-ff1a-4d56-abd1-7e4f7d38e474';

/** Microsoft's keys have no `alg`. */
const keySet = (keys: readonly { alg?: string }[]) => ({ keys: keys.map(({ alg: _alg, ...key }) => key) });

export const entra = provider<EntraPresetOptions>({
  own: { tenant: TENANT, clientId: '6731de76-14a6-49ae-97bc-6eba6914391e' },
  elsewhere: { claims: { aud: '00000003-0000-0000-c000-000000000000' } },
  keySet,
  keyPath: '/discovery/v2.0/keys',
  issue({ tenant, tenants, clientId, versions = [2] }, times) {
    const tid = tenant ?? first(tenants);
    const isNew = versions.includes(2);
    return {
      claims: {
        aud: isNew ? first(clientId) : `api://${first(clientId)}`,
        iss: isNew ? `https://login.microsoftonline.com/${tid}/v2.0` : `https://sts.windows.net/${tid}/`,
        ...(isNew
          ? { azp: 'spa', azpacr: '0', preferred_username: ANN.email, ver: '2.0' }
          : { appid: 'spa', appidacr: '0', upn: ANN.email, unique_name: ANN.email, ver: '1.0' }),
        name: ANN.name,
        email: ANN.email,
        oid: OID,
        sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
        tid,
        scp: 'access_as_user',
        roles: ['Editor'],
        uti: 'u',
        nbf: times.iat,
        ...times,
      },
    };
  },
  program: () => ({
    claims: {
      azp: 'daemon',
      azpacr: '1',
      oid: '11111111-2222-4333-8444-555555555555',
      sub: '11111111-2222-4333-8444-555555555555',
      roles: ['Jobs.Run'],
      scp: undefined,
      name: undefined,
      email: undefined,
      preferred_username: undefined,
    },
  }),
  idToken: () => ({ claims: { azp: undefined, azpacr: undefined, scp: undefined, roles: undefined, rh: '0' } }),
});

export const b2c = provider<B2cPresetOptions>({
  own: { tenant: 'contoso', tenantId: TENANT, policies: ['B2C_1_signin'], clientId: 'api' },
  elsewhere: { claims: { aud: 'other-api' } },
  keyPath: '/discovery/v2.0/keys',
  issue: ({ tenant, tenantId, policies, clientId }, times) => ({
    claims: {
      iss: `https://${tenant}.b2clogin.com/${tenantId}/v2.0/`,
      aud: first(clientId),
      azp: 'spa',
      sub: OID,
      oid: OID,
      name: ANN.name,
      emails: [ANN.email],
      tfp: first(policies),
      scp: 'read',
      ver: '1.0',
      nbf: times.iat,
      ...times,
    },
  }),
  idToken: () => ({ claims: { azp: undefined, scp: undefined, auth_time: 1 } }),
});

export const adfs = provider<AdfsPresetOptions>({
  own: { url: 'https://adfs.acme.com', audience: 'microsoft:identityserver:api' },
  elsewhere: { claims: { aud: 'microsoft:identityserver:other' } },
  keyPath: '/adfs/discovery/keys',
  issue: ({ url, audience }, times) => ({
    header: { kid: undefined, x5t: 'thumbprint' },
    claims: {
      aud: first(audience),
      iss: `http://${new URL(url).hostname}/adfs/services/trust`,
      upn: 'ann@acme.com',
      unique_name: 'ACME\\ann',
      group: ['Editors'],
      appid: 'web',
      apptype: 'Confidential',
      authmethod: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
      auth_time: '2026-01-01T10:00:00.000Z',
      scp: 'openid orders.read',
      ver: '1.0',
      ...times,
    },
  }),
  program: () => ({
    claims: {
      sub: 'daemon',
      appid: 'daemon',
      upn: undefined,
      unique_name: undefined,
      group: undefined,
      auth_time: undefined,
      scp: undefined,
    },
  }),
});
