import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Principal } from '../../lib/index.js';
import { type FromConduktorOptions, fromConduktor } from '../../lib/migrate/index.js';
import { type SecureTestIssuer, type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { presentTo } from '../helpers/consul.js';

let issuer: TestIssuer;
let secure: SecureTestIssuer;
beforeAll(async () => {
  [issuer, secure] = await Promise.all([testIssuer(), testIssuer({ tls: true })]);
});
afterAll(async () => void (await Promise.all([issuer.close(), secure.close()])));

const MAIL = 'ann@example.com';
const jwtAuth = (settings: object = {}) => ({ sso: { 'jwt-auth': { issuer: issuer.url, ...settings } } });

async function present(config: unknown, claims: object = {}, options: FromConduktorOptions = {}) {
  const { methods } = await fromConduktor(config, options);
  return presentTo(methods, await issuer.mint({ email: MAIL, ...claims }));
}

describe('sso.jwt-auth', () => {
  test('with an issuer alone: e-mail and groups stand in their claims', async () => {
    const { status, principal } = await present(jwtAuth(), { groups: ['ops'] });
    expect(status).toBe(200);
    expect(principal).toMatchObject({
      type: 'user',
      method: 'conduktor',
      issuer: issuer.url,
      email: MAIL,
      username: MAIL,
      groups: ['ops'],
    });
  });

  test('with claims of its own', async () => {
    const settings = { 'username-claim': 'upn', 'groups-claim': 'https://example.com/teams' };
    const claims = { upn: 'bob@example.com', 'https://example.com/teams': ['dev'], groups: ['admins'] };
    const { principal } = await present(jwtAuth(settings), claims);
    expect(principal).toMatchObject({ email: 'bob@example.com', username: 'bob@example.com', groups: ['dev'] });
  });

  test('takes names of claims to the letter', async () => {
    const claims = { '/a/b': 'literal@example.com', a: { b: 'pointer@example.com' } };
    const { principal } = await present(jwtAuth({ 'username-claim': '/a/b' }), claims);
    expect(principal.email).toBe('literal@example.com');
  });

  test('believes email_verified of the claim email, and of no other in its place', async () => {
    const claims = { email_verified: true, upn: 'somebody-else@example.com' };
    expect((await present(jwtAuth(), claims)).principal.emailVerified).toBe(true);
    expect((await present(jwtAuth({ 'username-claim': 'upn' }), claims)).principal).not.toHaveProperty('emailVerified');
  });

  test.each([['somebody-else'], [undefined]])('takes a token for the audience %j', async (aud) => {
    expect((await present(jwtAuth(), { aud })).status).toBe(200);
  });

  test.each([[[{ id: 1, name: 'ops' }]], [['ops', null]], [{ ops: true }]])(
    'groups of another shape, %j, count as absent where the configuration names no claim, and refuse otherwise',
    async (groups) => {
      expect((await present(jwtAuth(), { groups })).principal.groups).toEqual([]);
      expect(await present(jwtAuth({ 'groups-claim': 'groups' }), { groups })).toMatchObject({ status: 401 });
    },
  );

  test('a program is a client, and nobody registers it', async () => {
    const registered: unknown[] = [];
    const users = async (identity: unknown) => void registered.push(identity);
    const claims = { sub: 'ci', client_id: 'ci', azp: 'ci', email: 'ci@example.com' };
    const { status, principal } = await present(jwtAuth(), claims, { users });
    expect([status, principal.type, registered]).toEqual([200, 'client', []]);
  });

  test('groups are optional', async () => {
    expect((await present(jwtAuth())).principal.groups).toEqual([]);
  });

  test('a token without a subject names a person by the e-mail', async () => {
    const { status, principal } = await present(jwtAuth(), { sub: undefined });
    expect(status).toBe(200);
    expect(principal).toMatchObject({ type: 'user', id: `${issuer.url}|${MAIL}` });
  });
});

describe('refuses a token', () => {
  test.each([
    ['without an e-mail', { email: undefined }, 'claim_missing'],
    ['with an empty e-mail', { email: '' }, 'claim_missing'],
    ['with null for an e-mail', { email: null }, 'claim_missing'],
    ['whose e-mail is no text', { email: 7 }, 'claim_invalid'],
    ['whose e-mail is a list', { email: [MAIL] }, 'claim_invalid'],
    ['with an API key alone, as long as nobody can check it', { email: undefined, apikey: 'k' }, 'claim_missing'],
    ['of another issuer', { iss: 'https://evil.example' }, 'issuer_unknown'],
    ['that has expired', { iat: 1, exp: 2 }, 'token_expired'],
    ['without an end', { exp: undefined }, 'claim_missing'],
  ])('%s', async (_what, claims, code) => {
    expect(await present(jwtAuth(), claims)).toMatchObject({ status: 401, code });
  });
});

describe('the API key in a token', () => {
  const holds = (principal: Principal, secret: string) => JSON.stringify(principal).includes(secret);

  test.each([
    ['apikey', {}],
    ['console_key', { 'api-key-claim': 'console_key' }],
  ])('in the claim %s is not left in the principal', async (claim, settings) => {
    const { status, principal } = await present(jwtAuth(settings), { [claim]: 'top-secret' });
    expect(status).toBe(200);
    expect(holds(principal, 'top-secret')).toBe(false);
    expect(principal.claims.email).toBe(MAIL);
  });

  test('is not what the application is told of a new user either', async () => {
    const told: unknown[] = [];
    const users = async (identity: unknown) => {
      told.push(identity);
      return { id: 'u1' };
    };
    const { status } = await present(jwtAuth(), { apikey: 'top-secret' }, { users });
    expect(status).toBe(200);
    expect(told).toHaveLength(1);
    expect(JSON.stringify(told)).not.toContain('top-secret');
  });
});

describe('reads', () => {
  const expected = { 'username-claim': 'upn', 'groups-claim': 'teams', 'api-key-claim': 'key' };

  test.each<[string, () => unknown]>([
    ['nested keys', () => jwtAuth(expected)],
    [
      'dotted keys',
      () =>
        Object.fromEntries(
          Object.entries({ issuer: issuer.url, ...expected }).map(([key, value]) => [`sso.jwt-auth.${key}`, value]),
        ),
    ],
    ['dotted keys inside nested ones', () => ({ sso: { 'jwt-auth.issuer': issuer.url, 'jwt-auth': expected } })],
    [
      'the environment',
      () => ({
        PATH: '/bin',
        CDK_DATABASE_URL: 'postgres://x',
        CDK_SSO_JWTAUTH_ISSUER: issuer.url,
        CDK_SSO_JWTAUTH_USERNAMECLAIM: 'upn',
        CDK_SSO_JWTAUTH_GROUPSCLAIM: 'teams',
        CDK_SSO_JWTAUTH_APIKEYCLAIM: 'key',
      }),
    ],
    [
      'a variable before the file',
      () => ({ ...jwtAuth({ ...expected, issuer: 'https://old.example' }), CDK_SSO_JWTAUTH_ISSUER: issuer.url }),
    ],
    ['JSON text', () => JSON.stringify(jwtAuth(expected))],
    [
      'YAML text',
      () => `
organization: { name: example }
sso:
  jwt-auth:
    issuer: ${issuer.url}
    username-claim: upn
    groups-claim: teams
    api-key-claim: key
`,
    ],
  ])('%s', async (_what, write) => {
    const { principal } = await present(write(), { upn: 'bob@example.com', teams: 'ops', key: 'top-secret' });
    expect(principal).toMatchObject({ email: 'bob@example.com', groups: ['ops'] });
    expect(principal.claims).not.toHaveProperty('key');
  });

  test('trustedCertificates as the CA of the issuer', async () => {
    const config = (trusted: object) => ({ sso: { 'jwt-auth': { issuer: secure.url }, ...trusted } });
    const token = await secure.mint({ email: MAIL });
    const status = async (trusted: object) =>
      (await presentTo((await fromConduktor(config(trusted))).methods, token)).status;
    expect(await status({ trustedCertificates: secure.ca })).toBe(200);
    expect(await status({})).toBe(503);
    expect(await status({ ignoreUntrustedCertificate: true })).toBe(503);
  });
});
