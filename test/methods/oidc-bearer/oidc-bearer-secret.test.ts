import { createHmac, createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type OidcBearerOptions, oidcBearer, type SharedSecret, staticKeys, wafToken } from '../../../lib/index.js';
import { afterThisTest } from '../../helpers/after-this-test.js';
import { ask } from '../../helpers/asking.js';
import { CERTIFICATE } from '../../helpers/certificate.js';
import { issuerForTest } from '../../helpers/key-journey.js';
import { keyServer } from '../../helpers/key-server.js';
import { given, type Loose } from '../../helpers/loose.js';
import {
  AUDIENCE,
  accessClaims,
  accessToken,
  ISSUER,
  jwkOf,
  PROVIDER_PEM,
  pemOf,
  present,
} from '../../helpers/oidc-door.js';
import { segment } from '../../helpers/signing.js';
import { wafVerdict } from '../../helpers/waf.js';

const SECRET = 'super-secret-jwt-token-with-at-least-32-characters-long';
const OTHER = 'another-secret-of-at-least-thirty-two-characters-0000000';
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const place = await keyServer(() => ({ '/jwks': { keys: [jwkOf(curve.publicKey, { kid: 'e0c5' })] } }));

const HASHES = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const;

function hmacToken(
  secret: string | Buffer,
  header: { alg?: keyof typeof HASHES; kid?: string } = {},
  claims = {},
): string {
  const { alg = 'HS256' } = header;
  const input = `${segment({ alg, typ: 'JWT', ...header })}.${segment(accessClaims(claims))}`;
  return `${input}.${segment(createHmac(HASHES[alg], secret).update(input).digest())}`;
}
const ecToken = (key: KeyObject = curve.privateKey) => accessToken({}, { key, header: { kid: 'e0c5' } });

function method(options: Loose<OidcBearerOptions> = {}) {
  const made = oidcBearer(
    given({
      issuer: ISSUER,
      audience: AUDIENCE,
      jwksUri: `${place.origin}/jwks`,
      secret: SECRET,
      exposeReason: true,
      ...options,
    }),
  );
  afterThisTest(() => made.close());
  return made;
}

describe('a secret beside the keys of an issuer', () => {
  test('verifies its HS256 tokens, with and without a kid, and asks nobody for them', async () => {
    const before = place.asked.length;
    expect(await ask(method(), hmacToken(SECRET))).toBe('ok');
    expect(await ask(method(), hmacToken(SECRET, { kid: 'L3g4cyKid' }))).toBe('ok');
    expect(place.asked).toHaveLength(before);
  });

  test('makes one person of both kinds of token', async () => {
    const both = method();
    const [byKey, bySecret] = [await present(both, ecToken()), await present(both, hmacToken(SECRET))];
    expect([byKey.status, bySecret.status]).toEqual([200, 200]);
    expect(bySecret.principal.id).toBe(byKey.principal.id);
    expect(bySecret.principal).toMatchObject({ type: 'user', issuer: ISSUER, subject: 'alice' });
  });

  test('verifies tokens again that came before', async () => {
    const both = method();
    for (const _time of [1, 2, 3]) {
      expect([await ask(both, ecToken()), await ask(both, hmacToken(SECRET))]).toEqual(['ok', 'ok']);
    }
  });

  test.each<[string, string | Buffer]>([
    ['another secret', OTHER],
    ['the public key as PEM', pemOf(curve.publicKey)],
    ['the public key as PEM without its last line break', pemOf(curve.publicKey).trim()],
    ['the public key as DER', curve.publicKey.export({ type: 'spki', format: 'der' })],
    ['the public key as JWK', JSON.stringify(jwkOf(curve.publicKey, { kid: 'e0c5' }))],
    ['nothing at all', ''],
  ])('refuses an HS token by %s', async (_what, secret) => {
    const both = method();
    expect(await ask(both, ecToken())).toBe('ok');
    for (const header of [{}, { kid: 'e0c5' }, { alg: 'HS512' as const }]) {
      expect(await ask(both, hmacToken(secret, header))).toMatch(/^(signature_invalid|algorithm_not_allowed)$/);
    }
  });

  test('leaves all other tokens to the keys: a forged ES256 one is refused, under any kid', async () => {
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await ask(method(), ecToken(stranger.privateKey))).toBe('signature_invalid');
    expect(await ask(method(), accessToken({}, { key: stranger.privateKey, header: { kid: 'x' } }))).toBe(
      'key_not_found',
    );
  });

  test('holds its tokens to issuer and audience as all others', async () => {
    expect(await ask(method(), hmacToken(SECRET, {}, { aud: 'other' }))).toBe('audience_mismatch');
    expect(await ask(method(), hmacToken(SECRET, {}, { iss: 'other' }))).toBe('issuer_unknown');
    expect(await ask(method(), hmacToken(SECRET, {}, { exp: 1 }))).toBe('token_expired');
  });

  test('is the only way in for them: without one they are refused', async () => {
    expect(await ask(method({ secret: undefined }), hmacToken(SECRET))).toBe('algorithm_not_allowed');
  });

  test('needs no keys to be fetched, and an outage of those is none of it', async () => {
    const away = method({ jwksUri: 'http://127.0.0.1:1/jwks' });
    expect(await ask(away, hmacToken(SECRET))).toBe('ok');
    expect(await ask(away, ecToken())).toBe('keys_unavailable');
    await expect(away.ready()).rejects.toMatchObject({ code: 'keys_unavailable' });
  });

  test('counts among the keys in health()', async () => {
    const both = method({ secret: [SECRET, OTHER] });
    await both.ready();
    expect(both.health()).toMatchObject([{ source: `${place.origin}/jwks`, keyCount: 3 }]);
  });
});

