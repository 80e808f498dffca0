import { createPublicKey, createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ConfigurationError, memoryConsumers, type NewCredential } from '../../lib/index.js';
import { CERTIFICATE, CERTIFICATE_KEY } from '../helpers/certificate.js';

/** Modulus of a key by the generator of CVE-2017-15361, from Wycheproof. */
const ROCA_MODULUS =
  'AanFpofbj7KjD4Lf-N2hVMKR7yewSyXhhbirIMTGpfYEhZ_lnt5UoK98DnKIgArXGTu3MaW_HhFw16HGaTDUHqPrId7fe4r11CqRw09yBFuW79V8sYIwHdzCaWflUI6auImYbVfoN9_nD5n8N8SY9DwXw7mwZM9wREPXoDPgOoIWl6q_MPsp7n0zs3Z5ZaiQWOOzl1S9OhwAfSiiOwz6efnXEaxuTEtPd7BjSx7NaFka8Dx9U7YqXy2RFj1O9PjyaDGuRh7YXsX3iMUSP_wSyHQg_c_qHRtKUsNSGCT7OZg0hzm2KphtjnayKJvC64vAbROBR4Ubg6Bxg9IQVZ-QYyE';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsaJwk = rsa.publicKey.export({ format: 'jwk' });
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const pem = (key: KeyObject) =>
  key.export({ format: 'pem', type: key.type === 'public' ? 'spki' : 'pkcs8' }).toString();

