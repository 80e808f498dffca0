import { describe, expect, test } from '@jest/globals';
import { memoryUsers } from '../../../../lib/index.js';
import { promise } from '../../../helpers/oidc-provider-promises.js';
import { present } from '../../../helpers/oidc-providers.js';

const auth0 = promise('auth0', {
  person: {
    id: 'https://acme.eu.auth0.com/|auth0|507f1f77bcf86cd799439011',
    subject: 'auth0|507f1f77bcf86cd799439011',
    scopes: ['openid', 'profile', 'read:orders', 'write:orders'],
  },
  program: { id: 'machine', scopes: ['read:orders'] },
  keys: 'https://acme.eu.auth0.com/',
  wrong: [
    [
      'an address for the domain',
      { domain: 'https://acme.eu.auth0.com/' },
      /auth0\.domain.*write "acme\.eu\.auth0\.com"/,
    ],
    ['the name of the tenant alone', { domain: 'acme' }, /auth0\.domain.*this is "acme"/],
    ['a domain that is not set', { domain: '' }, /auth0\.domain.*environment variable/],
    ['a list of no audience', { audience: [] }, /oidcPresets\.auth0\.audience/],
    [
      'an option of another library',
      { issuerBaseURL: 'x' },
      /oidcPresets\.auth0\.issuerBaseURL.*did you mean "issuer"/,
    ],
  ],
});

describe('Auth0', () => {
  test('names an ID token that was sent in place of the access token', async () => {
    const { verdict, hint } = await auth0.ask(auth0.simulator.token({}, { as: 'id-token' }));
    expect(verdict).toBe('401 audience_mismatch');
    expect(hint).toMatch(/ID token.*access token/);
  });

  test('says why a token is opaque, and why it is for userinfo alone', async () => {
    const opaque = await auth0.ask('v7IAGkKpcRwVvBzGmRwBqaLqOd1xmVHQ');
    expect(opaque).toMatchObject({ verdict: '401 token_malformed', hint: expect.stringMatching(/names no audience/) });
    const userinfo = await auth0.ask(auth0.simulator.token({ aud: ['https://acme.eu.auth0.com/userinfo'] }));
    expect(userinfo).toMatchObject({
      verdict: '401 audience_mismatch',
      hint: expect.stringMatching(/named no audience/),
    });
  });

  test('points at the slash at the end of the issuer', async () => {
    const { verdict, hint } = await auth0.ask(auth0.simulator.token({ iss: 'https://acme.eu.auth0.com' }));
    expect(verdict).toBe('401 issuer_unknown');
    expect(hint).toMatch(/slash/);
  });

  test('reads what an Action puts under a namespace, and nothing without it', async () => {
    const own = { 'https://acme.com/roles': ['editor'], 'https://acme.com/email': 'ann@example.com' };
    const token = await auth0.simulator.token({ ...own, 'https://acme.com/email_verified': true });
    for (const namespace of ['https://acme.com/', 'https://acme.com']) {
      const { principal } = await auth0.ask(token, { namespace });
      expect(principal).toMatchObject({ roles: ['editor'], email: 'ann@example.com', emailVerified: true });
    }
    expect((await auth0.ask(token)).principal).toMatchObject({ roles: [] });
  });
});

const okta = promise('okta', {
  person: {
    id: 'https://acme.okta.com/oauth2/default|00ujmkLgagxeRrAg20g3',
    subject: '00ujmkLgagxeRrAg20g3',
    username: 'ann@example.com',
    scopes: ['openid', 'orders.read'],
  },
  program: { id: 'machine', scopes: ['jobs'] },
  keys: 'https://acme.okta.com/oauth2/default',
  wrong: [
    [
      'an issuer for the domain',
      { domain: 'https://acme.okta.com/oauth2/default' },
      /okta\.domain.*write "acme\.okta\.com"/,
    ],
    ['a path for the server', { authorizationServer: 'oauth2/default' }, /okta\.authorizationServer.*slash/],
    ['an audience that is not set', { audience: '' }, /oidcPresets\.okta\.audience.*environment variable/],
  ],
});

describe('Okta', () => {
  test('keeps one user for a person whose login name changes', async () => {
    const method = okta.preset({ users: { store: memoryUsers(), autoRegister: true } });
    const before = await present(method, await okta.simulator.token());
    const after = await present(method, await okta.simulator.token({ sub: 'ann.married@example.com' }));
    expect(after.principal).toMatchObject({ id: before.principal?.id, username: 'ann.married@example.com' });
    expect(after.principal?.created).not.toBe(true);
  });

  test('names the organisation’s own authorization server', async () => {
    const { verdict, hint } = await okta.ask(okta.simulator.token({ iss: 'https://acme.okta.com' }));
    expect(verdict).toBe('401 issuer_unknown');
    expect(hint).toMatch(/organisation.*https:\/\/acme\.okta\.com\/oauth2\/default/);
  });

  test('refuses an ID token, also where the audience is its client', async () => {
    const token = await okta.simulator.token({}, { as: 'id-token' });
    expect((await okta.ask(token)).verdict).toBe('401 audience_mismatch');
    const { verdict, hint } = await okta.ask(token, { audience: 'nmdP1fcyvdVO11AL7ECm' });
    expect([verdict, hint]).toEqual(['401 claim_invalid', expect.stringMatching(/ID token/)]);
  });
});
