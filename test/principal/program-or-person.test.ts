import { describe, expect, test } from '@jest/globals';
import { memoryUsers, type OidcBearerOptions } from '../../lib/index.js';
import type { Loose } from '../helpers/loose.js';
import { accessToken, door, ISSUER, present } from '../helpers/oidc-door.js';

type Claims = Record<string, unknown>;

/** What a client sees of a token whose claims have no `sub` unless they are given one. */
async function seen(claims: Claims, options: Loose<OidcBearerOptions> = {}) {
  const method = door({ issuer: String(claims.iss ?? ISSUER), ...options });
  const { status, code, principal } = await present(method, accessToken({ sub: undefined, ...claims }));
  if (status !== 200) return code;
  const { type, id, created = false } = principal;
  return { type, id, created };
}

const registering = () => ({ users: { store: memoryUsers(), autoRegister: true } });

describe('a person whose token has no sub is not the program that fetched it:', () => {
  test.each<[mark: string, claims: Claims]>([
    ['sid', { azp: 'shop-spa', sid: 's-jane', scope: 'openid profile' }],
    ['session_state', { azp: 'shop-spa', session_state: 's' }],
    ['nonce beside a scope', { client_id: 'shop-spa', nonce: 'n', scope: 'openid' }],
    ['auth_time', { client_id: 'shop-spa', auth_time: 1 }],
    ['a name', { client_id: 'shop-spa', name: 'Jane' }],
    ['an e-mail', { client_id: 'shop-spa', email: 'jane@example.com' }],
    ['a preferred_username', { client_id: 'shop-spa', preferred_username: 'jane' }],
    ['another client’s service account', { client_id: 'shop-spa', preferred_username: 'service-account-billing' }],
    ...[
      'user_name',
      'user_id',
      'uid',
      'oid',
      'cognito:username',
      'mail',
      'login',
      'picture',
      'birthdate',
      'gender',
    ].map((name): [string, Claims] => [name, { client_id: 'shop-spa', [name]: 'x' }]),
    ...['locale', 'zoneinfo', 'website', 'profile', 'middle_name'].map((name): [string, Claims] => [
      name,
      { client_id: 'shop-spa', [name]: 'x' },
    ]),
    ['email_verified', { client_id: 'shop-spa', email_verified: false }],
    ['phone_number_verified', { client_id: 'shop-spa', phone_number_verified: true }],
    ['act', { client_id: 'shop-spa', act: { sub: 'billing' } }],
    ['the scope openid', { client_id: 'shop-spa', scope: 'read openid' }],
    ['the scope openid in a list', { client_id: 'shop-spa', scp: ['read', 'openid'] }],
    ['a session beside the jti of a program', { azp: 'shop-spa', jti: 'trrtcc:1', sid: 's' }],
    ['the jti of a sign-in at Keycloak', { azp: 'shop-spa', jti: 'onltac:1' }],
  ])('%s', async (_mark, claims) => {
    expect(await seen(claims)).toBe('claim_missing');
    expect(await seen(claims, { users: { store: memoryUsers() } })).toBe('claim_missing');
  });

  test('with sub a closed store decides', async () => {
    const claims = { sub: 'jane', azp: 'shop-spa', sid: 's-jane' };
    expect(await seen(claims, { users: { store: memoryUsers() } })).toBe('user_not_registered');
  });

  test('the refusal says which claim is missing', async () => {
    const refusal = await door()
      .authenticate(bearing({ sub: undefined, sid: 's', azp: 'shop-spa' }))
      .catch((error) => error);
    expect(refusal.detail).toMatchObject({ claim: 'sub', problem: 'is missing' });
  });
});

const bearing = (claims: Claims) => {
  const headers = { authorization: `Bearer ${accessToken(claims)}` };
  return { method: 'GET', url: '/', headers, rawHeaders: Object.entries(headers).flat() } as never;
};

const GITHUB = 'https://token.actions.githubusercontent.com';
const KEYCLOAK = { sub: 'b7', azp: 'billing', client_id: 'billing', preferred_username: 'service-account-billing' };

