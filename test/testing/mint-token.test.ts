import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, type JWK, jwtVerify } from 'jose';
import { type MintOptions, mintToken } from '../../lib/testing/index.js';

const secret = 's'.repeat(64);
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');

describe('signs with any algorithm', () => {
  test.each<[NonNullable<MintOptions['algorithm']>, typeof ec]>([
    ['ES256', ec],
    ['RS256', rsa],
    ['PS512', rsa],
    ['EdDSA', ed],
    ['Ed25519', ed],
  ])('%s', async (algorithm, { privateKey, publicKey }) => {
    const token = await mintToken({ sub: 'jane' }, { algorithm, key: privateKey });
    await expect(jwtVerify(token, publicKey)).resolves.toMatchObject({ payload: { sub: 'jane' } });
  });

  test.each(['HS256', 'HS384', 'HS512'] as const)('%s', async (algorithm) => {
    const token = await mintToken({}, { algorithm, secret });
    await expect(jwtVerify(token, Buffer.from(secret))).resolves.toBeDefined();
  });
});

describe('the key says the algorithm, where nobody does:', () => {
  test.each<[string, Pick<MintOptions, 'key' | 'secret'>]>([
    ['HS256', { secret }],
    ['RS256', { key: rsa.privateKey }],
    ['ES256', { key: ec.privateKey }],
    ['ES384', { key: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey }],
    ['EdDSA', { key: ed.privateKey }],
  ])('%s', async (alg, material) => {
    expect(decodeProtectedHeader(await mintToken({}, material))).toMatchObject({ alg });
  });

  test('and one that no algorithm is for is refused', async () => {
    const { privateKey } = generateKeyPairSync('x25519');
    await expect(mintToken({}, { key: privateKey })).rejects.toThrow('no algorithm fits the key');
  });
});

test.each([
  ['PEM', ec.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()],
  ['a JWK', ec.privateKey.export({ format: 'jwk' }) as JWK],
])('takes the private key as %s', async (_form, key) => {
  await expect(jwtVerify(await mintToken({}, { algorithm: 'ES256', key }), ec.publicKey)).resolves.toBeDefined();
});

test('lives for five minutes, or for as long as it is told to', async () => {
  const lifetimeOf = async (lifetime?: number) => {
    const shape = lifetime === undefined ? {} : { lifetime };
    const { exp = 0, iat = 0 } = decodeJwt(await mintToken({}, { algorithm: 'HS256', secret, ...shape }));
    return exp - iat;
  };
  expect([await lifetimeOf(), await lifetimeOf(-60)]).toEqual([300, -60]);
});

test('adds nothing to the claims but the times, and leaves out what is undefined', async () => {
  const token = await mintToken({ iat: undefined, exp: undefined, aud: 'me' }, { algorithm: 'HS256', secret });
  expect(decodeJwt(token)).toEqual({ aud: 'me' });
});

test('writes the header as asked for, and leaves out what is undefined', async () => {
  const header = { typ: undefined, cty: 'x' };
  const token = await mintToken({}, { algorithm: 'HS256', secret, kid: 'k1', header });
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', kid: 'k1', cty: 'x' });
});

test('refuses to guess between a key and a secret', async () => {
  await expect(mintToken({}, { algorithm: 'HS256' })).rejects.toThrow(TypeError);
  await expect(mintToken({}, { algorithm: 'HS256', secret, key: ec.privateKey })).rejects.toThrow(TypeError);
});
