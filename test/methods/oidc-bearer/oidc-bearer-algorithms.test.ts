import { createHmac, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Algorithm, AsymmetricAlgorithm } from '../../../lib/index.js';
import { accessClaims, accessToken, door, jwkOf, PROVIDER_PEM, pemOf, verdict } from '../../helpers/oidc-door.js';
import { segment } from '../../helpers/signing.js';

const KEYS = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  secp256k1: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  ed25519: generateKeyPairSync('ed25519'),
  ed448: generateKeyPairSync('ed448'),
};
type KeyName = keyof typeof KEYS;

const ALGORITHMS: readonly (readonly [algorithm: AsymmetricAlgorithm, key: KeyName])[] = [
  ['RS256', 'rsa'],
  ['RS384', 'rsa'],
  ['RS512', 'rsa'],
  ['PS256', 'rsa'],
  ['PS384', 'rsa'],
  ['PS512', 'rsa'],
  ['ES256', 'p256'],
  ['ES384', 'p384'],
  ['ES512', 'p521'],
  ['EdDSA', 'ed25519'],
  ['EdDSA', 'ed448'],
  ['Ed25519', 'ed25519'],
  ['Ed448', 'ed448'],
];

/** A token that says `alg`, signed as `algorithm` by the key. */
const signedBy = (key: KeyName, algorithm: Algorithm, alg: string = algorithm) =>
  accessToken({}, { algorithm, key: KEYS[key].privateKey, header: { alg } });

describe.each(ALGORITHMS)('%s with a key on %s', (algorithm, key) => {
  const publicKeys = pemOf(KEYS[key].publicKey);

  test('is taken by default', async () => {
    expect(await verdict(door({ publicKeys }), signedBy(key, algorithm))).toBe(200);
  });

  test('is taken where it is listed', async () => {
    expect(await verdict(door({ publicKeys, algorithms: [algorithm] }), signedBy(key, algorithm))).toBe(200);
  });

  test('is refused where another is listed', async () => {
    const [other, listed] = key === 'rsa' ? ([KEYS.p256, 'ES256'] as const) : ([KEYS.rsa, 'RS256'] as const);
    const method = door({ publicKeys: pemOf(other.publicKey), algorithms: [listed] });
    expect(await verdict(method, signedBy(key, algorithm))).toBe('algorithm_not_allowed');
  });
});

describe('a key verifies nothing but what its type and curve are for:', () => {
  test.each<[key: KeyName, algorithm: Algorithm, alg: string]>([
    ['p256', 'ES256', 'ES384'],
    ['p384', 'ES384', 'ES256'],
    ['p521', 'ES512', 'ES256'],
    ['rsa', 'RS256', 'ES256'],
    ['p256', 'ES256', 'RS256'],
    ['ed25519', 'EdDSA', 'Ed448'],
    ['ed448', 'EdDSA', 'Ed25519'],
    ['ed25519', 'EdDSA', 'ES256'],
  ])('a key on %s that signed %s, in a token that says %s', async (key, algorithm, alg) => {
    const method = door({ publicKeys: pemOf(KEYS[key].publicKey) });
    expect(await verdict(method, signedBy(key, algorithm, alg))).toBe('key_not_found');
  });

  test.each<[algorithm: Algorithm, alg: Algorithm]>([
    ['RS256', 'PS256'],
    ['PS256', 'RS256'],
    ['RS256', 'RS512'],
    ['PS384', 'PS256'],
  ])('an RSA key that signed %s, in a token that says %s', async (algorithm, alg) => {
    const method = door({ publicKeys: pemOf(KEYS.rsa.publicKey) });
    expect(await verdict(method, signedBy('rsa', algorithm, alg))).toBe('signature_invalid');
  });

  test('a JWK that names its alg', async () => {
    const method = door({ publicKeys: jwkOf(KEYS.rsa.publicKey, { alg: 'PS256' }) });
    expect(await verdict(method, signedBy('rsa', 'PS256'))).toBe(200);
    expect(await verdict(method, signedBy('rsa', 'RS256'))).toBe('key_not_found');
  });

  test('a curve that no algorithm has is refused at creation', () => {
    expect(() => door({ publicKeys: pemOf(KEYS.secp256k1.publicKey) })).toThrow(/fits none of the algorithms/);
  });
});

describe('the public key is no secret:', () => {
  test.each(['HS256', 'HS384', 'HS512'] as const)('%s over it is refused', async (alg) => {
    const publicKeys = pemOf(KEYS.rsa.publicKey);
    const input = `${segment({ alg, typ: 'JWT' })}.${segment(accessClaims())}`;
    for (const secret of [publicKeys, publicKeys.trim(), KEYS.rsa.publicKey.export({ type: 'spki', format: 'der' })]) {
      const mac = createHmac(`sha${alg.slice(2)}`, secret)
        .update(input)
        .digest('base64url');
      expect(await verdict(door({ publicKeys }), `${input}.${mac}`)).toBe('algorithm_not_allowed');
    }
  });
});

test.each(['none', 'None', 'NONE', 'es256', 'ES256 ', 'RSA1_5', 'A128KW', 'toString', '__proto__', 'ES256K'])(
  'the algorithm %j is refused before anything is verified or the times are looked at',
  async (alg) => {
    const token = accessToken({ exp: 1 }, { header: { alg } });
    expect(await verdict(door({ publicKeys: PROVIDER_PEM }), token)).toBe('algorithm_not_allowed');
  },
);
