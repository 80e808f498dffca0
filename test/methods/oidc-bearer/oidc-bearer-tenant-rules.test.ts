import { describe, expect, test } from '@jest/globals';
import { type IssuersAnswer, oidcBearer, type Principal } from '../../../lib/index.js';
import type { Loose } from '../../helpers/loose.js';
import { accessToken, ISSUER, present, STRANGER_KEY, STRANGER_PEM, verdict } from '../../helpers/oidc-door.js';
import { resolvedBy, tenant } from '../../helpers/tenants.js';
import { inSeconds } from '../../helpers/tokens.js';

type Claims = Record<string, unknown>;
type Own = Loose<IssuersAnswer>;

const withOwn = (own: Own) => resolvedBy(() => tenant(own));

describe('issuers() may answer with everything that one issuer’s method takes:', () => {
  test.each<[what: string, own: Own, claims: Claims, becomes: Partial<Principal>]>([
    ['claims', { claims: { scopes: 'permissions' } }, { permissions: ['read'] }, { scopes: ['read'] }],
    [
      'roleBindings',
      { roleBindings: [{ when: () => true, role: 'member' }] },
      { roles: ['admin'] },
      { roles: ['admin', 'member'] },
    ],
    ['scopes', { scopes: { implies: { write: ['read'] } } }, { scope: 'write' }, { scopes: ['write', 'read'] }],
    ['subjects', { subjects: 'client' }, { client_id: 'robot' }, { type: 'client', id: `${ISSUER}|robot` }],
    ['requiredClaims', { requiredClaims: [] }, { exp: undefined }, { subject: 'alice' }],
    ['clockTolerance', { clockTolerance: 300 }, { exp: inSeconds(-200) }, { subject: 'alice' }],
    ['accepts', { accepts: 'id-token' }, { nonce: 'n', at_hash: 'h' }, { subject: 'alice' }],
    ['clients', { audience: null, clients: ['web'] }, { aud: undefined, azp: 'web' }, { subject: 'alice' }],
  ])('%s', async (_what, own, claims, becomes) => {
    const { status, principal } = await present(withOwn(own), accessToken(claims));
    expect([status, principal]).toEqual([200, expect.objectContaining(becomes)]);
  });

  test.each<[what: string, own: Own, claims: Claims, code: string]>([
    ['validators', { validators: ({ amr }) => amr?.includes('otp') === true }, { amr: ['sms'] }, 'claim_invalid'],
    ['isRevoked', { isRevoked: ({ jti }) => jti === 'j1' }, { jti: 'j1' }, 'token_revoked'],
    ['requiredClaims', { requiredClaims: ['exp', 'jti'] }, {}, 'claim_missing'],
    ['clockTolerance', { clockTolerance: 0 }, { exp: inSeconds(-5) }, 'token_expired'],
    ['maxLifetime', { maxLifetime: 60 }, {}, 'token_lifetime_exceeded'],
    ['maxAge', { maxAge: 60 }, { iat: inSeconds(-121) }, 'token_expired'],
    ['clients', { clients: ['web'] }, { azp: 'evil' }, 'audience_mismatch'],
    ['subjects', { subjects: 'user' }, { sub: '', client_id: 'robot' }, 'claim_missing'],
  ])('%s refuses', async (_what, own, claims, code) => {
    expect(await verdict(withOwn(own), accessToken(claims))).toBe(code);
  });
});

describe('what issuers() does not answer', () => {
  const other = 'https://other.example.com';
  const token = (claims: Claims = {}) => accessToken({ permissions: ['read'], roles: ['r'], jti: 'j1', ...claims });

  test('is that of the method, member by member in claims', async () => {
    const method = oidcBearer({
      issuers: (iss) => tenant({ issuer: iss, ...(iss === ISSUER ? { claims: { scopes: 'permissions' } } : {}) }),
      claims: { scopes: 'scp', groups: 'roles' },
      maxLifetime: 300,
      exposeReason: true,
    });
    expect((await present(method, token())).principal).toMatchObject({ scopes: ['read'], groups: ['r'] });
    const foreign = token({ iss: other, scp: ['x'] });
    expect((await present(method, foreign)).principal).toMatchObject({ scopes: ['x'], groups: ['r'] });
    expect(await verdict(method, token({ exp: inSeconds(900) }))).toBe('token_lifetime_exceeded');
  });

  test('is checked too: validators and isRevoked of the method are asked for every issuer', async () => {
    const asked: string[] = [];
    const own = { validators: () => asked.push('own') > 0, isRevoked: () => asked.push('own revoked') < 0 };
    const method = oidcBearer({
      issuers: () => tenant(own),
      validators: () => asked.push('shared') > 0,
      isRevoked: ({ jti }) => asked.push('shared revoked') > 0 && jti === 'j2',
      exposeReason: true,
    });
    expect(await verdict(method, token())).toBe(200);
    expect(asked).toEqual(['shared', 'own', 'shared revoked', 'own revoked']);
    expect(await verdict(method, token({ jti: 'j2' }))).toBe('token_revoked');
  });
});

describe('the rules of one tenant', () => {
  const other = 'https://other.example.com';

  test('are never used for another, however often their tokens come', async () => {
    const own: Readonly<Record<string, Own>> = {
      [ISSUER]: { claims: { roles: 'a' }, validators: ({ a }) => a !== undefined },
      [other]: { claims: { roles: 'b' }, subjects: 'client', publicKeys: STRANGER_PEM },
    };
    const method = resolvedBy((iss: string) => tenant({ issuer: iss, ...own[iss] }));
    const both = { a: ['of-a'], b: ['of-b'], azp: 'web' };
    const [one, two] = [accessToken(both), accessToken({ ...both, iss: other }, { key: STRANGER_KEY })];
    for (let time = 0; time < 3; time += 1) {
      expect((await present(method, one)).principal).toMatchObject({ type: 'user', roles: ['of-a'] });
      expect((await present(method, two)).principal).toMatchObject({ type: 'client', roles: ['of-b'] });
    }
    expect(await verdict(method, accessToken({ b: ['x'] }))).toBe('claim_invalid');
  });
});
