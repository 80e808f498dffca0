import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { readJwkSet } from '../../lib/keys/jwk-set.js';

const jwkOf = (type: 'ec' | 'ed25519' | 'ed448', namedCurve = 'P-256'): JsonWebKey =>
  (type === 'ec' ? generateKeyPairSync('ec', { namedCurve }) : generateKeyPairSync(type as 'ed25519')).publicKey.export(
    {
      format: 'jwk',
    },
  );

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsaJwk = rsa.publicKey.export({ format: 'jwk' });
const weakJwk = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
const ecJwk = jwkOf('ec');
const good = { ...ecJwk, kid: 'good' };

const algorithmsOf = (member: unknown) => readJwkSet({ keys: [member] }).keys.map((key) => key.algorithms);

test('gives every usable key with its kid, in the order of the set', () => {
  const { keys, dropped } = readJwkSet({ keys: [{ ...rsaJwk, kid: 'a' }, { ...ecJwk, kid: 'b' }, jwkOf('ed25519')] });
  expect(keys.map(({ kid }) => kid)).toEqual(['a', 'b', undefined]);
  expect(keys.every(({ key }) => key.type === 'public')).toBe(true);
  expect(dropped).toEqual([]);
});

describe('says which algorithms a key may verify', () => {
  test.each([
    ['an RSA key without alg', rsaJwk, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
    ['an RSA key with alg', { ...rsaJwk, alg: 'PS256' }, ['PS256']],
    ['a P-256 key', ecJwk, ['ES256']],
    ['a P-384 key', jwkOf('ec', 'P-384'), ['ES384']],
    ['a P-521 key', jwkOf('ec', 'P-521'), ['ES512']],
    ['an Ed25519 key', jwkOf('ed25519'), ['EdDSA', 'Ed25519']],
    ['an Ed25519 key by its older name', { ...jwkOf('ed25519'), alg: 'EdDSA' }, ['EdDSA', 'Ed25519']],
    ['an Ed25519 key by its newer name', { ...jwkOf('ed25519'), alg: 'Ed25519' }, ['EdDSA', 'Ed25519']],
    ['an Ed448 key', { ...jwkOf('ed448'), alg: 'Ed448' }, ['EdDSA', 'Ed448']],
  ])('%s', (_what, member, algorithms) => {
    expect(algorithmsOf(member)).toEqual([algorithms]);
  });
});

describe('drops a member that cannot be used, and only that one', () => {
  test.each<[string, unknown, RegExp]>([
    ['null', null, /not a JWK/],
    ['a text', 'key', /not a JWK/],
    ['an array', [], /not a JWK/],
    ['an empty object', {}, /not a valid/],
    ['a symmetric key', { kty: 'oct', k: 'AAAA', alg: 'HS256' }, /symmetric/],
    ['a private key', rsa.privateKey.export({ format: 'jwk' }), /private/],
    ['a key with one private member', { ...rsaJwk, dp: 'AQ' }, /private/],
    ['a key with k', { ...ecJwk, k: 'AQ' }, /private/],
    ['use: enc', { ...ecJwk, use: 'enc' }, /not for signatures/],
    ['use as an array', { ...ecJwk, use: ['sig'] }, /not for signatures/],
    ['key_ops without verify', { ...ecJwk, key_ops: ['encrypt'] }, /not for verifying/],
    ['key_ops as a text', { ...ecJwk, key_ops: 'verify' }, /not for verifying/],
    ['an encryption alg', { ...rsaJwk, alg: 'RSA-OAEP' }, /not a supported/],
    ['alg: none', { ...rsaJwk, alg: 'none' }, /not a supported/],
    ['alg: HS256 on an RSA key', { ...rsaJwk, alg: 'HS256' }, /another type/],
    ['an alg of another curve', { ...ecJwk, alg: 'ES384' }, /another type/],
    ['an alg that names a prototype member', { ...ecJwk, alg: 'toString' }, /not a supported/],
    ['an unknown kty', { kty: 'XYZ' }, /not a valid/],
    ['an unknown curve', jwkOf('ec', 'secp256k1'), /no supported algorithm/],
    ['a point beside its curve', { ...ecJwk, y: ecJwk.x }, /not a valid/],
    ['members of wrong types', { kty: 'RSA', n: 5, e: {} }, /not a valid/],
    ['RSA of 1024 bits', weakJwk, /1024 bits/],
    ['exponent 1', { ...rsaJwk, e: 'AQ' }, /exponent/],
    ['an even exponent', { ...rsaJwk, e: 'AQAC' }, /exponent/],
    ['a kid that is no text', { ...ecJwk, kid: 7 }, /kid/],
    ['an endless kid', { ...ecJwk, kid: 'x'.repeat(257) }, /kid/],
  ])('%s', (_what, member, reason) => {
    const { keys, dropped } = readJwkSet({ keys: [member, good] });
    expect(keys.map(({ kid }) => kid)).toEqual(['good']);
    expect(dropped).toEqual([{ reason: expect.stringMatching(reason) }]);
  });
});

test('names the dropped key, and nothing of its value', () => {
  const { dropped } = readJwkSet({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'shared' }] });
  expect(dropped).toEqual([{ kid: 'shared', reason: expect.any(String) }]);
  expect(JSON.stringify(dropped)).not.toContain('c2VjcmV0');
});

