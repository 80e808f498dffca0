import { describe, expect, test } from '@jest/globals';
import { AUDIENCE, accessToken, door, ISSUER, present, verdict } from '../../helpers/oidc-door.js';
import { inSeconds } from '../../helpers/tokens.js';

const principalOf = async (claims: Record<string, unknown>) => (await present(door(), accessToken(claims))).principal;

test('a person is (issuer, subject), with what the token says about them', async () => {
  const exp = inSeconds(120);
  const claims = {
    preferred_username: 'alice',
    name: 'Alice',
    jti: 'j-1',
    scope: 'a b',
    groups: ['ops'],
    azp: 'app',
    exp,
  };
  expect(await principalOf(claims)).toEqual({
    type: 'user',
    id: `${ISSUER}|alice`,
    method: 'oidcBearer',
    issuer: ISSUER,
    subject: 'alice',
    username: 'alice',
    name: 'Alice',
    groups: ['ops'],
    roles: [],
    scopes: ['a', 'b'],
    attributes: {},
    listAttributes: {},
    claims: { iss: ISSUER, aud: AUDIENCE, sub: 'alice', iat: expect.any(Number), ...claims },
    credential: { kind: 'jwt', id: 'j-1', expiresAt: new Date(exp * 1000).toISOString() },
  });
});

test('a token that never expires gives no end', async () => {
  const method = door({ requiredClaims: [] });
  const { principal } = await present(method, accessToken({ exp: undefined }));
  expect(principal.credential).toEqual({ kind: 'jwt' });
});

describe('a program is a client, by its client id:', () => {
  test.each<[what: string, claims: Record<string, unknown>, id: string]>([
    ['RFC 9068, subject and client the same', { sub: 'batch', client_id: 'batch' }, 'batch'],
    ['the same with azp', { sub: 'batch', azp: 'batch' }, 'batch'],
    ['Okta', { sub: '0oa1', cid: '0oa1' }, '0oa1'],
    ['Auth0', { sub: 'batch@clients', azp: 'batch', gty: 'client-credentials' }, 'batch'],
    ['Entra', { sub: 'oid-of-a-principal', appid: 'batch', idtyp: 'app' }, 'batch'],
    ['a service token with an empty subject', { sub: '', client_id: 'batch' }, 'batch'],
    ['a service token without a subject', { sub: undefined, azp: 'batch' }, 'batch'],
    ['one that the provider calls an app and does not name', { sub: 's', idtyp: 'app' }, `${ISSUER}|s`],
    ['a service token that names nobody', { sub: '' }, `${ISSUER}|`],
  ])('%s', async (_what, claims, id) => {
    expect(await principalOf(claims)).toMatchObject({ type: 'client', id, issuer: ISSUER });
  });
});

describe('a person stays a person', () => {
  test.each<[what: string, claims: Record<string, unknown>]>([
    ['whatever client the token was issued to', { client_id: 'app' }],
    ['with a client id of another case', { client_id: 'ALICE' }],
    ['with a client id that is no text', { client_id: ['alice'] }],
    ['with an idtyp of their own', { idtyp: 'user', azp: 'app' }],
  ])('%s', async (_what, claims) => {
    expect(await principalOf(claims)).toMatchObject({ type: 'user', id: `${ISSUER}|alice` });
  });

  test('where the subject is mapped from another claim and there is no sub', async () => {
    const method = door({ claims: { subject: 'oid' } });
    const { principal } = await present(method, accessToken({ sub: undefined, oid: 'o-1', azp: 'app' }));
    expect(principal).toMatchObject({ type: 'user', id: `${ISSUER}|o-1`, subject: 'o-1' });
  });

  test('so one with an e-mail and an empty subject is refused rather than made a client', async () => {
    expect(await verdict(door(), accessToken({ sub: '', email: 'a@example.com', azp: 'app' }))).toBe('claim_missing');
  });

  test('so a subject that the mapping misses is refused rather than made a client', async () => {
    const method = door({ claims: { subject: '/user/id' } });
    expect(await verdict(method, accessToken({ azp: 'app' }))).toBe('claim_missing');
  });
});

test('one subject at two issuers is two people', async () => {
  const other = 'https://other.example.com';
  const [here, there] = await Promise.all([
    present(door(), accessToken()),
    present(door({ issuer: other }), accessToken({ iss: other })),
  ]);
  expect([here.principal.id, there.principal.id]).toEqual([`${ISSUER}|alice`, `${other}|alice`]);
});

test('method names are the application’s', async () => {
  expect((await present(door({ name: 'staff' }), accessToken())).principal.method).toBe('staff');
});