function refusal(credential: object): unknown {
  try {
    memoryConsumers([{ username: 'client', credentials: [{ key: 'client', ...credential } as NewCredential] }]);
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}

function expectRefused(credential: object, message: RegExp): void {
  const thrown = refusal(credential);
  expect(thrown).toBeInstanceOf(ConfigurationError);
  expect((thrown as Error).message).toMatch(message);
}

test('takes the sound keys that the weak ones are made from', () => {
  expect(refusal({ algorithm: 'RS256', publicKey: rsaJwk })).toBeUndefined();
  expect(refusal({ algorithm: 'ES256', publicKey: ec.publicKey })).toBeUndefined();
  expect(refusal({ secret: 'x'.repeat(32) })).toBeUndefined();
});

describe('refuses RSA keys that anybody can break', () => {
  test.each<[string, unknown, RegExp]>([
    ['1024 bits', generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey, /1024 bits/],
    [
      '2047 bits',
      {
        ...rsaJwk,
        n: Buffer.from(rsaJwk.n ?? '', 'base64url')
          .fill(0x7f, 0, 1)
          .toString('base64url'),
      },
      /2047 bits/,
    ],
    ['a modulus of 20,000 bits', { ...rsaJwk, n: Buffer.alloc(2500, 0xff).toString('base64url') }, /at most 16384/],
    ['exponent 1', { ...rsaJwk, e: 'AQ' }, /exponent/],
    ['exponent 0', { ...rsaJwk, e: 'AA' }, /exponent|not a valid/],
    ['exponent 2', { ...rsaJwk, e: 'Ag' }, /exponent/],
    ['an even exponent', { ...rsaJwk, e: 'AQAA' }, /exponent/],
    ['a ROCA modulus', { ...rsaJwk, n: ROCA_MODULUS }, /ROCA/],
    [
      'a ROCA modulus in an imported key',
      createPublicKey({ key: { ...rsaJwk, n: ROCA_MODULUS }, format: 'jwk' }),
      /ROCA/,
    ],
  ])('%s', (_what, publicKey, message) => {
    expectRefused({ algorithm: 'RS256', publicKey }, message);
    expectRefused({ algorithm: 'PS256', publicKey }, message);
  });

  test('a ROCA modulus in a key that is bound to PSS', () => {
    const plain = createPublicKey({ key: { ...rsaJwk, n: ROCA_MODULUS }, format: 'jwk' });
    const spki = plain.export({ format: 'der', type: 'spki' });
    // The last byte of the OID makes rsaEncryption (1.2.840.113549.1.1.1) RSASSA-PSS (…1.10).
    const oid = spki.indexOf(Buffer.from('2a864886f70d010101', 'hex'));
    spki[oid + 8] = 10;
    // Its parameters, NULL, are left out for PSS, and the two lengths around them shrink.
    const without = Buffer.concat([spki.subarray(0, oid + 9), spki.subarray(oid + 11)]);
    without.writeUInt16BE(without.readUInt16BE(2) - 2, 2);
    without[5] = (without[5] ?? 0) - 2;
    const key = createPublicKey({ key: without, format: 'der', type: 'spki' });
    expect(key.asymmetricKeyType).toBe('rsa-pss');
    expectRefused({ algorithm: 'PS256', publicKey: key }, /ROCA/);
  });
});

describe('refuses what is no public key, or not for verifying', () => {
  test.each<[string, unknown, RegExp]>([
    ['a private PEM', pem(ec.privateKey), /private/],
    ['a private key beside a certificate', `${CERTIFICATE}\n${pem(CERTIFICATE_KEY)}`, /private/],
    ['a private JWK', ec.privateKey.export({ format: 'jwk' }), /private/],
    ['an imported private key', ec.privateKey, /a private KeyObject; give a public one/],
    ['an imported secret', createSecretKey(randomBytes(32)), /a secret KeyObject; give a public one/],
    ['a symmetric JWK', { kty: 'oct', k: 'AAAA' }, /symmetric/],
    ['a JWK for encryption', { ...ec.publicKey.export({ format: 'jwk' }), use: 'enc' }, /not for signatures/],
    ['a JWK for signing only', { ...ec.publicKey.export({ format: 'jwk' }), key_ops: ['sign'] }, /not for verifying/],
    ['a JWK of another alg', { ...ec.publicKey.export({ format: 'jwk' }), alg: 'ES384' }, /another type/],
    ['a key of another curve', generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey, /another type/],
    [
      'a key of a curve that only looks alike',
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
      /another type/,
    ],
    ['a key of another type', rsa.publicKey, /another type/],
    ['a key for key agreement', generateKeyPairSync('x25519').publicKey, /another type/],
    ['a text', 'secret-looking-text', /not a PEM/],
    ['an empty text', '', /not a PEM/],
    ['a number', 5, /the number 5, and no key/],
    ['an array', [], /an empty list, and no key/],
    ['null', null, /needs a publicKey|publicKey: is undefined/],
    ['nothing', undefined, /needs a publicKey|publicKey: is undefined/],
  ])('%s', (_what, publicKey, message) => {
    expectRefused({ algorithm: 'ES256', publicKey }, message);
  });

  test('Ed25519 where Ed448 is asked for, and the other way round', () => {
    expectRefused({ algorithm: 'Ed448', publicKey: generateKeyPairSync('ed25519').publicKey }, /another type/);
    expectRefused({ algorithm: 'Ed25519', publicKey: generateKeyPairSync('ed448').publicKey }, /another type/);
  });

  test.each(['none', 'HS1', 'RS1', 'ES256K', '__proto__', 'toString', '', null, 256])(
    'the algorithm %j',
    (algorithm) => {
      expectRefused({ algorithm, publicKey: ec.publicKey }, /algorithm/);
    },
  );
});

describe('refuses secrets that are none, with a message that never shows them', () => {
  const spki = rsa.publicKey.export({ format: 'der', type: 'spki' });
  test.each<[string, object]>([
    ['a public PEM', { secret: pem(rsa.publicKey) }],
    ['a public PEM between spaces', { secret: ` \n${pem(rsa.publicKey)}\n ` }],
    ['a private PEM', { secret: pem(ec.privateKey) }],
    ['a certificate', { secret: CERTIFICATE }],
    ['a public JWK', { secret: JSON.stringify(rsaJwk) }],
    ['a JWK Set', { secret: JSON.stringify({ keys: [rsaJwk] }) }],
    ['a PEM in base64', { secret: Buffer.from(pem(rsa.publicKey)).toString('base64'), secretEncoding: 'base64' }],
    ['a PEM without its first and last line', { secret: spki.toString('base64') }],
    ['the same, read as base64', { secret: spki.toString('base64'), secretEncoding: 'base64' }],
    [
      'an Ed25519 key without PEM lines',
      { secret: generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }).toString('base64') },
    ],
    [
      'a PKCS#1 key without PEM lines',
      { secret: rsa.publicKey.export({ format: 'der', type: 'pkcs1' }).toString('base64') },
    ],
    ['a certificate without PEM lines', { secret: CERTIFICATE.split('\n').slice(1, -1).join('') }],
  ])('%s', (_what, credential) => {
    expectRefused({ ...credential, allowWeakSecret: true }, /give it as publicKey/);
    const [line = ''] = (credential as { secret: string }).secret.trim().split('\n').slice(-2);
    expect(String(refusal(credential))).not.toContain(line.slice(0, 12));
  });

  test.each([
    ['HS256', 31],
    ['HS384', 47],
    ['HS512', 63],
  ])('%s with %i bytes, unless it was said aloud', (algorithm, bytes) => {
    const secret = 'geheim'.repeat(20).slice(0, bytes);
    expectRefused({ algorithm, secret }, /bytes are needed|are needed/);
    expect(String(refusal({ algorithm, secret }))).not.toContain('geheim');
    expect(refusal({ algorithm, secret, allowWeakSecret: true })).toBeUndefined();
    expect(refusal({ algorithm, secret: `${secret}!` })).toBeUndefined();
  });

  test('bytes are counted, not characters', () => {
    expect(refusal({ secret: 'é'.repeat(16) })).toBeUndefined();
    expectRefused({ secret: randomBytes(31).toString('base64'), secretEncoding: 'base64' }, /31 bytes/);
  });

  test('an empty secret, or one that is not base64, whatever is allowed', () => {
    expectRefused({ secret: '', allowWeakSecret: true }, /empty/);
    expectRefused({ secret: 'not base64!', secretEncoding: 'base64', allowWeakSecret: true }, /not base64/);
    expectRefused({ secret: '', secretEncoding: 'base64', allowWeakSecret: true }, /not base64|empty/);
  });

  test('a secret that only begins like a key is a secret', () => {
    for (const secret of [`0${'x'.repeat(40)}`, `MII${'x'.repeat(40)}`, `{"kty":${'x'.repeat(40)}`]) {
      expect(refusal({ secret })).toBeUndefined();
    }
  });
});
