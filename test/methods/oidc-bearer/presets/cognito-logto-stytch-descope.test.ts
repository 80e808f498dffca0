import { describe, expect, test } from '@jest/globals';
import { promise } from '../../../helpers/oidc-provider-promises.js';
import { testProvider } from '../../../helpers/oidc-providers.js';

const cognito = promise('cognito', {
  person: {
    id: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12|f02e777c-0000-4000-8000-000000000000',
    username: 'ann',
    groups: ['admins'],
    scopes: ['openid', 'https://api.acme.com/orders.read'],
  },
  program: { id: '5bsjlins3936h9gvpi0c24ah5b' },
  keys: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12',
  wrong: [
    ['a pool of another region', { userPoolId: 'us-east-1_Ab12' }, /cognito\.userPoolId.*"eu-west-1_Ab12"/],
    ['an issuer for the pool', { userPoolId: 'https://cognito-idp.eu-west-1.amazonaws.com/x' }, /whole address/],
    ['a use that there is not', { use: 'refresh' }, /cognito\.use.*"access" or "id"/],
    ['a client that is not set', { clientId: '' }, /cognito\.clientId.*environment variable/],
  ],
});

describe('Cognito', () => {
  const idToken = () => cognito.simulator.token({}, { as: 'id-token' });

  test('takes ID tokens only with use: "id", and says so either way', async () => {
    expect(await cognito.ask(idToken())).toMatchObject({
      verdict: '401 audience_mismatch',
      hint: expect.stringMatching(/use: 'id'/),
    });
    const { verdict, principal } = await cognito.ask(idToken(), { use: 'id' });
    expect(verdict).toBe('200');
    expect(principal).toMatchObject({ username: 'ann', email: 'ann@example.com', emailVerified: true });
    const access = await cognito.ask(cognito.simulator.token(), { use: 'id' });
    expect(access).toMatchObject({ verdict: '401 audience_mismatch', hint: expect.stringMatching(/access token/) });
  });

  test('refuses a token without a use, or without a client', async () => {
    expect((await cognito.ask(cognito.simulator.token({ token_use: undefined }))).verdict).toBe('401 claim_invalid');
    expect((await cognito.ask(cognito.simulator.token({ client_id: undefined }))).verdict).toBe(
      '401 audience_mismatch',
    );
  });

  test('knows the domain of China', async () => {
    const method = cognito.preset({ region: 'cn-north-1', userPoolId: 'cn-north-1_Ab12', jwksUri: undefined });
    expect(method.health()[0]?.source).toBe('https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Ab12');
  });
});

const logto = promise('logto', {
  person: { id: 'https://acme.logto.app/oidc|ann-4711', scopes: ['read:orders'] },
  program: { id: 'machine', scopes: ['jobs'] },
  keys: 'https://acme.logto.app/oidc',
  wrong: [
    ['neither resource nor organisations', { resource: undefined }, /logto\.resource.*organizations/],
    ['both', { organizations: true }, /logto\.resource.*contradicts organizations/],
    ['a bare host', { endpoint: 'acme.logto.app' }, /logto\.endpoint.*write "https:\/\/acme\.logto\.app"/],
  ],
});

describe('Logto', () => {
  const acme = testProvider('logto', { organizations: true, resource: undefined });

  test('takes the tokens of organisations as a family, and no others', async () => {
    const { verdict, principal } = await acme.ask(acme.simulator.token());
    expect([verdict, principal?.attributes.organization_id]).toEqual(['200', 'org-1']);
    expect((await acme.ask(acme.simulator.token({ aud: 'https://api.acme.com' }))).verdict).toBe(
      '401 audience_mismatch',
    );
    expect((await acme.ask(acme.simulator.token({ aud: undefined }))).verdict).toBe('401 audience_mismatch');
  });

  test('says why a token is opaque, and refuses an ID token', async () => {
    expect(await logto.ask('JvGqVwYAmyZu')).toMatchObject({ hint: expect.stringMatching(/names no resource/) });
    const { verdict, hint } = await logto.ask(logto.simulator.token({}, { as: 'id-token' }));
    expect([verdict, hint]).toEqual(['401 audience_mismatch', expect.stringMatching(/ID token/)]);
  });
});