describe('secrets in a list', () => {
  test('all verify, so that one can take the place of another', async () => {
    const both = method({ secret: [OTHER, { secret: SECRET }] });
    expect(await ask(both, hmacToken(SECRET))).toBe('ok');
    expect(await ask(both, hmacToken(OTHER))).toBe('ok');
    expect(await ask(both, hmacToken(`${OTHER}!`))).toBe('signature_invalid');
  });

  test('with a kid verify the tokens that name it, and those without one', async () => {
    const named = method({
      secret: [
        { secret: SECRET, kid: 'a' },
        { secret: OTHER, kid: 'b' },
      ],
    });
    expect(await ask(named, hmacToken(SECRET, { kid: 'a' }))).toBe('ok');
    expect(await ask(named, hmacToken(OTHER, { kid: 'a' }))).toBe('signature_invalid');
    expect(await ask(named, hmacToken(OTHER, { kid: 'c' }))).toBe('key_not_found');
    expect(await ask(named, hmacToken(OTHER))).toBe('ok');
  });
});

describe('a secret may be', () => {
  const bytes = Buffer.alloc(48, 0xfb);
  test.each<[string, SharedSecret]>([
    ['bytes', bytes],
    ['other bytes', new Uint8Array(bytes)],
    ['a text of base64', { secret: bytes.toString('base64'), secretEncoding: 'base64' }],
    ['a text of base64url', { secret: bytes.toString('base64url'), secretEncoding: 'base64' }],
    ['an imported key', { secret: createSecretKey(bytes) }],
  ])('%s', async (_what, secret) => {
    expect(await ask(method({ secret }), hmacToken(bytes))).toBe('ok');
    expect(await ask(method({ secret }), hmacToken(bytes, { alg: 'HS384' }))).toBe('ok');
  });

  test('short where that is said aloud', async () => {
    const secret = { secret: 'short', allowWeakSecret: true };
    expect(await ask(method({ secret }), hmacToken('short'))).toBe('ok');
  });

  test.each<[string, unknown, RegExp]>([
    ['short', 'x'.repeat(31), /secret: the secret has 31 bytes, 32 are needed/],
    ['empty', '', /secret/],
    ['no secrets', [], /secret: expects at least one secret/],
    ['undefined', undefined, /secret: is undefined: is the environment variable set\?/],
    ['undefined in a list', [SECRET, undefined], /secret\[1\]/],
    ['undefined in its options', { secret: undefined }, /secret\.secret/],
    ['null', null, /secret/],
    ['a number', 42, /secret/],
    ['a public key', PROVIDER_PEM, /PEM, a certificate or a JWK/],
    ['a certificate', CERTIFICATE, /PEM, a certificate or a JWK/],
    ['a JWK', JSON.stringify(jwkOf(curve.publicKey)), /PEM, a certificate or a JWK/],
    ['no base64', { secret: '!'.repeat(60), secretEncoding: 'base64' }, /not base64/],
    ['of an unknown encoding', { secret: SECRET, secretEncoding: 'hex' }, /secretEncoding: expects "utf8" or "base64"/],
    ['misspelt', { secrets: SECRET }, /secret\.secrets: unknown option/],
    ['a public KeyObject', { secret: curve.publicKey }, /secret/],
  ])('but not %s', (_what, secret, message) => {
    const made = () =>
      oidcBearer({ issuer: ISSUER, audience: AUDIENCE, publicKeys: PROVIDER_PEM, secret: secret as never });
    expect(made).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', message: expect.stringMatching(message) }),
    );
    expect(made).not.toThrow(new RegExp(SECRET));
  });
});

