import { constants, createHash, createHmac, generateKeyPairSync, type JsonWebKey, publicDecrypt } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { TestIssuer } from '../../lib/testing/index.js';
import { fakeClock } from '../helpers/fake-clock.js';
import { apiTrusting, GOOD, issuerForTest } from '../helpers/key-journey.js';
import { segment, signed } from '../helpers/signing.js';
import { inSeconds } from '../helpers/tokens.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const twin = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicJwk = ({ publicKey }: { publicKey: typeof ec.publicKey }) => publicKey.export({ format: 'jwk' });

const claimsFor = ({ url, audience }: TestIssuer) => ({ iss: url, aud: audience, sub: 'mallory', exp: inSeconds(300) });

/** The product of the primes by which ROCA moduli are told, ready to make a number that is 1 modulo each of them. */
const ROCA_PRODUCT = [11n, 13n, 17n, 19n, 37n, 53n, 61n, 71n, 73n, 79n, 97n, 103n, 107n, 109n, 127n, 151n, 157n].reduce(
  (product, prime) => product * prime,
);

/** Odd, of 2048 bits, and 1 (a power of everything) modulo every prime that is looked at. */
function rocaModulus(): string {
  const factor = (1n << 2047n) / ROCA_PRODUCT + 1n;
  const modulus = (factor + (factor % 2n)) * ROCA_PRODUCT + 1n;
  return Buffer.from(modulus.toString(16), 'hex').toString('base64url');
}

/** With exponent 1, a signature is the padded hash itself (RFC 8017 section 9.2); anybody can write that down. */
function forgedForExponentOne(claims: object): string {
  const input = `${segment({ alg: 'RS256', kid: 'bad' })}.${segment(claims)}`;
  const digest = createHash('sha256').update(input).digest();
  const info = Buffer.concat([Buffer.from('3031300d060960864801650304020105000420', 'hex'), digest]);
  const padding = Buffer.alloc(256 - info.length - 3, 0xff);
  return `${input}.${segment(Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), info]))}`;
}

interface BadMember {
  readonly member: unknown;
  readonly reason: RegExp;
  /** What somebody could do if the member were taken. */
  readonly attack?: (issuer: TestIssuer) => string;
}

const signedBy =
  (algorithm: 'RS256' | 'ES256', { privateKey }: typeof ec) =>
  (issuer: TestIssuer) =>
    signed(algorithm, privateKey, claimsFor(issuer), { kid: 'bad' });

const BAD: Readonly<Record<string, BadMember>> = {
  'no object': { member: 'key', reason: /not a JWK/ },
  'an unknown type': { member: { kty: 'XYZ', kid: 'bad' }, reason: /not a valid public JWK/ },
  'a private key': {
    member: { ...ec.privateKey.export({ format: 'jwk' }), kid: 'bad' },
    reason: /private/,
    attack: signedBy('ES256', ec),
  },
  'a symmetric key': {
    member: { kty: 'oct', k: Buffer.alloc(32, 7).toString('base64url'), kid: 'bad', alg: 'HS256' },
    reason: /symmetric/,
    attack: (issuer) => {
      const input = `${segment({ alg: 'HS256', kid: 'bad' })}.${segment(claimsFor(issuer))}`;
      return `${input}.${segment(createHmac('sha256', Buffer.alloc(32, 7)).update(input).digest())}`;
    },
  },
  'RSA with 1024 bits': {
    member: { ...publicJwk(weak), kid: 'bad' },
    reason: /1024 bits/,
    attack: signedBy('RS256', weak),
  },
  'RSA with exponent 1': {
    member: { ...publicJwk(rsa), e: 'AQ', kid: 'bad' },
    reason: /exponent/,
    attack: (issuer) => forgedForExponentOne(claimsFor(issuer)),
  },
  'a ROCA modulus': { member: { kty: 'RSA', n: rocaModulus(), e: 'AQAB', kid: 'bad' }, reason: /ROCA/ },
  'a key for encryption': {
    member: { ...publicJwk(rsa), use: 'enc', kid: 'bad' },
    reason: /not for signatures/,
    attack: signedBy('RS256', rsa),
  },
};

