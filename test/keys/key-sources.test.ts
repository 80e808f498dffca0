import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ConfigurationError, discoveryKeys, jwksKeys, staticKeys } from '../../lib/index.js';

const publicKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;

const FACTORIES: readonly (readonly [string, (options: object) => unknown])[] = [
  ['discoveryKeys', (options) => discoveryKeys({ issuer: 'https://a.example', ...options })],
  ['jwksKeys', (options) => jwksKeys({ jwksUri: 'https://a.example/jwks', ...options })],
  ['staticKeys', (options) => staticKeys({ publicKeys, ...options })],
];

describe.each(FACTORIES)('%s', (name, make) => {
  test('needs no algorithms: all that fit its keys are taken', () => {
    expect(make({})).toMatchObject({ source: expect.any(String) });
  });

  test.each([
    ['HS256, which public keys never verify', { algorithms: ['HS256'] }],
    ['no algorithms at all', { algorithms: [] }],
    ['an unknown algorithm', { algorithms: ['none'] }],
    ['an unknown option', { kid: 'a' }],
  ])('refuses %s', (_what, options) => {
    expect(() => make(options)).toThrow(ConfigurationError);
  });

  test.each([{ maxStale: -1 }, { maxStale: Number.NaN }, { cooldown: '30' }, { cooldown: 4000 }])(
    'refuses %j, naming it',
    (options) => {
      const [option = ''] = Object.keys(options);
      expect(() => make(options)).toThrow(option);
    },
  );

  test('names itself when it is called with nothing', () => {
    const factories: Readonly<Record<string, unknown>> = { discoveryKeys, jwksKeys, staticKeys };
    expect(factories[name]).toThrow(ConfigurationError);
  });
});

test('static keys are healthy, ready and closed without doing anything', async () => {
  const keys = staticKeys({ publicKeys });
  await expect(keys.ready()).resolves.toBeUndefined();
  expect(keys.health()).toEqual({ source: 'static', keyCount: 1, lastSuccess: expect.any(Date) });
  keys.close();
  await expect(keys.find({ alg: 'ES256', kid: 'any' })).resolves.toHaveLength(1);
});
