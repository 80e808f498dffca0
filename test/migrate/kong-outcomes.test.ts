import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import request from 'supertest';
import { fromKong } from '../../lib/migrate/index.js';
import { alsoOwning, INVALID, kongApp, kongConfig, refused, seen } from '../helpers/kong.js';
import { app } from '../helpers/servers.js';
import { segment, signed } from '../helpers/signing.js';
import { HOWTO, hs256, inSeconds } from '../helpers/tokens.js';

const good = (claims: Record<string, unknown> = {}) => hs256({ iss: HOWTO.key, ...claims });
const header = segment({ alg: 'HS256', typ: 'JWT' });
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

const pem = (key: { export(options: { type: 'spki'; format: 'pem' }): string | Buffer }) =>
  String(key.export({ type: 'spki', format: 'pem' }));

describe('the outcome table, row by row', () => {
  test('1: no token', async () => {
    expect(await seen(await kongApp())).toEqual({
      status: 401,
      text: '{"message":"Unauthorized"}',
      challenge: 'Bearer',
    });
  });

  test('2: two different tokens, both good', async () => {
    const server = await kongApp();
    const { status, text, headers } = await request(server)
      .get(`/?jwt=${good({ n: 1 })}`)
      .set('Authorization', `Bearer ${good({ n: 2 })}`);
    expect({ status, text, challenge: headers['www-authenticate'] }).toEqual(refused('Multiple tokens provided'));
  });

  test('3: a parameter that is no text', async () => {
    const { status, text, headers } = await request(await kongApp()).get('/?jwt');
    expect({ status, text, challenge: headers['www-authenticate'] }).toEqual(refused('Unrecognizable token'));
  });

  test.each([
    ['4', 'no dot at all', 'nonsense', 'invalid JSON'],
    ['4', 'two segments', `${header}.${segment({})}`, 'invalid JSON'],
    ['4', 'a header that is not base64url', `e!.${segment({})}.aaaa`, 'invalid JSON'],
    ['4', 'a header that is not JSON', `${segment('{')}.${segment({})}.aaaa`, 'invalid JSON'],
    ['4', 'claims that are not JSON, before a missing alg', `${segment({})}.${segment('{')}.aaaa`, 'invalid JSON'],
    ['4', 'a header that only we refuse', hs256({ iss: HOWTO.key }, { header: { crit: ['exp'] } }), 'invalid JSON'],
    ['5', 'no alg, before a bad signature', `${segment({ typ: 'JWT' })}.${segment({})}.a!`, 'invalid alg'],
    ['5', 'an alg that is no text', `${segment({ alg: 1 })}.${segment({})}.aaaa`, 'invalid alg'],
    ['5', 'alg none without a signature', `${segment({ alg: 'none' })}.${segment({ iss: HOWTO.key })}.`, 'invalid alg'],
    ['5', 'alg none with one', hs256({ iss: HOWTO.key }, { header: { alg: 'none' } }), 'invalid alg'],
    ['5', 'alg in lower case', hs256({ iss: HOWTO.key }, { header: { alg: 'hs256' } }), 'invalid alg'],
    ['5', 'a header of null, where Kong crashes', `${segment('null')}.${segment({})}.aaaa`, 'invalid alg'],
    ['5', 'a header of 1, where Kong crashes', `${segment('1')}.${segment({})}.aaaa`, 'invalid alg'],
    ['6', 'claims of false', hs256('false'), 'invalid claims'],
    ['6', 'claims of null, where Kong crashes', hs256('null'), 'invalid claims'],
    ['6', 'claims of 1, where Kong crashes', hs256('1'), 'invalid claims'],
    ['7', 'a signature that is not base64url', `${header}.${segment({ iss: HOWTO.key })}.a!`, 'invalid signature'],
    ['7', 'a fourth segment', `${good()}.aaaa`, 'invalid signature'],
  ])('%s: %s', async (_row, _what, token, reason) => {
    expect(await seen(await kongApp(), token)).toEqual(refused(`Bad token; ${reason}`));
  });

  test('4: a token beyond our size', async () => {
    const long = good({ filler: 'x'.repeat(17_000) });
    const { methods } = await fromKong(kongConfig());
    const authenticated = methods[0]?.authenticate({
      headers: { authorization: `Bearer ${long}` },
      rawHeaders: [],
    } as never);
    await expect(authenticated).rejects.toMatchObject({ code: 'token_too_large', status: 401 });
  });

  test.each([
    ['8', 'the key claim is missing', hs256({ sub: 'x' }), "No mandatory 'iss' in claims"],
    ['8', 'the key claim is false', hs256({ iss: false }), "No mandatory 'iss' in claims"],
    ['9', 'the key claim is empty', hs256({ iss: '' }), "Invalid 'iss' in claims"],
    ['9', 'the key claim is null, where Kong crashes', hs256({ iss: null }), "Invalid 'iss' in claims"],
    ['9', 'the key claim is a number, where Kong crashes', hs256({ iss: 1 }), "Invalid 'iss' in claims"],
    ['9', 'the key claim is a list, where Kong crashes', hs256({ iss: [HOWTO.key] }), "Invalid 'iss' in claims"],
    ['10', 'nobody owns the key', hs256({ iss: 'nobody' }), "No credentials found for given 'iss'"],
    [
      '10',
      'the key is a name of Object.prototype',
      hs256({ iss: '__proto__' }),
      "No credentials found for given 'iss'",
    ],
    ['11', 'another algorithm', hs256({ iss: HOWTO.key }, { header: { alg: 'HS512' } }), 'Invalid algorithm'],
    ['13', 'a forged signature', hs256({ iss: HOWTO.key }, { secret: 'x'.repeat(32) }), 'Invalid signature'],
  ])('%s: %s', async (_row, _what, token, message) => {
    expect(await seen(await kongApp(), token)).toEqual(refused(message));
  });

  test('12: an ES256 credential without a key', async () => {
    const server = await kongApp({}, alsoOwning({ key: 'es', algorithm: 'ES256' }));
    const token = signed('ES256', ec.privateKey, { iss: 'es' });
    expect(await seen(server, token)).toEqual(refused('Invalid key/secret'));
  });

  test('12: an ES256 credential with something that is no PEM, where Kong crashes', async () => {
    const server = await kongApp({}, alsoOwning({ key: 'es', algorithm: 'ES256', rsa_public_key: 'no PEM' }));
    expect(await seen(server, signed('ES256', ec.privateKey, { iss: 'es' }))).toEqual(refused('Invalid key/secret'));
  });

  test('12: a secret that is not base64', async () => {
    const server = await kongApp({ secret_is_base64: true }, alsoOwning({ key: 'b', secret: 'not base64!' }));
    const token = hs256({ iss: 'b' }, { secret: 'not base64!' });
    expect(await seen(server, token)).toEqual(refused('Invalid key/secret'));
  });

  test('13: an ES256 signature of a wrong length, where Kong crashes', async () => {
    const server = await kongApp({}, alsoOwning({ key: 'es', algorithm: 'ES256', rsa_public_key: pem(ec.publicKey) }));
    const token = signed('ES256', ec.privateKey, { iss: 'es' });
    expect((await seen(server, token)).status).toBe(200);
    expect(await seen(server, `${token.slice(0, token.lastIndexOf('.'))}.AAAA`)).toEqual(refused('Invalid signature'));
  });

  test('13: PS256 with an RSA key that has not 2048 bits, where Kong crashes', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 3072 });
    const owning = alsoOwning({ key: 'ps', algorithm: 'PS256', rsa_public_key: pem(rsa.publicKey) });
    const { methods, warnings } = await fromKong(kongConfig({}, owning));
    const token = signed('PS256', rsa.privateKey, { iss: 'ps' });
    expect(await seen(app(...methods), token)).toEqual(refused('Invalid signature'));
    expect(warnings).toEqual([expect.stringContaining('consumers[0].jwt_secrets[1].rsa_public_key: has 3072 bits')]);
  });

  test('18: an anonymous consumer that does not exist is refused at load', async () => {
    await expect(fromKong(kongConfig({ anonymous: 'nobody' }))).rejects.toThrow(
      "fromKong.plugins[0].config.anonymous: anonymous consumer nobody is configured but doesn't exist",
    );
  });
});

