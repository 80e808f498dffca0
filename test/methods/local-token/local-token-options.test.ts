import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { LocalTokenOptions } from '../../../lib/index.js';
import { APP, local, localOptions, SECRET } from '../../helpers/local.js';

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });

describe('localToken refuses at creation', () => {
  const key = { kid: 'a', algorithm: 'HS256', secret: SECRET };
  const spki = p256.publicKey.export({ type: 'spki', format: 'pem' });
  const [publicJwk, privateJwk] = [p256.publicKey, p256.privateKey].map((half) => half.export({ format: 'jwk' }));
  const weakRsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  test.each<[string, Record<string, unknown>, RegExp]>([
    ['no keys', { keys: undefined }, /localToken\.keys/],
    ['an empty list of keys', { keys: [] }, /at least one key/],
    ['two keys of one id', { keys: [key, key] }, /has the kid "a" twice/],
    ['a key without an id', { keys: [{ ...key, kid: '' }] }, /kid/],
    ['an algorithm that is none', { keys: [{ ...key, algorithm: 'none' }] }, /algorithm/],
    ['a secret that is too short', { keys: [{ ...key, secret: 'short' }] }, /keys\[0\]/],
    ['bytes that are too few', { keys: [{ ...key, secret: Buffer.from('short') }] }, /keys\[0\].* 5 bytes/],
    ['bytes of a public key', { keys: [{ ...key, secret: Buffer.from(spki) }] }, /keys\[0\].*PEM/],
    ['a secret that is a number', { keys: [{ ...key, secret: 1 }] }, /keys\[0\].*cannot be read/],
    ['a public JWK', { keys: [{ kid: 'a', algorithm: 'ES256', privateKey: publicJwk }] }, /cannot be read/],
    [
      'a JWK that is for another algorithm',
      { keys: [{ kid: 'a', algorithm: 'ES256', privateKey: { ...privateJwk, alg: 'ES384' } }] },
      /alg/,
    ],
    ['a secret for a private key', { keys: [{ ...key, algorithm: 'ES256' }] }, /takes a privateKey/],
    [
      'a private key for a secret',
      { keys: [{ kid: key.kid, algorithm: key.algorithm, privateKey: p256.privateKey }] },
      /takes a secret/,
    ],
    ['both', { keys: [{ ...key, privateKey: p256.privateKey }] }, /takes a secret/],
    ['a public key', { keys: [{ kid: 'a', algorithm: 'ES256', privateKey: p256.publicKey }] }, /not a private key/],
    ['a key that cannot be read', { keys: [{ kid: 'a', algorithm: 'ES256', privateKey: SECRET }] }, /cannot be read/],
    ['a key of another curve', { keys: [{ kid: 'a', algorithm: 'ES384', privateKey: p256.privateKey }] }, /curve/],
    ['a weak RSA key', { keys: [{ kid: 'a', algorithm: 'RS256', privateKey: weakRsa }] }, /2048/],
    [
      'a key that could verify but not sign',
      { keys: [{ kid: 'a', algorithm: 'EdDSA', privateKey: generateKeyPairSync('ed448').privateKey }] },
      /Ed448/,
    ],
    ['an unknown member of a key', { keys: [{ ...key, secretBase64: 'x' }] }, /secretBase64/],
    ['no issuer', { issuer: undefined }, /localToken\.issuer/],
    ['an empty audience', { audience: '' }, /localToken\.audience/],
    ['a life of nothing', { ttl: 0 }, /localToken\.ttl/],
    ['a life of two years', { ttl: 63_072_000 }, /localToken\.ttl/],
    ['a revocation list that is none', { revocations: {} }, /revoke\(\)/],
    ['users without a store or a callback', { users: {} }, /localToken\.users/],
    ['claims of other tokens', { claims: {} }, /claims: unknown option/],
    ['a cookie that is off', { cookie: false }, /localToken\.cookie/],
  ])('%s', (_title, options, message) => {
    const make = () => local(options as Partial<LocalTokenOptions>);
    expect(make).toThrow(expect.objectContaining({ name: 'ConfigurationError' }));
    expect(make).toThrow(message);
    expect(make).not.toThrow(SECRET);
  });

  test('nothing that is right', () => {
    expect(() => local()).not.toThrow();
    expect(localOptions()).toMatchObject({ issuer: APP });
  });
});