test('drops the symmetric members of a mixed set and keeps the others', () => {
  const { keys, dropped } = readJwkSet({ keys: [{ kty: 'oct', k: 'AAAA', kid: 'hmac' }, good] });
  expect([keys.length, dropped.length]).toEqual([1, 1]);
});

test('keeps all keys that share a kid, for the algorithm tells them apart', () => {
  const twin = { ...jwkOf('ec'), kid: 'twin' };
  const { keys, dropped } = readJwkSet({ keys: [twin, good, { ...rsaJwk, kid: 'twin' }] });
  expect(keys.map(({ kid }) => kid)).toEqual(['twin', 'good', 'twin']);
  expect(dropped).toEqual([]);
});

describe('takes a member that is null for one that is not there', () => {
  const NOTHING = { kid: null, use: null, key_ops: null, alg: null, x5c: null, x5t: null, d: null, k: null, oth: null };

  test.each([
    ['an RSA key', { ...rsaJwk, ...NOTHING, crv: null, x: null, y: null }, 6],
    ['an EC key', { ...ecJwk, ...NOTHING, n: null, e: null }, 1],
    ['an Ed25519 key', { ...jwkOf('ed25519'), ...NOTHING, y: null }, 2],
  ])('in %s', (_what, member, algorithms) => {
    const { keys, dropped } = readJwkSet({ keys: [member] });
    expect(dropped).toEqual([]);
    expect(keys.map((key) => [key.kid, key.algorithms.length])).toEqual([[undefined, algorithms]]);
  });

  test('and an empty kid for none', () => {
    expect(readJwkSet({ keys: [{ ...ecJwk, kid: '' }] }).keys.map(({ kid }) => kid)).toEqual([undefined]);
  });

  test('but not one that the key needs', () => {
    expect(
      readJwkSet({
        keys: [
          { ...ecJwk, crv: null },
          { ...rsaJwk, n: null },
          { ...rsaJwk, kty: null },
        ],
      }).keys,
    ).toEqual([]);
  });
});

test('keeps one key that is listed once for each of its algorithms', () => {
  const both = ['RS256', 'PS256'].map((alg) => ({ ...rsaJwk, kid: 'one', alg }));
  expect(readJwkSet({ keys: both }).keys.map(({ algorithms }) => algorithms)).toEqual([['RS256'], ['PS256']]);
});

test('an unusable member does not make the usable one of the same kid ambiguous', () => {
  const { keys } = readJwkSet({ keys: [{ ...rsaJwk, kid: 'good', use: 'enc' }, good] });
  expect(keys.map(({ kid }) => kid)).toEqual(['good']);
});

test.each([undefined, null, [], 'keys', {}, { keys: {} }, { keys: null }])('refuses %j as a set', (set) => {
  expect(() => readJwkSet(set)).toThrow('this is not a JWK Set');
});

test('refuses a set of more than 100 members whole', () => {
  expect(readJwkSet({ keys: Array(100).fill(good) }).keys).toHaveLength(100);
  expect(() => readJwkSet({ keys: Array(101).fill(good) })).toThrow('more than 100');
});