describe('the claims', () => {
  const both = { claims_to_verify: ['exp', 'nbf'] };
  const failed = (text: Record<string, string>) => ({ status: 401, text: JSON.stringify(text), challenge: INVALID });

  test.each([
    ['expired', { exp: inSeconds(-1), nbf: 0 }, { exp: 'token expired' }],
    ['not valid yet', { exp: inSeconds(300), nbf: inSeconds(120) }, { nbf: 'token not valid yet' }],
    ['missing', {}, { nbf: 'must be a number', exp: 'must be a number' }],
    ['a text and null', { exp: '99999999999', nbf: null }, { nbf: 'must be a number', exp: 'must be a number' }],
    ['wrong in two ways', { exp: 1, nbf: inSeconds(120) }, { nbf: 'token not valid yet', exp: 'token expired' }],
  ])('14: %s', async (_what, claims, said) => {
    expect(await seen(await kongApp(both), good(claims))).toEqual(failed(said));
  });

  test('14: a number beyond all numbers is none', async () => {
    const token = hs256(`{"iss":"${HOWTO.key}","exp":1e400}`);
    expect(await seen(await kongApp({ claims_to_verify: ['exp'] }), token)).toEqual(
      failed({ exp: 'must be a number' }),
    );
  });

  test('15: further away than maximum_expiration, measured from now', async () => {
    const server = await kongApp({ claims_to_verify: ['exp'], maximum_expiration: 300 });
    const said = { exp: 'exceeds maximum allowed expiration' };
    expect(await seen(server, good({ exp: inSeconds(600) }))).toEqual(failed(said));
    expect((await seen(server, good({ exp: inSeconds(200), iat: inSeconds(-5000) }))).status).toBe(200);
  });

  test('14: this very second an exp is over and an nbf has begun', async () => {
    const server = await kongApp(both);
    const clock = jest.spyOn(Date, 'now').mockReturnValue(2_000_000_000_999);
    try {
      expect(await seen(server, good({ exp: 2e9, nbf: 2e9 }))).toEqual(failed({ exp: 'token expired' }));
      expect((await seen(server, good({ exp: 2e9 + 0.5, nbf: 2e9 }))).status).toBe(200);
      expect(await seen(server, good({ exp: 2e9 + 1, nbf: 2e9 + 0.5 }))).toEqual(
        failed({ nbf: 'token not valid yet' }),
      );
    } finally {
      clock.mockRestore();
    }
  });

  test.each([
    ['expired', { exp: 1 }],
    ['not valid yet, issued tomorrow', { nbf: inSeconds(86_400), iat: inSeconds(86_400) }],
    ['of wrong types', { exp: 'soon', nbf: {}, aud: 1, sub: [] }],
    ['an exp that no date can name', { exp: 1e300 }],
  ])('unverified, as by default, they may be %s', async (_what, claims) => {
    expect((await seen(await kongApp(), good(claims))).status).toBe(200);
  });

  test('a verified exp may lie beyond every date', async () => {
    const { status, body } = await request(await kongApp({ claims_to_verify: ['exp'] }))
      .get('/')
      .set('Authorization', `Bearer ${good({ exp: 1e300 })}`);
    expect(status).toBe(200);
    expect(body.principal.credential.expiresAt).toBe('+275760-09-13T00:00:00.000Z');
  });

  test('an exp that nobody verifies does not end the credential', async () => {
    const { body } = await request(await kongApp()).get(`/?jwt=${good({ exp: 1 })}`);
    expect(body.principal.claims.exp).toBe(1);
    expect(body.principal.credential).not.toHaveProperty('expiresAt');
  });
});

