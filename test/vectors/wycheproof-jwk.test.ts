import { expect, test } from '@jest/globals';
import { consumerAccepts, issuerAccepts } from '../helpers/jws-verifier.js';
import { hasVectors, type VectorKey, wycheproof } from '../helpers/vectors.js';

const SECRET = '-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE';
const hmac = (kid: string, k: string) => ({ alg: 'HS256', use: 'sig', k, kid, kty: 'oct' });
const JWS = 'eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC1hZXMtc2lnbiJ9.Zm9v.TD37p4c_0jmreSrBSDmE0F3mYSPtkZ3WrSyI5wb_KTg';

/** Secrets alone are a consumer's credentials; a set with anything else in it is what an issuer publishes. */
async function accepts(keys: readonly VectorKey[], jws: string): Promise<boolean> {
  return keys.every(({ kty }) => kty === 'oct') ? consumerAccepts(keys, jws) : issuerAccepts(keys, jws);
}

test('takes a secret among several with different ids', async () => {
  expect(await accepts([hmac('kid-aes-sign', SECRET), hmac('another', `x${SECRET.slice(1)}`)], JWS)).toBe(true);
});

test('refuses two secrets of one id', async () => {
  expect(await accepts([hmac('kid-aes-sign', SECRET), hmac('kid-aes-sign', `x${SECRET.slice(1)}`)], JWS)).toBe(false);
});

test('refuses a secret that is published beside a public key', async () => {
  expect(await accepts([hmac('kid-aes-sign', SECRET), { kty: 'EC' }], JWS)).toBe(false);
});

if (hasVectors) {
  const vectors = wycheproof('json_web_key_test.json');

  test('the file has 26 vectors', () => {
    expect(vectors).toHaveLength(26);
  });

  test.each(vectors.map((vector) => [vector.tcId, vector.comment, vector] as const))(
    'answers vector %i (%s) as it is labelled',
    async (_id, _comment, { key, jws = '', result }) => {
      expect(await accepts((key as { keys: VectorKey[] }).keys, jws)).toBe(result === 'valid');
    },
  );
}
