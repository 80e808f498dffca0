import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { memoryConsumers, type NewCredential } from '../../lib/index.js';
import type { Algorithm } from '../../lib/keys/algorithms.js';
import { readCompactJws } from '../../lib/tokens/compact-token.js';
import { assertSignature } from '../../lib/verification/verify-with-source.js';
import { frontDoor, refusedAs, WELCOME } from '../helpers/front-door.js';
import { segment, signature, signed } from '../helpers/signing.js';
import { inSeconds } from '../helpers/tokens.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });

const claims = { iss: 'client', exp: inSeconds(300) };
const notAllowed = refusedAs('algorithm_not_allowed');
const wrongSignature = refusedAs('signature_invalid');

function doorFor(...credentials: NewCredential[]) {
  return frontDoor({ consumers: memoryConsumers([{ username: 'client', credentials }]) });
}

/** A token that says one algorithm and is signed with another. */
function disguised(shown: Algorithm, real: Algorithm, key: Parameters<typeof signature>[1]): string {
  const input = `${segment({ alg: shown })}.${segment(claims)}`;
  return `${input}.${segment(signature(real, key, input))}`;
}

describe('a public key is never taken for a secret', () => {
  const pem = rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const der = rsa.publicKey.export({ format: 'der', type: 'spki' });
  const present = doorFor({ key: 'client', algorithm: 'RS256', publicKey: pem });

  test.each([
    ['PEM', Buffer.from(pem)],
    ['PEM without its last line feed', Buffer.from(pem.trim())],
    ['DER', der],
    ['PKCS#1', Buffer.from(rsa.publicKey.export({ format: 'pem', type: 'pkcs1' }).toString())],
    ['JWK', Buffer.from(JSON.stringify(rsa.publicKey.export({ format: 'jwk' })))],
    ['nothing', Buffer.from('\0')],
  ])('HMAC with its %s is refused, under either name', async (_form, bytes) => {
    for (const hmac of ['HS256', 'HS384', 'HS512'] as const) {
      expect(await present(signed(hmac, createSecretKey(bytes), claims))).toEqual(notAllowed);
      expect(await present(disguised('RS256', hmac, createSecretKey(bytes)))).toEqual(wrongSignature);
    }
  });
});

describe('a signature of another algorithm is refused, also under the right name', () => {
  test.each<[Algorithm, Algorithm]>([
    ['RS256', 'PS256'],
    ['PS256', 'RS256'],
    ['RS256', 'RS384'],
    ['PS512', 'PS256'],
  ])('%s refuses what is %s by the same key', async (own, other) => {
    const present = doorFor({ key: 'client', algorithm: own, publicKey: rsa.publicKey });
    expect(await present(signed(own, rsa.privateKey, claims))).toEqual(WELCOME);
    expect(await present(signed(other, rsa.privateKey, claims))).toEqual(notAllowed);
    expect(await present(disguised(own, other, rsa.privateKey))).toEqual(wrongSignature);
  });

  test('ES256 refuses what P-384 signed, and the other way round', async () => {
    const asEs256 = doorFor({ key: 'client', algorithm: 'ES256', publicKey: p256.publicKey });
    expect(await asEs256(signed('ES384', p384.privateKey, claims))).toEqual(notAllowed);
    expect(await asEs256(disguised('ES256', 'ES384', p384.privateKey))).toEqual(wrongSignature);
    expect(await asEs256(disguised('ES256', 'ES384', p256.privateKey))).toEqual(wrongSignature);
    const asEs384 = doorFor({ key: 'client', algorithm: 'ES384', publicKey: p384.publicKey });
    expect(await asEs384(disguised('ES384', 'ES256', p256.privateKey))).toEqual(wrongSignature);
  });
});

describe('signatures of ECDSA', () => {
  const present = doorFor({ key: 'client', algorithm: 'ES256', publicKey: p256.publicKey });
  const input = `${segment({ alg: 'ES256' })}.${segment(claims)}`;
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
  const zero = Buffer.alloc(32);
  const one = Buffer.from('01'.padStart(64, '0'), 'hex');

  test.each([
    ['r = s = 0, the psychic signature', Buffer.concat([zero, zero])],
    ['r = 0', Buffer.concat([zero, one])],
    ['s = 0', Buffer.concat([one, zero])],
    ['r = s = 1', Buffer.concat([one, one])],
    ['r = s = n', Buffer.concat([order, order])],
    ['DER instead of r and s', Buffer.from('3006020101020101', 'hex')],
    ['nothing but zeros, too long', Buffer.alloc(66)],
  ])('%s is refused', async (_what, bytes) => {
    expect(await present(`${input}.${segment(bytes)}`)).toEqual(wrongSignature);
  });
});

test('the credential that the token names decides, not another one of the same consumer', async () => {
  const secret = createSecretKey(randomBytes(32));
  const present = doorFor(
    { key: 'client', algorithm: 'RS256', publicKey: rsa.publicKey },
    { key: 'other', algorithm: 'HS256', secret: secret.export().toString('base64'), secretEncoding: 'base64' },
  );
  expect(await present(signed('HS256', secret, { ...claims, iss: 'other' }))).toEqual(WELCOME);
  expect(await present(signed('HS256', secret, claims))).toEqual(notAllowed);
  expect(await present(signed('RS256', rsa.privateKey, { ...claims, iss: 'other' }))).toEqual(notAllowed);
});

test('a good signature under a name that is not the key’s is refused by the verifier itself, whoever calls it', () => {
  const jws = readCompactJws(disguised('PS256', 'RS256', rsa.privateKey));
  const verify = () => assertSignature(jws, { algorithm: 'RS256', key: rsa.publicKey });
  expect(verify).toThrow(expect.objectContaining({ code: 'algorithm_not_allowed' }));
});
