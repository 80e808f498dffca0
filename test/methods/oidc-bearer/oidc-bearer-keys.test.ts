import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type KeySource, oidcBearer, staticKeys } from '../../../lib/index.js';
import { CERTIFICATE, CERTIFICATE_KEY } from '../../helpers/certificate.js';
import {
  AUDIENCE,
  accessToken,
  door,
  ISSUER,
  jwkOf,
  PROVIDER_PEM,
  pemOf,
  STRANGER_KEY,
  STRANGER_PEM,
  verdict,
} from '../../helpers/oidc-door.js';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

describe('a static key with a kid', () => {
  const [a, b] = [pair(), pair()];
  const method = door({ publicKeys: [jwkOf(a.publicKey, { kid: 'a' }), jwkOf(b.publicKey, { kid: 'b' })] });

  test('verifies the tokens that name it', async () => {
    expect(await verdict(method, accessToken({}, { key: b.privateKey, header: { kid: 'b' } }))).toBe(200);
  });

  test('never stands in for another key', async () => {
    expect(await verdict(method, accessToken({}, { key: b.privateKey, header: { kid: 'a' } }))).toBe(
      'signature_invalid',
    );
  });

  test.each(['c', 'A', 'a ', 'toString', '../a'])('leaves a token alone that names %j', async (kid) => {
    expect(await verdict(method, accessToken({}, { key: a.privateKey, header: { kid } }))).toBe('key_not_found');
  });

  test('verifies a token without a kid, and one whose kid is null or empty', async () => {
    for (const kid of [undefined, null, '']) {
      expect(await verdict(method, accessToken({}, { key: b.privateKey, header: { kid } }))).toBe(200);
    }
  });

  test('shares it with one of another type: the algorithm tells them apart', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const both = door({ publicKeys: [jwkOf(a.publicKey, { kid: 'a' }), jwkOf(rsa.publicKey, { kid: 'a' })] });
    const byRsa = { algorithm: 'RS256', key: rsa.privateKey, header: { kid: 'a' } } as const;
    expect(await verdict(both, accessToken({}, byRsa))).toBe(200);
    expect(await verdict(both, accessToken({}, { key: a.privateKey, header: { kid: 'a' } }))).toBe(200);
    expect(await verdict(both, accessToken({}, { key: b.privateKey, header: { kid: 'a' } }))).toBe('signature_invalid');
  });

  test('may be a JWK with null for what it has not', async () => {
    const nothing = { kid: null, use: null, alg: null, key_ops: null, x5c: null, d: null };
    const bare = door({ publicKeys: { ...jwkOf(a.publicKey), ...nothing } as never });
    expect(await verdict(bare, accessToken({}, { key: a.privateKey, header: { kid: 'any' } }))).toBe(200);
  });
});

describe('a PEM that came out of an environment variable', () => {
  test.each<[string, (pem: string) => string]>([
    ['with \\n in place of line breaks', (pem) => pem.replaceAll('\n', '\\n')],
    ['with \\r\\n in place of line breaks', (pem) => pem.replaceAll('\n', '\\r\\n')],
    ['with spaces in place of line breaks', (pem) => pem.trim().replaceAll('\n', ' ')],
    ['with quotes around it', (pem) => `"${pem.replaceAll('\n', '\\n')}"`],
    ['indented, as YAML leaves it', (pem) => pem.replaceAll('\n', '\n    ')],
    ['with the line breaks of Windows', (pem) => pem.replaceAll('\n', '\r\n')],
    ['without its last line break', (pem) => pem.trim()],
    ['on one line', (pem) => pem.replaceAll('\n', '')],
  ])('%s, is read', async (_what, change) => {
    const publicKeys = [change(PROVIDER_PEM), change(CERTIFICATE)];
    expect(await verdict(door({ publicKeys }), accessToken())).toBe(200);
    expect(await verdict(door({ publicKeys }), accessToken({}, { key: CERTIFICATE_KEY }))).toBe(200);
  });

  test.each(['', 'undefined', '-----BEGIN PUBLIC KEY-----', '-----BEGIN PUBLIC KEY-----\\n-----END PUBLIC KEY-----'])(
    'and is %j is refused',
    (publicKeys) => {
      expect(() => door({ publicKeys })).toThrow(/publicKeys\[0\]: this is not a PEM public key or certificate/);
    },
  );
});

describe('a static key without a kid', () => {
  const [named, nameless] = [pair(), pair()];
  const method = door({ publicKeys: [jwkOf(named.publicKey, { kid: 'named' }), pemOf(nameless.publicKey)] });

  test('verifies a token that names a kid', async () => {
    const token = accessToken({}, { key: nameless.privateKey, header: { kid: 'whatever' } });
    expect(await verdict(method, token)).toBe(200);
  });

  test('does not when another key has that kid', async () => {
    const token = accessToken({}, { key: nameless.privateKey, header: { kid: 'named' } });
    expect(await verdict(method, token)).toBe('signature_invalid');
  });
});

test('a key may be a PEM, a certificate, a JWK, or an imported key', async () => {
  const imported = pair();
  const method = door({ publicKeys: [PROVIDER_PEM, CERTIFICATE, imported.publicKey] });
  expect(await verdict(method, accessToken())).toBe(200);
  expect(await verdict(method, accessToken({}, { key: CERTIFICATE_KEY }))).toBe(200);
  expect(await verdict(method, accessToken({}, { key: imported.privateKey }))).toBe(200);
});

test('a good signature by a key that nobody configured is refused', async () => {
  expect(await verdict(door(), accessToken({}, { key: STRANGER_KEY }))).toBe('signature_invalid');
});

test('a token without a kid is tried with eight keys at most', async () => {
  const pairs = Array.from({ length: 9 }, pair);
  const method = door({ publicKeys: pairs.map(({ publicKey }) => publicKey) });
  const verdicts = pairs.map(({ privateKey }) => verdict(method, accessToken({}, { key: privateKey })));
  expect(await Promise.all(verdicts)).toEqual([...Array(8).fill(200), 'signature_invalid']);
});

test('only keys that fit the algorithm count among the eight', async () => {
  const others = Array.from({ length: 9 }, () => generateKeyPairSync('ed25519').publicKey);
  expect(await verdict(door({ publicKeys: [...others, PROVIDER_PEM] }), accessToken())).toBe(200);
});

test('the key in a header is never used', async () => {
  const attacker = pair();
  const header = { jwk: jwkOf(attacker.publicKey) };
  expect(await verdict(door(), accessToken({}, { key: attacker.privateKey, header }))).toBe('token_malformed');
});

describe('a key source of the application’s own', () => {
  const withSource = (source: Partial<KeySource>, algorithms: readonly ('ES256' | 'RS256')[] = ['ES256', 'RS256']) => {
    const keys = { ...staticKeys({ publicKeys: STRANGER_PEM, algorithms: ['ES256'] }), ...source };
    return oidcBearer({ issuer: ISSUER, audience: AUDIENCE, keys, algorithms, exposeReason: true });
  };
  const token = accessToken({}, { key: STRANGER_KEY });

  test('verifies', async () => {
    expect(await verdict(withSource({}), token)).toBe(200);
  });

  test('is bound to the algorithms of the method', async () => {
    expect(await verdict(withSource({}, ['RS256']), token)).toBe('algorithm_not_allowed');
  });

  test('that breaks is an outage, not the caller’s fault', async () => {
    const find = () => Promise.reject(new Error('the vault is sealed'));
    expect(await verdict(withSource({ find }), token)).toBe('503 keys_unavailable');
  });
});