describe('algorithms beside a secret', () => {
  test('are by default every HS* that it is long enough for', async () => {
    const long = 'l'.repeat(64);
    for (const alg of ['HS256', 'HS384', 'HS512'] as const) {
      expect(await ask(method({ secret: long }), hmacToken(long, { alg }))).toBe('ok');
    }
    const short = 's'.repeat(47);
    expect(await ask(method({ secret: short }), hmacToken(short, { alg: 'HS256' }))).toBe('ok');
    expect(await ask(method({ secret: short }), hmacToken(short, { alg: 'HS384' }))).toBe('algorithm_not_allowed');
  });

  test('are those that are named', async () => {
    const narrow = method({ algorithms: ['HS512', 'ES256'], secret: 'l'.repeat(64) });
    expect(await ask(narrow, hmacToken('l'.repeat(64), { alg: 'HS512' }))).toBe('ok');
    expect(await ask(narrow, hmacToken('l'.repeat(64), { alg: 'HS256' }))).toBe('algorithm_not_allowed');
    expect(await ask(narrow, ecToken())).toBe('ok');
    expect(await ask(method({ algorithms: ['HS256', 'RS256'] }), ecToken())).toBe('algorithm_not_allowed');
  });

  test.each<[string, Loose<OidcBearerOptions>, RegExp]>([
    ['leave nothing to the secret', { algorithms: ['ES256'] }, /algorithms: names none of HS256/],
    ['leave nothing to the keys', { algorithms: ['HS256'] }, /algorithms: names HS\* only/],
    ['are unknown', { algorithms: ['none'] as never }, /algorithms: expects some of/],
    ['are none', { algorithms: [] }, /algorithms: expects some of/],
  ])('are refused that %s', (_what, options, message) => {
    expect(() => method(options)).toThrow(message);
  });
});

describe('a secret as the only source of keys', () => {
  test('is enough for an issuer that is no address', async () => {
    const own = oidcBearer({ issuer: 'our-login', audience: AUDIENCE, secret: SECRET });
    await own.ready();
    expect(await ask(own, hmacToken(SECRET, {}, { iss: 'our-login' }))).toBe('ok');
    expect(await ask(own, accessToken({ iss: 'our-login' }, { key: curve.privateKey }))).toBe('algorithm_not_allowed');
  });

  test('and for one that is an address, where the algorithms say so', async () => {
    const issuer = await issuerForTest();
    const own = oidcBearer({ issuer: issuer.url, audience: AUDIENCE, secret: SECRET, algorithms: ['HS256'] });
    await own.ready();
    expect(await ask(own, hmacToken(SECRET, {}, { iss: issuer.url }))).toBe('ok');
    expect(issuer.counts.discovery).toBe(0);
  });

  test('is one more beside discovery, which has to be said', async () => {
    const issuer = await issuerForTest();
    const options = { issuer: issuer.url, audience: issuer.audience, secret: SECRET };
    expect(() => oidcBearer(options)).toThrow(/say where those are .*sharedSecretJwt/);
    const both = oidcBearer({ ...options, discovery: { url: `${issuer.url}/.well-known/openid-configuration` } });
    afterThisTest(() => both.close());
    expect(await ask(both, await issuer.mint())).toBe('ok');
    expect(await ask(both, hmacToken(SECRET, {}, { iss: issuer.url, aud: issuer.audience }))).toBe('ok');
  });
});

describe('a secret is taken beside', () => {
  test.each<[string, () => Loose<OidcBearerOptions>]>([
    ['publicKeys', () => ({ jwksUri: undefined, publicKeys: pemOf(curve.publicKey) })],
    ['keys', () => ({ jwksUri: undefined, keys: staticKeys({ publicKeys: curve.publicKey }) })],
    [
      'initialKeys',
      () => ({ initialKeys: [jwkOf(curve.publicKey, { kid: 'e0c5' })], jwksUri: 'http://127.0.0.1:1/jwks' }),
    ],
  ])('%s', async (_what, options) => {
    const { jwksUri = undefined, ...rest } = options();
    const source = jwksUri === undefined ? rest : { ...rest, jwksUri };
    const both = oidcBearer(given({ issuer: ISSUER, audience: AUDIENCE, secret: SECRET, ...source }));
    expect([await ask(both, ecToken()), await ask(both, hmacToken(SECRET))]).toEqual(['ok', 'ok']);
    expect(await ask(both, hmacToken(OTHER))).toBe('signature_invalid');
  });

  test('what issuers() answers, and a changed one is another', async () => {
    let secret: SharedSecret = SECRET;
    const many = oidcBearer({
      issuers: (issuer) => ({ issuer, audience: AUDIENCE, secret, publicKeys: PROVIDER_PEM }),
    });
    expect(await ask(many, hmacToken(SECRET))).toBe('ok');
    expect(await ask(many, hmacToken(OTHER))).toBe('signature_invalid');
    secret = OTHER;
    expect(await ask(many, hmacToken(OTHER, {}, { iss: 'https://second.example.com' }))).toBe('ok');
    expect(await ask(many, hmacToken(SECRET, {}, { iss: 'https://second.example.com' }))).toBe('signature_invalid');
  });

  test('the keys of wafToken', async () => {
    const waf = wafToken({
      header: 'x-waf',
      issuer: ISSUER,
      audience: AUDIENCE,
      publicKeys: pemOf(curve.publicKey),
      secret: SECRET,
    });
    expect(await wafVerdict(waf, ['x-waf', hmacToken(SECRET)])).toBe(200);
    expect(await wafVerdict(waf, ['x-waf', ecToken()])).toBe(200);
    expect(await wafVerdict(waf, ['x-waf', hmacToken(pemOf(curve.publicKey))])).toMatch(/^401/);
  });
});