describe('the order of the checks', () => {
  test('the key before the algorithm before the signature before the times', async () => {
    const server = await kongApp({ claims_to_verify: ['exp'] });
    const header = { alg: 'HS512' };
    expect(await seen(server, hs256({ iss: 'x', exp: 1 }, { header }))).toMatchObject(
      refused("No credentials found for given 'iss'"),
    );
    expect(await seen(server, hs256({ iss: HOWTO.key, exp: 1 }, { header }))).toEqual(refused('Invalid algorithm'));
    expect(await seen(server, hs256({ iss: HOWTO.key, exp: 1 }, { secret: 'y'.repeat(32) }))).toEqual(
      refused('Invalid signature'),
    );
    expect((await seen(server, good({ exp: 1 }))).text).toBe('{"exp":"token expired"}');
  });
});

describe('the answer', () => {
  test('names the realm where one is configured', async () => {
    const server = await kongApp({ realm: 'test.com' });
    expect((await seen(server)).challenge).toBe('Bearer realm="test.com"');
    expect((await seen(server, 'x')).challenge).toBe('Bearer realm="test.com", error="invalid_token"');
  });

  test('is JSON in UTF-8', async () => {
    const { headers } = await request(await kongApp()).get('/');
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
  });

  test('to a good token in the URL carries nothing that Kong would not add', async () => {
    const { status, headers } = await request(await kongApp()).get(`/?jwt=${good()}`);
    expect(status).toBe(200);
    expect(headers).not.toHaveProperty('cache-control');
    expect(headers).not.toHaveProperty('referrer-policy');
  });
});

