import { createPublicKey } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type AuthMethod, oidcBearer } from '../../../lib/index.js';
import { keyServer } from '../../helpers/key-server.js';
import { AUDIENCE, accessToken, door, jwkOf, PROVIDER_PEM, verdict } from '../../helpers/oidc-door.js';

const [CONTOSO, FABRIKAM, STRANGER] = ['contoso-id', 'fabrikam-id', 'stranger-id'];

/** Entra's two documents: the one for all tenants has the template as its issuer. */
const server = await keyServer((origin) => ({
  '/common/v2.0/.well-known/openid-configuration': {
    issuer: `${origin}/{tenantid}/v2.0`,
    jwks_uri: `${origin}/keys`,
  },
  '/keys': { keys: [jwkOf(createPublicKey(PROVIDER_PEM), { kid: 'k1' })] },
}));
const template = `${server.origin}/{tenantid}/v2.0`;
const issuerOf = (tenant: string) => `${server.origin}/${tenant}/v2.0`;

const tokenOf = (iss: string, tid: unknown) => accessToken({ iss, tid }, { header: { kid: 'k1' } });

describe('an issuer with {tenantid}', () => {
  let method: AuthMethod;
  beforeEach(() => {
    server.asked.length = 0;
    const tenants = [CONTOSO, FABRIKAM];
    method = oidcBearer({ issuer: template, tenants, audience: AUDIENCE, exposeReason: true });
  });

  test('stands for every tenant in the list, with one document for all', async () => {
    expect(await verdict(method, tokenOf(issuerOf(CONTOSO), CONTOSO))).toBe(200);
    expect(await verdict(method, tokenOf(issuerOf(FABRIKAM), FABRIKAM))).toBe(200);
    expect(server.asked).toEqual(['/common/v2.0/.well-known/openid-configuration', '/keys']);
  });

  test.each([STRANGER, '{tenantid}', 'common', 'organizations', CONTOSO.toUpperCase(), `${CONTOSO}/..`, ''])(
    'does not stand for %j, and asks nobody about it',
    async (tenant) => {
      expect(await verdict(method, tokenOf(issuerOf(tenant), tenant))).toBe('issuer_unknown');
      expect(server.asked).toEqual([]);
    },
  );

  test.each([FABRIKAM, STRANGER, undefined, null, 7, [CONTOSO], '$&', ''])(
    'is refused where iss names one tenant and tid says %j',
    async (tid) => {
      expect(await verdict(method, tokenOf(issuerOf(CONTOSO), tid))).toBe('issuer_unknown');
    },
  );
});

test('a template works with configured keys too, and needs no address then', async () => {
  const method = door({ issuer: 'urn:tenant:{tenantid}', tenants: [CONTOSO] });
  expect(await verdict(method, accessToken({ iss: `urn:tenant:${CONTOSO}`, tid: CONTOSO }))).toBe(200);
  expect(await verdict(method, accessToken({ iss: `urn:tenant:${CONTOSO}`, tid: FABRIKAM }))).toBe('issuer_unknown');
});

test('a tenant’s name is taken to the letter', async () => {
  const method = door({ issuer: 'urn:tenant:{tenantid}', tenants: ['$$a'] });
  expect(await verdict(method, accessToken({ iss: 'urn:tenant:$$a', tid: '$$a' }))).toBe(200);
  expect(await verdict(method, accessToken({ iss: 'urn:tenant:$a', tid: '$a' }))).toBe('issuer_unknown');
});

test('without a template tid is a claim like any other', async () => {
  expect(await verdict(door(), accessToken({ tid: STRANGER }))).toBe(200);
});