describe.each(Object.entries(BAD))('a set with %s among its members', (_what, { member, reason, attack }) => {
  test('serves its good keys, says what it dropped, and takes nothing from the dropped one', async () => {
    const issuer = await issuerForTest();
    issuer.fault('jwks', { body: { keys: [member, ...issuer.jwks().keys] } });
    const api = apiTrusting(issuer);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    const dropped = api.told('key_dropped');
    expect(dropped).toEqual([expect.objectContaining({ source: issuer.url, reason: expect.stringMatching(reason) })]);
    expect(api.told('keys_loaded')).toEqual([{ type: 'keys_loaded', source: issuer.url, keyCount: 1 }]);
    if (attack !== undefined) expect((await api.get(attack(issuer))).status).toBe(401);
  });

  test('and no others is an outage, and does not replace a good set', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest();
    issuer.fault('jwks', { body: { keys: [member] } });
    const api = apiTrusting(issuer);
    expect(await api.get(await issuer.mint())).toMatchObject({ status: 503, code: 'keys_unavailable' });
    issuer.heal();
    advance(31);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    issuer.fault('jwks', { body: { keys: [member] } });
    advance(601);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    if (attack !== undefined) expect((await api.get(attack(issuer))).status).not.toBe(200);
  });
});

test('the forgery for exponent 1 would have been believed', () => {
  const token = forgedForExponentOne({ sub: 'mallory' });
  const signature = Buffer.from(token.split('.')[2] ?? '', 'base64url');
  const key = { ...publicJwk(rsa), e: 'AQ' } as JsonWebKey;
  const padded = publicDecrypt({ key, format: 'jwk', padding: constants.RSA_NO_PADDING } as never, signature);
  expect(padded.equals(signature)).toBe(true);
});

describe('duplicate kids', () => {
  const withTwins = async (kids: readonly [string, string]) => {
    const issuer = await issuerForTest();
    const members = [ec, twin].map((pair, index) => ({ ...publicJwk(pair), kid: kids[index] }));
    issuer.fault('jwks', { body: { keys: [...members, ...issuer.jwks().keys] } });
    return { issuer, api: apiTrusting(issuer) };
  };

  test('of two keys for one algorithm are both tried, and no third key is', async () => {
    const { issuer, api } = await withTwins(['bad', 'bad']);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    for (const pair of [ec, twin]) expect(await api.get(signedBy('ES256', pair)(issuer))).toEqual(GOOD);
    const third = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await api.get(signedBy('ES256', third)(issuer))).toEqual({ status: 401, code: 'signature_invalid' });
    expect(api.told('key_dropped')).toEqual([]);
  });

  test('of a key under another id are no reason to try that key', async () => {
    const { issuer, api } = await withTwins(['bad', 'other']);
    expect(await api.get(signedBy('ES256', ec)(issuer))).toEqual(GOOD);
    expect(await api.get(signedBy('ES256', twin)(issuer))).toEqual({ status: 401, code: 'signature_invalid' });
  });

  test('of more than eight keys for one algorithm: eight are tried', async () => {
    const pairs = Array.from({ length: 9 }, () => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    const issuer = await issuerForTest();
    issuer.fault('jwks', { body: { keys: pairs.map((pair) => ({ ...publicJwk(pair), kid: 'bad' })) } });
    const api = apiTrusting(issuer);
    const answers = [];
    for (const pair of pairs) answers.push((await api.get(signedBy('ES256', pair)(issuer))).status);
    expect(answers).toEqual([...Array(8).fill(200), 401]);
  });

  test('of keys of different types are told apart by the token’s algorithm, each for its own', async () => {
    const issuer = await issuerForTest();
    const curves = { ES256: ec, ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }) } as const;
    const members = [rsa, ...Object.values(curves)].map((pair) => ({ ...publicJwk(pair), kid: 'bad' }));
    issuer.fault('jwks', { body: { keys: members } });
    const api = apiTrusting(issuer);
    const tokenBy = (algorithm: 'RS256' | 'PS256' | 'ES256' | 'ES384', { privateKey }: typeof ec) =>
      signed(algorithm, privateKey, claimsFor(issuer), { kid: 'bad' });
    expect(await api.get(tokenBy('RS256', rsa))).toEqual(GOOD);
    expect(await api.get(tokenBy('PS256', rsa))).toEqual(GOOD);
    expect(await api.get(tokenBy('ES256', ec))).toEqual(GOOD);
    expect(await api.get(tokenBy('ES384', curves.ES384))).toEqual(GOOD);
    expect((await api.get(tokenBy('ES256', twin))).code).toBe('signature_invalid');
  });

  test('are told apart by their own alg, too', async () => {
    const issuer = await issuerForTest();
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const members = [
      { ...publicJwk(rsa), kid: 'bad', alg: 'RS256' },
      { ...publicJwk(other), kid: 'bad', alg: 'PS256' },
    ];
    issuer.fault('jwks', { body: { keys: members } });
    const api = apiTrusting(issuer);
    const by = (algorithm: 'RS256' | 'PS256', { privateKey }: typeof rsa) =>
      api.get(signed(algorithm, privateKey, claimsFor(issuer), { kid: 'bad' }));
    expect([(await by('RS256', rsa)).status, (await by('PS256', other)).status]).toEqual([200, 200]);
    expect([(await by('PS256', rsa)).code, (await by('RS256', other)).code]).toEqual([
      'signature_invalid',
      'signature_invalid',
    ]);
  });
});

