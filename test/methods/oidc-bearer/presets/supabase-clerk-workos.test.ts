import { describe, expect, test } from '@jest/globals';
import { mintToken } from '../../../../lib/testing/index.js';
import { promise } from '../../../helpers/oidc-provider-promises.js';
import { present } from '../../../helpers/oidc-providers.js';

const supabase = promise('supabase', {
  person: {
    id: 'https://abcdefgh.supabase.co/auth/v1|11111111-aaaa-4bbb-8ccc-222222222222',
    email: 'ann@example.com',
    roles: ['editor'],
    attributes: { role: 'authenticated', aal: 'aal1' },
  },
  keys: 'https://abcdefgh.supabase.co/auth/v1/.well-known/jwks.json',
  wrong: [
    ['an address for the reference', { projectRef: 'https://abcdefgh.supabase.co' }, /supabase\.projectRef.*address/],
    ['both reference and address', { url: 'https://db.acme.com' }, /supabase\.projectRef.*contradicts url/],
    ['neither', { projectRef: undefined }, /supabase\.projectRef.*required, or url/],
    ['a secret that is not set', { jwtSecret: '' }, /oidcPresets\.supabase/],
  ],
});

describe('Supabase', () => {
  const secret = 'super-secret-jwt-token-with-at-least-32-characters';
  const person = {
    iss: 'https://abcdefgh.supabase.co/auth/v1',
    aud: 'authenticated',
    sub: '1111',
    role: 'authenticated',
  };

  test('never believes what people write about themselves', async () => {
    const { principal } = await supabase.ask(supabase.simulator.token());
    expect(principal).not.toHaveProperty('emailVerified');
    expect(principal?.roles).not.toContain('admin');
  });

  test('takes HS256 by the legacy secret alone, and hints at it', async () => {
    const token = await mintToken(person, { secret });
    expect((await supabase.ask(token, { jwtSecret: secret })).verdict).toBe('200');
    expect(await supabase.ask(token)).toMatchObject({
      verdict: '401 algorithm_not_allowed',
      hint: expect.stringMatching(/jwtSecret/),
    });
  });

  test.each([
    [
      'the key of the project, as it is issued',
      { iss: 'supabase', role: 'service_role', sub: undefined, aud: undefined },
      '401 issuer_unknown',
    ],
    ['the service role', { role: 'service_role' }, '401 claim_invalid'],
    ['the anonymous role', { role: 'anon' }, '401 claim_invalid'],
    ['nobody', { sub: undefined }, '401 claim_invalid'],
  ])('refuses %s, and names it', async (_title, claims, verdict) => {
    const refused = await supabase.ask(mintToken({ ...person, ...claims }, { secret }), { jwtSecret: secret });
    expect(refused).toMatchObject({ verdict, hint: expect.stringMatching(/service_role.*session/) });
  });

  test('never registers who signed in anonymously', async () => {
    const { verdict, principal } = await supabase.register(supabase.simulator.token({ is_anonymous: true, email: '' }));
    expect([verdict, principal?.type, principal?.user, principal?.email]).toEqual([
      '200',
      'client',
      undefined,
      undefined,
    ]);
  });

  test('knows an instance of one’s own', () => {
    const method = supabase.preset({ projectRef: undefined, url: 'https://db.acme.com', jwksUri: undefined });
    expect(method.health()[0]?.source).toBe('https://db.acme.com/auth/v1/.well-known/jwks.json');
  });
});

const clerk = promise('clerk', {
  person: {
    id: 'https://clerk.acme.com|user_2abc',
    roles: ['admin'],
    scopes: ['read', 'manage'],
    attributes: { organization_id: 'org_1' },
  },
  keys: 'https://clerk.acme.com/.well-known/jwks.json',
  refusals: { audience: '401 claim_invalid' },
  wrong: [
    ['no party', { authorizedParties: [] }, /clerk\.authorizedParties.*empty list/],
    ['a bare host', { authorizedParties: ['app.acme.com'] }, /authorizedParties.*write "https:\/\/app\.acme\.com"/],
    [
      'a page',
      { authorizedParties: ['https://app.acme.com/home'] },
      /authorizedParties.*write "https:\/\/app\.acme\.com"/,
    ],
    ['one party that is no list', { authorizedParties: 'https://app.acme.com' }, /authorizedParties.*list/],
  ],
});

