import { describe, expect, test } from '@jest/globals';
import { fromCookie, memoryUsers, sharedSecretJwt } from '../../../lib/index.js';
import { SERVERS } from '../../helpers/every-server.js';
import { present, verdict } from '../../helpers/oidc-door.js';
import { getFrom } from '../../helpers/requests.js';
import { app } from '../../helpers/servers.js';
import { loginToken, OTHER_SECRET, SECRET, shared } from '../../helpers/shared-secret.js';
import { inSeconds } from '../../helpers/tokens.js';

describe.each(SERVERS)('one secret under %s', (_server, make) => {
  test('lets the person of a good token in, and asks all others for one', async () => {
    const server = make(sharedSecretJwt({ secret: SECRET }));
    const good = await getFrom(server, { Authorization: `Bearer ${loginToken({ name: 'Jane', roles: ['editor'] })}` });
    expect(good.body.principal).toMatchObject({
      type: 'user',
      id: 'sharedSecretJwt|42',
      subject: '42',
      name: 'Jane',
      roles: ['editor'],
    });
    const none = await getFrom(server, {});
    expect([none.status, none.headers['www-authenticate']]).toEqual([401, 'Bearer realm="api"']);
    const bad = await getFrom(server, { Authorization: `Bearer ${loginToken({}, { secret: OTHER_SECRET })}` });
    expect([bad.status, bad.body.code]).toEqual([401, 'invalid_token']);
  });
});

describe('a token is refused', () => {
  const none = `${loginToken({}, { header: { alg: 'none' } })
    .split('.')
    .slice(0, 2)
    .join('.')}.`;
  test.each<[string, string, string]>([
    ['that another secret signed', loginToken({}, { secret: OTHER_SECRET }), 'signature_invalid'],
    ['that an empty secret signed', loginToken({}, { secret: '' }), 'signature_invalid'],
    ['that nobody signed', none, 'token_malformed'],
    ['of another algorithm', loginToken({}, { header: { alg: 'HS384' } }), 'algorithm_not_allowed'],
    ['that says RS256', loginToken({}, { header: { alg: 'RS256' } }), 'algorithm_not_allowed'],
    ['that has ended', loginToken({ exp: inSeconds(-120) }), 'token_expired'],
    ['that never ends', loginToken({ exp: undefined }), 'claim_missing'],
    ['from the future', loginToken({ iat: inSeconds(600) }), 'token_not_yet_valid'],
    ['without a person', loginToken({ sub: undefined }), 'claim_missing'],
    ['whose issuer is no text', loginToken({ iss: 7 }), 'claim_invalid'],
    ['that is a refresh token', loginToken({ type: 'refresh' }), 'claim_invalid'],
    ['that is bound to a key', loginToken({ cnf: { jkt: 'x' } }), 'claim_invalid'],
  ])('%s', async (_what, token, code) => {
    expect(await verdict(shared(), token)).toBe(code);
  });
});

describe('issuer and audience', () => {
  test('are checked where they are given', async () => {
    const strict = shared({ issuer: 'https://login.example.com', audience: ['app', 'api'] });
    const said = { iss: 'https://login.example.com', aud: 'api' };
    expect(await verdict(strict, loginToken(said))).toBe(200);
    expect(await verdict(strict, loginToken({ ...said, aud: 'other' }))).toBe('audience_mismatch');
    expect(await verdict(strict, loginToken({ ...said, aud: undefined }))).toBe('audience_mismatch');
    expect(await verdict(strict, loginToken({ ...said, iss: 'https://login.example.com/' }))).toBe('issuer_unknown');
    expect(await verdict(strict, loginToken({ ...said, iss: undefined }))).toBe('claim_missing');
  });

  test('make person 42 of two shops two people', async () => {
    const shops = shared({ issuer: ['shop-a', 'shop-b'] });
    const ids = [];
    for (const iss of ['shop-a', 'shop-b']) ids.push((await present(shops, loginToken({ iss }))).principal.id);
    expect(ids).toEqual(['shop-a|42', 'shop-b|42']);
    expect(await verdict(shops, loginToken({ iss: 'shop-c' }))).toBe('issuer_unknown');
  });

  test('may be missing: people belong to the issuer that their token names, otherwise to the method', async () => {
    const any = shared({ name: 'login' });
    expect((await present(any, loginToken())).principal).toMatchObject({ id: 'login|42', issuer: 'login' });
    expect((await present(any, loginToken({ iss: '' }))).principal.id).toBe('login|42');
    expect((await present(any, loginToken({ iss: 'shop' }))).principal).toMatchObject({
      id: 'shop|42',
      issuer: 'shop',
    });
  });
});

