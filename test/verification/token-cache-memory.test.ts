import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { consumerJwt, sharedSecretJwt } from '../../lib/index.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { accessToken, door } from '../helpers/oidc-door.js';
import { welcomeTwice } from '../helpers/remembering.js';
import { HOWTO, howtoToken } from '../helpers/tokens.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const MAX_BYTES = 6_291_456;
const MANY = 200;

const memory = () => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const nested = (depth: number): unknown => (depth === 0 ? [] : [nested(depth - 1)]);

/** Claims that are many times larger in memory than they are in a token. */
const SHAPES: readonly (readonly [title: string, claims: (token: number) => Record<string, unknown>])[] = [
  ['empty objects', () => ({ a: times(3_400, () => ({})) })],
  ['lists within lists', () => ({ a: times(160, () => nested(29)) })],
  ['lists of one number', () => ({ a: times(2_500, () => [1]) })],
  ['objects of shapes that no other has', (token) => ({ a: times(500, (i) => ({ [`k${token}-${i}`]: 1 })) })],
  ['names that are indexes', () => ({ a: times(500, () => ({ 1023: 1 })) })],
  ['texts outside Latin-1', () => ({ a: '字'.repeat(3_300) })],
];

/** Words that an `oidcBearer` splits, and lists that are mapped. */
const MAPPED: typeof SHAPES = [
  ...SHAPES,
  [
    'scopes of two letters',
    (token) => ({
      scope: times(3_500, (i) => ((token + i) % 1_200) + 36)
        .map((n) => n.toString(36))
        .join(' '),
    }),
  ],
  ['groups of one letter', () => ({ groups: times(3_000, () => 'g') })],
];

const CACHE = { maxBytes: MAX_BYTES };
const consumers = () => consumerJwt({ consumers: howtoConsumers(), cache: CACHE });
const signing = () => sharedSecretJwt({ secret: HOWTO.secret, cache: CACHE });
const personToken = (claims: Record<string, unknown>) => howtoToken({ sub: 'alice', ...claims });
const provider = () => door({ cache: CACHE });

describe.each([
  ['consumerJwt', consumers, howtoToken, SHAPES],
  ['sharedSecretJwt', signing, personToken, MAPPED],
  ['oidcBearer', provider, accessToken, MAPPED],
] as const)('%s', (_name, make, mint, shapes) => {
  test.each(shapes)('keeps no more memory than cache.maxBytes says, in tokens full of %s', async (_title, claims) => {
    const method = make();
    await welcomeTwice(method, mint({ jti: 'warm', ...claims(MANY) }));
    const before = memory();
    for (let index = 0; index < MANY; index += 1)
      await welcomeTwice(method, mint({ jti: `${index}`, ...claims(index) }));
    // What else the process does in the meantime takes some, too.
    expect(memory() - before).toBeLessThan(1.5 * MAX_BYTES);
    await method.close();
  });
});