describe('Clerk', () => {
  test.each([
    ['another page', { azp: 'https://evil.example.com' }],
    ['no page', { azp: undefined }],
    ['a session that is pending', { sts: 'pending' }],
  ])('refuses the token of %s, with a hint', async (_title, claims) => {
    const { verdict, hint } = await clerk.ask(clerk.simulator.token(claims));
    expect([verdict, hint]).toEqual(['401 claim_invalid', expect.stringMatching(/\w/)]);
  });

  test('takes the cookie of the same site where the header has no token', async () => {
    const { simulator, preset } = clerk;
    const cookie = `__session=${await simulator.token()}; __client_uat=1`;
    const template = await simulator.token({ aud: 'api', email: 'ann@example.com' });
    const both = await present(preset(), template, cookie);
    expect([both.verdict, both.principal?.email]).toEqual(['200', 'ann@example.com']);
    const alone = await present(preset(), '', cookie);
    expect([alone.verdict, alone.principal?.subject]).toEqual(['200', 'user_2abc']);
  });

  test('reads the organisation in the first version of its tokens', async () => {
    const old = { v: undefined, o: undefined, org_id: 'org_1', org_role: 'org:admin', org_permissions: ['org:read'] };
    const { principal } = await clerk.ask(clerk.simulator.token(old));
    expect(principal).toMatchObject({
      roles: ['org:admin'],
      scopes: ['org:read'],
      attributes: { organization_id: 'org_1' },
    });
  });
});

const workos = promise('workos', {
  person: {
    id: 'https://api.workos.com/user_management/client_01ABC|user_01HBEQKA6K4QJAS93VPE39W1JT',
    roles: ['member', 'editor'],
    scopes: ['posts:read'],
    attributes: { org_id: 'org_01' },
    listAttributes: { entitlements: ['audit-logs'], feature_flags: ['beta'] },
  },
  program: { roles: [] },
  keys: 'https://api.workos.com/sso/jwks/client_01ABC',
  refusals: { audience: '401 issuer_unknown' },
  wrong: [
    ['an address for the client', { clientId: 'https://api.workos.com/client_01' }, /workos\.clientId.*address/],
    ['a client that is not set', { clientId: '' }, /workos\.clientId.*environment variable/],
  ],
});

describe('WorkOS', () => {
  test.each(['https://api.workos.com', 'https://login.acme.com'])('knows %s as the same issuer', async (iss) => {
    const { principal } = await workos.ask(workos.simulator.token({ iss }), { customDomain: 'login.acme.com' });
    expect(principal?.issuer).toBe('https://api.workos.com/user_management/client_01ABC');
  });

  test('keeps the people of several clients apart, each with the keys of its own', async () => {
    const clientIds = ['client_01ABC', 'client_02XYZ'];
    const several = { clientId: undefined, clientIds };
    const iss = 'https://api.workos.com/user_management/client_02XYZ';
    expect((await workos.ask(workos.simulator.token(), several)).principal).toMatchObject({
      roles: ['member', 'editor'],
    });
    expect((await workos.ask(workos.simulator.token({ iss }), several)).principal?.issuer).toBe(iss);
    for (const stranger of ['https://api.workos.com', 'https://api.workos.com/user_management/client_03'])
      expect((await workos.ask(workos.simulator.token({ iss: stranger }), several)).verdict).toBe('401 issuer_unknown');
    expect(() => workos.preset({ ...several, issuer: 'https://own.example.com' })).toThrow(
      /workos\.issuer.*contradicts/,
    );
    expect(() => workos.preset({ ...several, clientIds: [] })).toThrow(/workos\.clientIds.*empty list/);
  });

  test('says who a colleague is that acts for a person', async () => {
    const { principal } = await workos.ask(workos.simulator.token({ act: { sub: 'admin@acme.com' } }));
    expect(principal?.claims.act).toEqual({ sub: 'admin@acme.com' });
  });

  test('names a token for an MCP server', async () => {
    const { verdict, hint } = await workos.ask(workos.simulator.token({ iss: 'https://acme.authkit.app' }));
    expect([verdict, hint]).toEqual(['401 issuer_unknown', expect.stringMatching(/MCP.*oidcBearer/)]);
  });
});