describe('what every method takes', () => {
  test('finds the token in a cookie', async () => {
    const { body } = await getFrom(app(shared({ tokenFrom: fromCookie('token') })), {
      Cookie: `token=${loginToken()}`,
    });
    expect(body.principal.id).toBe('sharedSecretJwt|42');
  });

  test('maps claims: a number as id, exactly', async () => {
    const byId = shared({ claims: { subject: 'id', roles: ['permissions', 'names'] } });
    const token = loginToken({ sub: undefined, id: 42, permissions: { names: ['admin'] } });
    expect((await present(byId, token)).principal).toMatchObject({ id: 'sharedSecretJwt|42', roles: ['admin'] });
  });

  test('asks validators and isRevoked every time', async () => {
    const asked: unknown[] = [];
    let isGone = false;
    const checked = shared({
      validators: (claims) => asked.push(claims.sub) > 0,
      isRevoked: () => isGone,
    });
    const token = loginToken();
    for (const _time of [1, 2, 3]) expect(await verdict(checked, token)).toBe(200);
    isGone = true;
    expect(await verdict(checked, token)).toBe('token_revoked');
    expect(asked).toEqual(['42', '42', '42', '42']);
    expect(await verdict(shared({ validators: () => false }), token)).toBe('claim_invalid');
  });

  test('registers people once, and again for another issuer', async () => {
    const store = memoryUsers();
    const known = shared({ users: { store, autoRegister: true } });
    const [first, again, other] = [
      await present(known, loginToken({ email: 'jane@example.com' })),
      await present(known, loginToken({ email: 'jane@example.com', jti: '2' })),
      await present(known, loginToken({ iss: 'shop' })),
    ];
    expect([first.principal.created, again.principal.created ?? false, other.principal.created]).toEqual([
      true,
      false,
      true,
    ]);
    expect(again.principal.id).toBe(first.principal.id);
    expect(other.principal.id).not.toBe(first.principal.id);
  });

  test('never believes the e-mails of any issuer whatever', () => {
    const users = { store: memoryUsers(), linkByEmail: 'trusted' as const };
    expect(() => shared({ users })).toThrow(/linkByEmail: "trusted" is said of one issuer/);
    expect(() => shared({ users: { ...users, store: memoryUsers() }, issuer: ['a', 'b'] })).toThrow(/linkByEmail/);
    expect(shared({ users: { ...users, store: memoryUsers() }, issuer: 'a' }).name).toBe('sharedSecretJwt');
  });

  test('knows programs where subjects says so', async () => {
    const token = loginToken({ client_id: 'reports', sub: 'reports' });
    expect((await present(shared(), token)).principal.type).toBe('user');
    expect((await present(shared({ subjects: 'auto' }), token)).principal.type).toBe('client');
  });

  test('lets requests without a token pass, and bad tokens not', async () => {
    const server = app(shared({ credentialsRequired: false }));
    expect((await getFrom(server, {})).body.principal).toBeNull();
    expect((await getFrom(server, { Authorization: 'Bearer x' })).status).toBe(401);
  });

  test('refuses a remembered token once it has ended', async () => {
    const short = shared({ clockTolerance: 0 });
    const token = loginToken({ exp: inSeconds(2) });
    const real = Date.now;
    try {
      for (const _time of [1, 2, 3]) expect(await verdict(short, token)).toBe(200);
      const later = real() + 5000;
      Date.now = () => later;
      expect(await verdict(short, token)).toBe('token_expired');
    } finally {
      Date.now = real;
    }
  });
});
