import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { mintToken } from '../../../../lib/testing/index.js';
import { promise } from '../../../helpers/oidc-provider-promises.js';

const keycloak = promise('keycloak', {
  person: {
    id: 'https://id.example.com/realms/shop|5d1c7e1f-0000-4000-8000-000000000000',
    username: 'ann',
    email: 'ann@example.com',
    emailVerified: true,
    groups: ['/staff/eu'],
    roles: ['seller', 'orders:write'],
  },
  program: { id: 'billing' },
  keys: 'https://id.example.com/realms/shop',
  wrong: [
    [
      'the realm in the address',
      { url: 'https://id.example.com/realms/shop' },
      /keycloak\.url.*write "https:\/\/id\.example\.com"/,
    ],
    ['a bare host', { url: 'id.example.com' }, /keycloak\.url.*write "https:\/\/id\.example\.com"/],
    ['an address for the realm', { realm: 'https://id.example.com/realms/shop' }, /keycloak\.realm.*whole address/],
    ['its document', { url: 'https://id.example.com/.well-known/openid-configuration' }, /keycloak\.url.*document/],
    ['plain http inside', { internalUrl: 'http://keycloak:8080', jwksUri: undefined }, /https.*dangerouslyAllowHttp/],
  ],
});

describe('Keycloak', () => {
  test('takes a token that was given to the client, and refuses one that is for account alone', async () => {
    expect((await keycloak.ask(keycloak.simulator.token({ aud: 'account', azp: 'shop-api' }))).verdict).toBe('200');
    for (const aud of ['account', ['account'], undefined]) {
      const { verdict, hint } = await keycloak.ask(keycloak.simulator.token({ aud }));
      expect([verdict, hint]).toEqual(['401 audience_mismatch', expect.stringMatching(/audience mapper.*shop-api/)]);
    }
  });

  test('reads the roles of no other client', async () => {
    const resource_access = { other: { roles: ['admin'] } };
    expect((await keycloak.ask(keycloak.simulator.token({ resource_access }))).principal?.roles).toEqual(['seller']);
  });

  test.each(['ID', 'Refresh', 'Offline', 'Logout', 'Serialized-ID'])('refuses a token of the type %s', async (typ) => {
    expect((await keycloak.ask(keycloak.simulator.token({ typ }))).verdict).toBe('401 claim_invalid');
  });

  test('refuses a person whose token has no subject', async () => {
    expect((await keycloak.ask(keycloak.simulator.token({ sub: undefined }))).verdict).toBe('401 claim_missing');
  });

  test('reads organisations as a list or as an object', async () => {
    for (const organization of [['acme'], { acme: { id: 'x' } }]) {
      const { principal } = await keycloak.ask(keycloak.simulator.token({ organization }));
      expect(principal?.listAttributes).toEqual({ organizations: ['acme'] });
    }
  });

  test('fetches keys by the address inside', () => {
    const inside = { internalUrl: 'http://keycloak:8080', dangerouslyAllowHttp: true, jwksUri: undefined };
    const method = keycloak.preset(inside);
    expect(method.health()[0]?.source).toBe('http://keycloak:8080/realms/shop/protocol/openid-connect/certs');
  });

  test('hints at the address of older versions where there is no such realm', async () => {
    const { origin } = new URL(keycloak.simulator.options.jwksUri);
    const method = { url: origin, jwksUri: undefined };
    const { verdict, hint } = await keycloak.ask(keycloak.simulator.token({ iss: `${origin}/realms/shop` }), method);
    expect([verdict, hint]).toEqual(['503 keys_unavailable', expect.stringMatching(/\/auth"/)]);
  });
});

const zitadel = promise('zitadel', {
  person: { id: 'https://acme.zitadel.cloud|383942323576245195', roles: ['admin', 'editor'] },
  program: { id: 'billing-bot' },
  keys: 'https://acme.zitadel.cloud',
  wrong: [
    ['a bare host', { issuer: 'acme.zitadel.cloud' }, /zitadel\.issuer.*write "https:\/\/acme\.zitadel\.cloud"/],
    ['no application', { clients: [] }, /zitadel\.clients.*empty list/],
    ['a project that is not set', { projectId: '' }, /zitadel\.projectId.*environment variable/],
  ],
});

describe('ZITADEL', () => {
  test('narrows the project to some applications', async () => {
    expect((await zitadel.ask(zitadel.simulator.token(), { clients: ['100@p'] })).verdict).toBe('200');
    expect((await zitadel.ask(zitadel.simulator.token(), { clients: ['101@p'] })).verdict).toBe(
      '401 audience_mismatch',
    );
  });

  test('never takes the roles of another project', async () => {
    const other = {
      'urn:zitadel:iam:org:project:200:roles': undefined,
      'urn:zitadel:iam:org:project:300:roles': { root: {} },
    };
    expect((await zitadel.ask(zitadel.simulator.token(other))).principal?.roles).toEqual([]);
    const plain = { 'urn:zitadel:iam:org:project:200:roles': undefined };
    expect((await zitadel.ask(zitadel.simulator.token(plain))).principal?.roles).toEqual(['admin', 'editor']);
  });

  test('says why a token is opaque or for another project, and refuses an ID token', async () => {
    expect(await zitadel.ask('opaque-token')).toMatchObject({
      hint: expect.stringMatching(/JWT is chosen.*introspection/),
    });
    const other = await zitadel.ask(zitadel.simulator.token({}, { fault: 'audience' }));
    expect(other.hint).toMatch(/urn:zitadel:iam:org:project:id:200:aud/);
    expect((await zitadel.ask(zitadel.simulator.token({}, { as: 'id-token' }))).verdict).toBe('401 claim_invalid');
  });
});

const authentik = promise('authentik', {
  person: {
    id: 'https://auth.example.com/application/o/orders/|5d8c7e1f0a',
    username: 'ann',
    emailVerified: false,
    groups: ['engineering'],
  },
  program: { id: 'Y2xpZW50' },
  keys: 'https://auth.example.com/application/o/orders/jwks/',
  wrong: [
    ['a path for the slug', { slug: 'application/o/orders' }, /authentik\.slug.*slash/],
    ['a client that is not set', { clientId: '' }, /authentik\.clientId.*environment variable/],
    ['a short secret', { clientSecret: 'short' }, /authentik\.secret/],
  ],
});

describe('authentik', () => {
  const secret = createHmac('sha256', 'x').update('secret').digest('hex');
  const claims = { iss: 'https://auth.example.com/application/o/orders/', aud: 'Y2xpZW50', sub: '5d8c7e1f0a' };

  test('knows one issuer for all providers as the same people', async () => {
    const { principal } = await authentik.ask(authentik.simulator.token({ iss: 'https://auth.example.com/' }));
    expect(principal?.id).toBe('https://auth.example.com/application/o/orders/|5d8c7e1f0a');
  });

  test('takes HS256 by the client secret alone, and hints at it', async () => {
    const token = await mintToken(claims, { secret });
    expect(await authentik.ask(token)).toMatchObject({
      verdict: '401 algorithm_not_allowed',
      hint: expect.stringMatching(/signing key.*clientSecret/),
    });
    expect((await authentik.ask(token, { clientSecret: secret })).verdict).toBe('200');
    const forged = await mintToken(claims, { secret: `${secret}x` });
    expect((await authentik.ask(forged, { clientSecret: secret })).verdict).toBe('401 signature_invalid');
  });
});