describe('members that are null, or an empty kid,', () => {
  const NOTHING = { use: null, key_ops: null, alg: null, x5c: null, x5t: null, d: null };

  test('cost no key its place in the set', async () => {
    const issuer = await issuerForTest();
    issuer.fault('jwks', { body: { keys: [{ ...publicJwk(ec), ...NOTHING, kid: 'bad' }] } });
    expect(await apiTrusting(issuer).get(signedBy('ES256', ec)(issuer))).toEqual(GOOD);
  });

  test.each([null, '', undefined])('%j in a set and in a token, are no kid', async (kid) => {
    const issuer = await issuerForTest();
    for (const shown of [null, '', undefined]) {
      issuer.fault('jwks', {
        body: {
          keys: [
            { ...publicJwk(twin), kid: 'a' },
            { ...publicJwk(ec), kid: shown },
          ],
        },
      });
      const api = apiTrusting(issuer);
      const token = (pair: typeof ec) => signed('ES256', pair.privateKey, claimsFor(issuer), { kid });
      expect([await api.get(token(ec)), await api.get(token(twin))]).toEqual([GOOD, GOOD]);
      const third = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      expect(await api.get(token(third))).toMatchObject({ status: 401, code: 'signature_invalid' });
    }
  });
});

describe('a token and the keys', () => {
  test('a kid that matches nothing never falls back to another key', async () => {
    const issuer = await issuerForTest();
    const token = await issuer.mint({}, { header: { kid: 'someone-elses' } });
    expect(await apiTrusting(issuer).get(token)).toEqual({ status: 401, code: 'key_not_found' });
  });

  test('without a kid, every fitting key is tried', async () => {
    const issuer = await issuerForTest({ algorithms: ['RS256', 'ES256'] });
    await issuer.rotate();
    const token = await issuer.mint({}, { algorithm: 'ES256', header: { kid: undefined } });
    expect(await apiTrusting(issuer).get(token)).toEqual(GOOD);
  });

  test('an algorithm that the key is not for is refused, without asking the provider again', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest({ algorithms: ['RS256', 'ES256'] });
    const api = apiTrusting(issuer);
    await api.method.ready();
    advance(31);
    const [key] = issuer.jwks().keys;
    const token = await issuer.mint({}, { algorithm: 'ES256', header: { kid: key?.kid } });
    expect(await api.get(token)).toEqual({ status: 401, code: 'key_not_found' });
    expect(issuer.counts.jwks).toBe(1);
  });

  test('an algorithm that is not configured is refused before anything is fetched', async () => {
    const issuer = await issuerForTest({ algorithms: ['RS256'] });
    const api = apiTrusting(issuer, { algorithms: ['ES256'] });
    expect(await api.get(await issuer.mint())).toEqual({ status: 401, code: 'algorithm_not_allowed' });
    expect(issuer.counts.discovery).toBe(0);
  });

  test('more than 100 members are no key set', async () => {
    const issuer = await issuerForTest();
    const [key] = issuer.jwks().keys;
    issuer.fault('jwks', { body: { keys: Array(101).fill(key) } });
    expect(await apiTrusting(issuer).get(await issuer.mint())).toMatchObject({ status: 503 });
    issuer.fault('jwks', { body: { keys: Array(100).fill(key) } });
    expect(await apiTrusting(issuer).get(await issuer.mint())).toEqual(GOOD);
  });

  test('a key serves its own issuer only', async () => {
    const [one, other] = [await issuerForTest(), await issuerForTest()];
    const token = await other.mint({ iss: one.url });
    const api = apiTrusting(one);
    expect(await api.get(token)).toEqual({ status: 401, code: 'key_not_found' });
    expect(other.counts).toEqual({ discovery: 0, jwks: 0, token: 0, introspection: 0 });
  });
});
