import { describe, expect, test } from '@jest/globals';
import { consumerAccepts, issuerAccepts } from '../helpers/jws-verifier.js';
import { hasVectors, readVectorFolder, readVectors, type VectorKey } from '../helpers/vectors.js';

interface Example {
  title: string;
  input: { key?: VectorKey; alg: string };
  output: { compact?: string; json?: object; json_flat?: object };
}

const PAYLOAD =
  'SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4';

/** RFC 7520 section 4.4, and 4.5, which is the same with the payload left out. */
const SECRET: VectorKey = {
  kty: 'oct',
  kid: '018c0ae5-4d9b-471b-bfd6-eef314bc7037',
  alg: 'HS256',
  k: 'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg',
};
const HEADER = 'eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9';
const MAC = 's0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0';

/** The public half of a key, with the algorithm of its example. */
function keyOf({ input: { key, alg } }: Example): VectorKey {
  const { kty, kid = 'cookbook', use, crv, x, y, n, e, k } = key ?? {};
  return { kty, kid, use, crv, x, y, n, e, k, alg };
}

async function accepts(key: VectorKey, token: string): Promise<boolean> {
  const given = Object.fromEntries(Object.entries(key).filter(([, value]) => value !== undefined));
  const asConsumer = await consumerAccepts([given], token);
  if (given.kty !== 'oct') expect(issuerAccepts([given], token)).toBe(asConsumer);
  return asConsumer;
}

/** Every way in which an example writes its result, as a text that could be sent as a token. */
function forms({ output }: Example): string[] {
  return Object.values(output).map((form) => (typeof form === 'string' ? form : JSON.stringify(form)));
}

test('takes the compact form of RFC 7520 section 4.4, and refuses the detached one of 4.5', async () => {
  expect(await accepts(SECRET, `${HEADER}.${PAYLOAD}.${MAC}`)).toBe(true);
  expect(await accepts(SECRET, `${HEADER}..${MAC}`)).toBe(false);
});

test('refuses a payload that is not encoded, however it is announced', async () => {
  const header = Buffer.from('{"alg":"HS256","b64":false,"crit":["b64"]}').toString('base64url');
  expect(await accepts(SECRET, `${header}.${PAYLOAD}.${MAC}`)).toBe(false);
});

if (hasVectors) {
  const jws = readVectorFolder<Example>('cookbook/jws');
  const ed25519 = readVectors<Example>('cookbook/curve25519/jws.json');
  const positives = [...jws.filter(([name]) => /^4_[1-4]\./.test(name)).map(([, example]) => example), ed25519];
  const negatives = [
    ...jws.filter(([name]) => !/^4_[1-4]\./.test(name)).map(([, example]) => example),
    ...readVectorFolder<Example>('cookbook/rfc7797').map(([, example]) => example),
  ];
  const encrypted = [
    ...readVectorFolder<Example>('cookbook/jwe').map(([, example]) => example),
    readVectors<Example>('cookbook/curve25519/ecdh-es.json'),
  ];

  test('the cookbook is whole', () => {
    expect([positives.length, negatives.length, encrypted.length]).toEqual([5, 6, 14]);
  });

  describe.each(positives.map((example) => [example.title, example] as const))('%s', (_title, example) => {
    const { compact = '', json, json_flat } = example.output;

    test('is taken in its compact form', async () => {
      expect(await accepts(keyOf(example), compact)).toBe(true);
    });

    test('is refused in its JSON forms', async () => {
      expect(await accepts(keyOf(example), JSON.stringify(json))).toBe(false);
      expect(await accepts(keyOf(example), JSON.stringify(json_flat))).toBe(false);
    });
  });

  test.each([...negatives, ...encrypted].map((example) => [example.title, example] as const))(
    '%s is refused in every form',
    async (_title, example) => {
      const tokens = forms(example);
      expect(tokens).not.toHaveLength(0);
      for (const token of tokens) expect(await accepts(keyOf(example), token)).toBe(false);
    },
  );
}
