import { describe, expect, test } from '@jest/globals';
import { promise } from '../../../helpers/oidc-provider-promises.js';
import { testProvider } from '../../../helpers/oidc-providers.js';

const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const OTHER = '11111111-86f1-41af-91ab-2d7cd011db47';
const OID = '690222be-ff1a-4d56-abd1-7e4f7d38e474';

const entra = promise('entra', {
  person: {
    id: `https://login.microsoftonline.com/${TENANT}/v2.0|${OID}`,
    subject: OID,
    username: 'ann@example.com',
    roles: ['Editor'],
    scopes: ['access_as_user'],
  },
  program: { id: 'daemon', roles: ['Jobs.Run'] },
  keys: `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`,
  wrong: [
    ['everybody’s tenant', { tenant: 'common' }, /entra\.tenant.*"common".*id of each tenant/],
    ['the name of a tenant', { tenant: 'acme.onmicrosoft.com' }, /entra\.tenant.*expects an id.*this is "acme/],
    ['an issuer for the tenant', { tenant: `https://login.microsoftonline.com/${TENANT}/v2.0` }, /whole address/],
    ['both tenant and tenants', { tenants: [TENANT] }, /entra\.tenant.*contradicts tenants/],
    ['neither', { tenant: undefined }, /entra\.tenant.*required, or tenants/],
    ['no tenant in the list', { tenant: undefined, tenants: [] }, /entra\.tenants.*empty list/],
    ['a version that there is not', { versions: [3] }, /entra\.versions.*1 and 2/],
  ],
});

describe('Entra', () => {
  const old = testProvider('entra', { versions: [1] });
  const many = testProvider('entra', { tenant: undefined, tenants: [TENANT, OTHER] });

  test('takes tokens of version 1 for the same people, unless versions says otherwise', async () => {
    const token = await old.simulator.token();
    const { verdict, principal } = await old.ask(token, { versions: undefined });
    expect([verdict, principal?.id]).toEqual(['200', `https://login.microsoftonline.com/${TENANT}/v2.0|${OID}`]);
    expect(principal?.username).toBe('ann@example.com');
    expect(await old.ask(token, { versions: [2] })).toMatchObject({
      verdict: '401 issuer_unknown',
      hint: expect.stringMatching(/other version.*requestedAccessTokenVersion/),
    });
  });

  test('refuses an ID token, and names it, also where it has roles', async () => {
    for (const claims of [{}, { roles: ['Editor'] }]) {
      const { verdict, hint } = await entra.ask(entra.simulator.token(claims, { as: 'id-token' }));
      expect([verdict, hint]).toEqual(['401 claim_invalid', expect.stringMatching(/ID token/)]);
    }
  });

  test('names a token for Microsoft Graph', async () => {
    const graph = await entra.ask(entra.simulator.token({}, { fault: 'audience', header: { nonce: 'x' } }));
    expect(graph).toMatchObject({ verdict: '401 audience_mismatch', hint: expect.stringMatching(/Microsoft Graph/) });
  });

  test('refuses another tenant, by its issuer and by its claim', async () => {
    const iss = `https://login.microsoftonline.com/${OTHER}/v2.0`;
    const other = await entra.ask(entra.simulator.token({ iss, tid: OTHER }));
    expect(other).toMatchObject({ verdict: '401 issuer_unknown', hint: expect.stringMatching(/another tenant/) });
    expect((await entra.ask(entra.simulator.token({ tid: OTHER }))).verdict).toBe('401 claim_invalid');
  });

  test('keeps the people of several tenants apart', async () => {
    const claims = { iss: `https://login.microsoftonline.com/${OTHER}/v2.0`, tid: OTHER };
    const [one, two] = [await many.ask(many.simulator.token()), await many.ask(many.simulator.token(claims))];
    expect([one.principal?.issuer, two.principal?.issuer]).toEqual([
      `https://login.microsoftonline.com/${TENANT}/v2.0`,
      claims.iss,
    ]);
    expect((await many.ask(many.simulator.token({ tid: OTHER }))).verdict).toMatch(/^401/);
  });

  test('never takes the e-mail for verified, unless the optional claim says so', async () => {
    expect((await entra.ask(entra.simulator.token({ email_verified: true }))).principal).not.toHaveProperty(
      'emailVerified',
    );
    expect((await entra.ask(entra.simulator.token({ xms_edov: true }))).principal?.emailVerified).toBe(true);
    expect((await entra.ask(entra.simulator.token({ xms_edov: false }))).principal).not.toHaveProperty('emailVerified');
  });

  test('takes the application’s URI for an audience', async () => {
    for (const aud of ['api://6731de76-14a6-49ae-97bc-6eba6914391e', 'https://api.acme.com'])
      expect((await entra.ask(entra.simulator.token({ aud }), { appIdUri: 'https://api.acme.com' })).verdict).toBe(
        '200',
      );
  });
});

const b2c = promise('b2c', {
  person: {
    id: `https://contoso.b2clogin.com/${TENANT}/v2.0/|${OID}`,
    email: 'ann@example.com',
    scopes: ['read'],
  },
  keys: `https://contoso.b2clogin.com/${TENANT}/v2.0/`,
  wrong: [
    ['the whole name of the tenant', { tenant: 'contoso.onmicrosoft.com' }, /b2c\.tenant.*write "contoso"/],
    ['a name for the tenant’s id', { tenantId: 'contoso' }, /b2c\.tenantId.*this is "contoso"/],
    ['no policy', { policies: [] }, /b2c\.policies.*empty list/],
    ['an address for the domain', { domain: 'https://login.acme.com/' }, /b2c\.domain.*write "login\.acme\.com"/],
  ],
});

describe('Azure AD B2C', () => {
  test('takes a policy in any letters, in tfp or acr, and no other policy', async () => {
    for (const claims of [{ tfp: 'b2c_1_SignIn' }, { tfp: undefined, acr: 'b2c_1_signin' }])
      expect((await b2c.ask(b2c.simulator.token(claims))).verdict).toBe('200');
    for (const claims of [{ tfp: 'B2C_1_reset' }, { tfp: undefined }]) {
      const { verdict, hint } = await b2c.ask(b2c.simulator.token(claims));
      expect([verdict, hint]).toEqual(['401 claim_invalid', expect.stringMatching(/policies/)]);
    }
  });

  test('knows the issuer of a policy, for the same people', async () => {
    const iss = `https://contoso.b2clogin.com/tfp/${TENANT}/b2c_1_signin/v2.0/`;
    const { principal } = await b2c.ask(b2c.simulator.token({ iss }));
    expect(principal?.id).toBe(`https://contoso.b2clogin.com/${TENANT}/v2.0/|${OID}`);
  });

  test('never takes the sentence that older user flows write for a subject', async () => {
    const sub = 'Not supported currently. Use oid claim.';
    expect((await b2c.ask(b2c.simulator.token({ sub }))).principal?.subject).toBe(OID);
    expect((await b2c.ask(b2c.simulator.token({ sub, oid: undefined }))).verdict).toBe('401 claim_invalid');
  });

  test('refuses an ID token, and names it', async () => {
    const { verdict, hint } = await b2c.ask(b2c.simulator.token({}, { as: 'id-token' }));
    expect([verdict, hint]).toEqual(['401 claim_invalid', expect.stringMatching(/ID token/)]);
  });
});