describe('a program is a client, and nobody registers it:', () => {
  test.each<[what: string, claims: Claims, id?: string]>([
    ['Keycloak’s client credentials without sub', { azp: 'billing', client_id: 'billing', jti: 'trrtcc:1' }, 'billing'],
    [
      'Keycloak’s client credentials without sub, with the scopes of OpenID Connect',
      { azp: 'billing', jti: 'trrtcc:1', acr: '1', email_verified: false, scope: 'openid email' },
      'billing',
    ],
    ['client credentials without sub, with acr', { client_id: 'svc', acr: '1' }, 'svc'],
    ['a user name that is the client', { client_id: 'svc', user_name: 'svc', user_id: 'svc' }, 'svc'],
    ['Entra with idtyp, without sub', { oid: 'o', azp: 'cli', idtyp: 'app' }, 'cli'],
    ['a scope like openid', { client_id: 'svc', scope: 'openid.read' }, 'svc'],
    ['Maskinporten', { client_id: 'cl-1', token_type: 'Bearer', scope: 'ks:fiks' }, 'cl-1'],
    ['PingFederate', { client_id: 'svc', scope: ['read'] }, 'svc'],
    ['Keycloak’s service account', KEYCLOAK, 'billing'],
    ['Keycloak’s service account in an older version', { ...KEYCLOAK, client_id: undefined, clientId: 'billing' }],
    ['Keycloak’s service account with a session', { ...KEYCLOAK, sid: 's', clientHost: '10.0.0.1' }, 'billing'],
    ['a subject that is the client', { sub: 'svc', client_id: 'svc' }, 'svc'],
    ['Auth0’s subject', { sub: 'svc@clients', azp: 'svc' }, 'svc'],
    ['Auth0’s grant', { sub: 'svc', azp: 'x', gty: 'client-credentials' }, 'x'],
    ['UAA’s grant', { sub: 'svc', cid: 'x', grant_type: 'client_credentials' }, 'x'],
    ['Entra with idtyp', { sub: 's', oid: 'o', azp: 'cli', idtyp: 'app' }, 'cli'],
    ['Entra without idtyp', { sub: 'o', oid: 'o', azp: 'cli', azpacr: '1' }, 'cli'],
    ['Entra of version 1', { sub: 'o', oid: 'o', appid: 'cli', appidacr: '2' }, 'cli'],
    ['Authentik', { sub: 'h', client_id: 'c', preferred_username: 'ak-shop-client_credentials' }, 'c'],
    ['Google', { iss: 'https://accounts.google.com', sub: '1', azp: '1', email: 'a@p.iam.gserviceaccount.com' }, '1'],
    ['Kubernetes', { sub: 'system:serviceaccount:default:web', 'kubernetes.io': { namespace: 'default' } }],
    ['Kubernetes by the claims of a secret', { sub: 'x', 'kubernetes.io/serviceaccount/namespace': 'default' }],
    ['GitHub Actions', { iss: GITHUB, sub: 'anything' }],
    ['GitHub Actions of an enterprise', { iss: `${GITHUB}/acme`, sub: 'anything' }],
    ['GitLab', { sub: 'custom', job_id: '1', project_path: 'a/b' }],
    ['AWS', { sub: 'arn:aws:iam::123456789012:role/R' }],
    ['SPIFFE', { sub: 'spiffe://example.org/web' }],
  ])('%s', async (_what, claims, ...[id]) => {
    const issuer = String(claims.iss ?? ISSUER);
    const principal = { type: 'client', id: expect.any(String), created: false };
    const registered = await seen(claims, registering());
    expect(registered).toEqual(principal);
    if (id !== undefined) expect(registered).toMatchObject({ id });
    if (claims.sub !== undefined && id === undefined && claims.azp === undefined)
      expect(await seen(claims)).toMatchObject({ id: `${issuer}|${claims.sub}` });
  });
});

describe('a person stays a person,', () => {
  test.each<[what: string, claims: Claims]>([
    ['who is called like a service account of another client', { ...KEYCLOAK, azp: 'spa', client_id: 'spa' }],
    ['who chose the name of a service account and signed in', { ...KEYCLOAK, sid: 's' }],
    [
      'who is called like Authentik’s accounts and signed in',
      { sub: 'x', preferred_username: 'ak-x-client_credentials', sid: 's' },
    ],
    ['of Entra, through a client with a certificate', { sub: 'p', oid: 'o', azp: 'cli', azpacr: '2', scp: 'read' }],
    ['of Entra, by idtyp', { sub: 'o', oid: 'o', azpacr: '1', idtyp: 'user' }],
    ['whose subject ends like Auth0’s clients', { sub: 'jane@clients', azp: 'spa' }],
    ['with an address that is spelled like Google’s accounts', { sub: 'x', email: 'a@p.iam.gserviceaccount.com' }],
    ['with an address and a client', { sub: 'jane', azp: 'spa', email: 'jane@example.com' }],
  ])('%s', async (_what, claims) => {
    expect(await seen(claims, registering())).toMatchObject({ type: 'user', created: true });
  });
});

describe('a sentence that is everybody’s subject is nobody’s:', () => {
  const everybody = { sub: 'Not supported currently. Use oid claim.', oid: 'oid-jane', azp: 'spa' };

  test('it is refused, and the refusal says which claim names people', async () => {
    expect(await seen(everybody, registering())).toBe('claim_invalid');
    const refusal = await door()
      .authenticate(bearing(everybody))
      .catch((error) => error);
    expect(refusal.detail.hint).toContain("claims: { subject: 'oid' }");
  });

  test('the mapping that it names tells people apart', async () => {
    const mapped = { claims: { subject: 'oid' }, ...registering() };
    expect(await seen(everybody, mapped)).toMatchObject({ type: 'user', created: true });
  });
});

describe('subjects', () => {
  test('says it where nothing in a token tells', async () => {
    const subjects = ({ client_id: client }: Claims) => (client === 'bot' ? 'client' : 'user') as 'client' | 'user';
    expect(await seen({ sub: '399', client_id: 'bot' }, { subjects, ...registering() })).toMatchObject({
      type: 'client',
    });
    expect(await seen({ sub: '400', client_id: 'spa' }, { subjects, ...registering() })).toMatchObject({
      type: 'user',
    });
  });

  test('holds for all tokens of a method', async () => {
    expect(await seen({ sub: 'jane' }, { subjects: 'client', ...registering() })).toMatchObject({ type: 'client' });
    expect(await seen(KEYCLOAK, { subjects: 'user', ...registering() })).toMatchObject({ type: 'user', created: true });
    expect(await seen({ client_id: 'svc' }, { subjects: 'user' })).toBe('claim_missing');
  });

  test('that fails or answers something else is our outage, not a pass', async () => {
    const fails = () => {
      throw new Error('broken');
    };
    expect(await seen({ sub: 'jane' }, { subjects: fails })).toBe('check_failed');
    expect(await seen({ sub: 'jane' }, { subjects: (() => 'person') as never })).toBe('check_failed');
  });

  test('of another kind are refused at creation', () => {
    expect(() => door({ subjects: 'person' as never })).toThrow('oidcBearer.subjects');
  });
});
