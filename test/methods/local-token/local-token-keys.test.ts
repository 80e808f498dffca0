import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type LocalTokenOptions, oidcBearer } from '../../../lib/index.js';
import { APP, local, localLookalike, partOf, SECRET, someone } from '../../helpers/local.js';
import { accessToken, present, staticOptions, verdict } from '../../helpers/oidc-door.js';
import { hs256, inSeconds } from '../../helpers/tokens.js';

const pkcs8 = (key: ReturnType<typeof generateKeyPairSync>['privateKey']) =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString();
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed25519 = generateKeyPairSync('ed25519');

describe('keys of local tokens', () => {
  test.each<[string, LocalTokenOptions['keys'][number]]>([
    ['HS256', { kid: 'a', algorithm: 'HS256', secret: SECRET }],
    ['HS512', { kid: 'a', algorithm: 'HS512', secret: 's'.repeat(64) }],
    ['HS256, of bytes', { kid: 'a', algorithm: 'HS256', secret: randomBytes(32) }],
    ['ES256, a JWK', { kid: 'a', algorithm: 'ES256', privateKey: p256.privateKey.export({ format: 'jwk' }) }],
    ['ES256', { kid: 'a', algorithm: 'ES256', privateKey: pkcs8(p256.privateKey) }],
    ['ES256, imported', { kid: 'a', algorithm: 'ES256', privateKey: p256.privateKey }],
    ['RS256', { kid: 'a', algorithm: 'RS256', privateKey: pkcs8(rsa.privateKey) }],
    ['PS256', { kid: 'a', algorithm: 'PS256', privateKey: rsa.privateKey }],
    ['EdDSA', { kid: 'a', algorithm: 'EdDSA', privateKey: ed25519.privateKey }],
    ['Ed25519', { kid: 'a', algorithm: 'Ed25519', privateKey: ed25519.privateKey }],
  ])('sign and verify with %s', async (_title, key) => {
    const method = local({ keys: [key] });
    const { token } = await method.issue(await someone());
    expect(partOf(token, 0)).toMatchObject({ alg: key.algorithm, kid: 'a' });
    expect(await verdict(method, token)).toBe(200);
  });

  const old = { kid: 'old', algorithm: 'HS256' as const, secret: SECRET };
  const fresh = { kid: 'new', algorithm: 'ES256' as const, privateKey: p256.privateKey };

  test('rotate: the first signs, the old one still verifies, a removed one does not', async () => {
    const before = await local({ keys: [old] }).issue(await someone());
    const during = local({ keys: [fresh, old] });
    const after = local({ keys: [fresh] });
    const issued = await during.issue(await someone());
    expect(partOf(issued.token, 0).kid).toBe('new');
    expect(await verdict(during, before.token)).toBe(200);
    expect(await verdict(after, issued.token)).toBe(200);
    expect(await verdict(after, before.token)).toBe('key_not_found');
  });

  test('never verify under another key’s id or algorithm', async () => {
    const method = local({ keys: [fresh, old] });
    expect(await verdict(method, localLookalike({}, { kid: 'old' }))).toBe(200);
    expect(await verdict(method, localLookalike({}, { kid: 'new' }))).toBe('algorithm_not_allowed');
    expect(await verdict(method, localLookalike({}, { kid: undefined }))).toBe('key_not_found');
    const publicKey = p256.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const confused = hs256(partOf(localLookalike(), 1), {
      secret: publicKey,
      header: { kid: 'new', typ: 'local+jwt' },
    });
    expect(await verdict(method, confused)).toBe('algorithm_not_allowed');
  });
});

describe('nothing else is taken for a local token', () => {
  test.each([
    ['another type', {}, { typ: 'JWT' }, 'claim_invalid'],
    ['the type of an access token', {}, { typ: 'at+jwt' }, 'claim_invalid'],
    ['no type', {}, { typ: undefined }, 'claim_invalid'],
    ['another issuer', { iss: 'https://login.example.com' }, {}, 'issuer_unknown'],
    ['another audience', { aud: 'another' }, {}, 'audience_mismatch'],
    ['no audience', { aud: undefined }, {}, 'audience_mismatch'],
    ['no end', { exp: undefined }, {}, 'claim_missing'],
    ['no id', { jti: undefined }, {}, 'claim_missing'],
    ['no subject', { sub: '' }, {}, 'claim_missing'],
    ['no principal', { principal: undefined }, {}, 'claim_invalid'],
    ['a principal that is none', { principal: 'admin' }, {}, 'claim_invalid'],
    ['a principal of no type', { principal: { groups: ['ops'] } }, {}, 'claim_invalid'],
    ['an anonymous principal', { principal: { type: 'anonymous' } }, {}, 'claim_invalid'],
    ['a beginning in the future', { iat: inSeconds(600), exp: inSeconds(900) }, {}, 'token_not_yet_valid'],
  ])('that has the right key and %s', async (_title, claims, header, code) => {
    expect(await verdict(local(), localLookalike())).toBe(200);
    expect(await verdict(local(), localLookalike(claims, header))).toBe(code);
  });

  test('nor one of its own that was changed', async () => {
    const method = local();
    const { token } = await method.issue(await someone());
    const [header = '', claims = '', signature = ''] = token.split('.');
    const raised = Buffer.from(
      JSON.stringify({ ...partOf(token, 1), principal: { type: 'user', groups: ['admins'] } }),
    );
    expect(await verdict(method, `${header}.${raised.toString('base64url')}.${signature}`)).toBe('signature_invalid');
    expect(await verdict(method, `${header}.${claims}.${Buffer.alloc(32).toString('base64url')}`)).toBe(
      'signature_invalid',
    );
    expect(await verdict(method, `${header}.${claims}.`)).toBe('token_malformed');
  });

  test('nor is a local token taken for an access token, even of the same issuer and audience', async () => {
    const { privateKey, publicKey } = p256;
    const method = local({ keys: [{ kid: 'a', algorithm: 'ES256', privateKey }] });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const oidc = oidcBearer(staticOptions({ issuer: APP, audience: APP, publicKeys: pem }));
    const { token } = await method.issue(await someone());
    expect(await verdict(method, token)).toBe(200);
    expect(await verdict(oidc, token)).toBe('claim_invalid');
    const access = accessToken({ iss: APP, aud: APP, jti: 'j' }, { key: privateKey, header: { kid: 'a' } });
    expect(await verdict(oidc, access)).toBe(200);
    expect(await verdict(method, access)).toBe('claim_invalid');
  });

  test('carries only what it may, whatever stands in it', async () => {
    const carried = {
      type: 'user',
      groups: ['ops', 1],
      roles: 'admin',
      email: 7,
      attributes: { a: 'x', b: 1 },
      user: { admin: true },
    };
    const { principal } = await present(local(), localLookalike({ principal: carried }));
    expect(principal).toMatchObject({ groups: [], roles: [], attributes: { a: 'x' } });
    expect(principal.attributes).not.toHaveProperty('b');
    expect(principal).not.toHaveProperty('email');
    expect(principal).not.toHaveProperty('user');
  });
});
