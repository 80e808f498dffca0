import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { memoryConsumers } from '../../lib/index.js';
import { ALGORITHM_NAMES, type Algorithm, algorithmSpec } from '../../lib/keys/algorithms.js';
import { CERTIFICATE, CERTIFICATE_KEY } from '../helpers/certificate.js';
import { frontDoor, refusedAs, WELCOME } from '../helpers/front-door.js';
import { signed } from '../helpers/signing.js';
import { inSeconds } from '../helpers/tokens.js';

interface Pair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

const rsa = [1, 2].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
const ec = (namedCurve: string) => [1, 2].map(() => generateKeyPairSync('ec', { namedCurve }));
const ed25519 = [1, 2].map(() => generateKeyPairSync('ed25519'));
const ed448 = [1, 2].map(() => generateKeyPairSync('ed448'));

const PAIRS: readonly (readonly [kind: string, pairs: readonly Pair[], algorithms: readonly Algorithm[]])[] = [
  ['RSA', rsa, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
  ['P-256', ec('prime256v1'), ['ES256']],
  ['P-384', ec('secp384r1'), ['ES384']],
  ['P-521', ec('secp521r1'), ['ES512']],
  ['Ed25519', ed25519, ['EdDSA', 'Ed25519']],
  ['Ed448', ed448, ['EdDSA', 'Ed448']],
];

const CASES = PAIRS.flatMap(([kind, [own, foreign], algorithms]) =>
  algorithms.flatMap((algorithm) =>
    own === undefined || foreign === undefined ? [] : [{ kind, algorithm, own, foreign }],
  ),
);

const claims = () => ({ iss: 'api-client', exp: inSeconds(300) });

function doorFor(credential: object) {
  return frontDoor({
    consumers: memoryConsumers([{ username: 'client', credentials: [{ key: 'api-client', ...credential }] }]),
  });
}

test('the cases below leave no algorithm out', () => {
  const tested = [...CASES.map(({ algorithm }) => algorithm), 'HS256', 'HS384', 'HS512'];
  expect(new Set(tested)).toEqual(new Set(ALGORITHM_NAMES));
});

describe.each(CASES)('$algorithm with a $kind key', ({ algorithm, own, foreign }) => {
  const { publicKey, privateKey } = own;
  const good = signed(algorithm, privateKey, claims());
  const forged = signed(algorithm, foreign.privateKey, claims());

  test.each([
    ['PEM', publicKey.export({ format: 'pem', type: 'spki' })],
    ['JWK', publicKey.export({ format: 'jwk' })],
    ['JWK with alg', { ...publicKey.export({ format: 'jwk' }), alg: algorithm, use: 'sig', key_ops: ['verify'] }],
    ['imported key', publicKey],
  ])('as %s takes its own signature and refuses one by another key of the same type', async (_form, given) => {
    const present = doorFor({ algorithm, publicKey: given });
    expect(await present(good)).toEqual(WELCOME);
    expect(await present(forged)).toEqual(refusedAs('signature_invalid'));
  });

  test('refuses every other algorithm, also those that its key could verify', async () => {
    const present = doorFor({ algorithm, publicKey });
    for (const other of ALGORITHM_NAMES.filter((name) => name !== algorithm)) {
      const header = { alg: other };
      expect(await present(signed(algorithm, privateKey, claims(), header))).toEqual(
        refusedAs('algorithm_not_allowed'),
      );
    }
  });

  test('refuses a signature that is cut, extended or empty', async () => {
    const present = doorFor({ algorithm, publicKey });
    const [header, payload, signature = ''] = good.split('.');
    const bytes = Buffer.from(signature, 'base64url');
    for (const wrong of [bytes.subarray(1), bytes.subarray(0, -1), Buffer.concat([bytes, bytes]), Buffer.alloc(1)]) {
      const token = `${header}.${payload}.${wrong.toString('base64url')}`;
      expect(await present(token)).toEqual(refusedAs('signature_invalid'));
    }
    expect(await present(`${header}.${payload}.`)).toEqual(refusedAs('token_malformed'));
  });
});

describe.each([
  ['RS256', 'PKCS#1', rsa[0]],
  ['PS512', 'PKCS#1', rsa[0]],
] as const)('%s', (algorithm, form, pair) => {
  test(`as ${form} takes its own signature`, async () => {
    const publicKey = pair?.publicKey.export({ format: 'pem', type: 'pkcs1' });
    expect(await doorFor({ algorithm, publicKey })(signed(algorithm, pair?.privateKey as KeyObject, claims()))).toEqual(
      WELCOME,
    );
  });
});

test('an X.509 certificate verifies what its key signed, and nothing else', async () => {
  const present = doorFor({ algorithm: 'ES256', publicKey: CERTIFICATE });
  expect(await present(signed('ES256', CERTIFICATE_KEY, claims()))).toEqual(WELCOME);
  const foreign = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
  expect(await present(signed('ES256', foreign, claims()))).toEqual(refusedAs('signature_invalid'));
});

test('an RSA key that is bound to PSS verifies with its own hash', async () => {
  const bound = { hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256', modulusLength: 2048 };
  const { publicKey, privateKey }: Pair = generateKeyPairSync('rsa-pss', bound);
  expect(await doorFor({ algorithm: 'PS256', publicKey })(signed('PS256', privateKey, claims()))).toEqual(WELCOME);
  for (const algorithm of ['PS384', 'RS256']) expect(() => doorFor({ algorithm, publicKey })).toThrow('another type');
  // JOSE has one hash for both (RFC 7518 section 3.5).
  const { publicKey: mixed } = generateKeyPairSync('rsa-pss', { ...bound, mgf1HashAlgorithm: 'sha384' });
  for (const algorithm of ['PS256', 'PS384'])
    expect(() => doorFor({ algorithm, publicKey: mixed })).toThrow('another type');
});

describe.each(['HS256', 'HS384', 'HS512'] as const)('%s', (algorithm) => {
  const spec = algorithmSpec(algorithm);
  const bytes = randomBytes(spec.family === 'hmac' ? spec.minSecretBytes : 0);
  const good = signed(algorithm, createSecretKey(bytes), claims());

  test.each([
    ['base64', { secret: bytes.toString('base64'), secretEncoding: 'base64' }],
    ['base64url', { secret: bytes.toString('base64url'), secretEncoding: 'base64' }],
    ['a KeyObject', { secret: createSecretKey(bytes) }],
  ])('takes its own signature with the secret as %s, and refuses that of another secret', async (_form, secret) => {
    const present = doorFor({ algorithm, ...secret });
    expect(await present(good)).toEqual(WELCOME);
    const forged = signed(algorithm, createSecretKey(randomBytes(bytes.length)), claims());
    expect(await present(forged)).toEqual(refusedAs('signature_invalid'));
  });

  test('refuses every other algorithm', async () => {
    const present = doorFor({ algorithm, secret: createSecretKey(bytes) });
    for (const alg of ALGORITHM_NAMES.filter((name) => name !== algorithm)) {
      const token = signed(algorithm, createSecretKey(bytes), claims(), { alg });
      expect(await present(token)).toEqual(refusedAs('algorithm_not_allowed'));
    }
  });
});