describe('the key', () => {
  test('stands in the payload, or else in the header', async () => {
    const server = await kongApp({ key_claim_name: 'kid' });
    expect((await seen(server, hs256({ kid: HOWTO.key }))).status).toBe(200);
    expect((await seen(server, hs256({}, { header: { kid: HOWTO.key } }))).status).toBe(200);
    expect((await seen(server, hs256({ kid: false }, { header: { kid: HOWTO.key } }))).status).toBe(200);
    const token = hs256({ kid: 'x' }, { header: { kid: HOWTO.key } });
    expect(await seen(server, token)).toEqual(refused("No credentials found for given 'kid'"));
    expect(await seen(server, good())).toEqual(refused("No mandatory 'kid' in claims"));
  });

  test('of a deleted consumer is gone with it', async () => {
    const { methods, consumers } = await fromKong(kongConfig());
    const server = app(...methods);
    expect((await seen(server, good())).status).toBe(200);
    await consumers.deleteConsumer('jsmith');
    expect(await seen(server, good())).toEqual(refused("No credentials found for given 'iss'"));
  });
});

describe('secret_is_base64', () => {
  const bytes = Buffer.from('fbfffe00112233445566778899aabbccddeeff00112233445566778899aabbcc', 'hex');
  const owning = (encoding: 'base64' | 'base64url') => alsoOwning({ key: 'b', secret: bytes.toString(encoding) });

  test.each(['base64', 'base64url'] as const)('decodes %s', async (encoding) => {
    const server = await kongApp({ secret_is_base64: true }, owning(encoding));
    expect((await seen(server, hs256({ iss: 'b' }, { secret: bytes }))).status).toBe(200);
    const undecoded = hs256({ iss: 'b' }, { secret: bytes.toString(encoding) });
    expect(await seen(server, undecoded)).toEqual(refused('Invalid signature'));
  });

  test('is each plugin its own affair', async () => {
    const plugins = [{ name: 'jwt', config: { secret_is_base64: true } }, { name: 'jwt' }];
    const secret = bytes.toString('base64');
    const owning = alsoOwning({ key: 'b', secret }, { key: 'c', secret: 'no base64!' });
    const { methods } = await fromKong(kongConfig({}, { ...owning, plugins }));
    const decoding = app(...methods.slice(0, 1));
    const plain = app(...methods.slice(1));
    const byBytes = hs256({ iss: 'b' }, { secret: bytes });
    const byText = hs256({ iss: 'b' }, { secret });
    expect((await seen(decoding, byBytes)).status).toBe(200);
    expect((await seen(plain, byText)).status).toBe(200);
    expect(await seen(decoding, byText)).toEqual(refused('Invalid signature'));
    expect(await seen(plain, byBytes)).toEqual(refused('Invalid signature'));
    const undecodable = hs256({ iss: 'c' }, { secret: 'no base64!' });
    expect(await seen(decoding, undecodable)).toEqual(refused('Invalid key/secret'));
  });
});