const stytch = promise('stytch', {
  person: {
    id: 'stytch.com/project-live-4711|user-live-4711',
    email: 'ann@example.com',
    roles: ['stytch_user', 'editor'],
  },
  program: { id: 'm2m-client-live-1', scopes: ['read:orders'] },
  keys: 'https://api.stytch.com/v1/sessions/jwks/project-live-4711',
  wrong: [
    ['an issuer for the project', { projectId: 'stytch.com/project-live-4711' }, /stytch\.projectId.*slash/],
    ['an address for the domain', { customDomain: 'https://login.acme.com' }, /customDomain.*write "login\.acme\.com"/],
  ],
});

describe('Stytch', () => {
  test('keeps a person under a custom domain, and hints at it', async () => {
    const token = await stytch.simulator.token({ iss: 'https://login.acme.com' });
    const { principal } = await stytch.ask(token, { customDomain: 'login.acme.com' });
    expect(principal?.id).toBe('stytch.com/project-live-4711|user-live-4711');
    expect(await stytch.ask(token)).toMatchObject({
      verdict: '401 issuer_unknown',
      hint: expect.stringMatching(/customDomain/),
    });
  });

  test('has the keys of test projects elsewhere', () => {
    const method = stytch.preset({ projectId: 'project-test-1', jwksUri: undefined });
    expect(method.health()[0]?.source).toBe('https://test.stytch.com/v1/sessions/jwks/project-test-1');
  });
});

const descope = promise('descope', {
  person: {
    id: 'https://api.descope.com/v1/apps/P2abc|U2ann',
    roles: ['editor'],
    scopes: ['read', 'write'],
    attributes: { tenant: 'T2acme' },
  },
  program: { roles: ['viewer'], scopes: ['read'] },
  keys: 'https://api.descope.com/P2abc/.well-known/jwks.json',
  wrong: [['an issuer for the project', { projectId: 'https://api.descope.com/P2abc' }, /descope\.projectId.*address/]],
});

describe('Descope', () => {
  test.each([
    'P2abc',
    'https://api.descope.com/v1/apps/P2abc/T2acme',
    'https://api.descope.com/v1/apps/agentic/P2abc/server-1',
  ])('knows the project as %s, and the person as one', async (iss) => {
    const { principal } = await descope.ask(descope.simulator.token({ iss }));
    expect(principal?.id).toBe('https://api.descope.com/v1/apps/P2abc|U2ann');
  });

  test.each([
    'P2other',
    'https://api.descope.com/v1/apps/P2abcd',
    'https://api.descope.com/v1/apps/P2other/P2abc',
    'https://api.descope.com/v1/apps/agentic/P2other/P2abc',
    'https://evil.example.com/v1/apps/P2abc/',
  ])('refuses the issuer %s', async (iss) => {
    expect((await descope.ask(descope.simulator.token({ iss }))).verdict).toBe('401 issuer_unknown');
  });

  test('refuses the refresh token, and names it', async () => {
    const { verdict, hint } = await descope.ask(descope.simulator.token({ drn: 'DSR' }));
    expect([verdict, hint]).toEqual(['401 claim_invalid', expect.stringMatching(/refresh token.*DS/)]);
  });

  test('reads the rights of the current tenant only', async () => {
    const other = await descope.ask(descope.simulator.token({ dct: 'T2other' }));
    expect(other.principal).toMatchObject({ roles: ['admin'], scopes: ['read'] });
    const none = await descope.ask(descope.simulator.token({ dct: undefined }));
    expect(none.principal).toMatchObject({ roles: ['viewer'], scopes: ['read'] });
  });
});
