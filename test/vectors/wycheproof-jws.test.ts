import { describe, expect, test } from '@jest/globals';
import { consumerAccepts, issuerAccepts } from '../helpers/jws-verifier.js';
import { hasVectors, sha256OfVectors, type WycheproofCase, wycheproof } from '../helpers/vectors.js';

const FILE = 'json_web_signature_test.json';
const FILE_SHA256 = '8e687a06fe8359f4ec51480f1a9f73c8faebd6f4c01b818b843b44eee54fd5d9';

/** Labels that contradict the specifications, pinned to exactly the file that was looked at. */
const FAULTY_LABELS: ReadonlyMap<number, [strict: 'valid' | 'invalid', why: string]> = new Map([
  [367, ['valid', 'byte for byte vector 357, which is valid: the padding was lost when the file was written']],
  [370, ['valid', 'byte for byte vector 357, which is valid: the padding was lost when the file was written']],
  [372, ['invalid', 'a question mark inside the header segment (RFC 7515 section 2)']],
  [373, ['invalid', 'a question mark inside the payload segment (RFC 7515 section 2)']],
  [346, ['invalid', 'PS384 by a key whose alg is PS256 contradicts vectors 337 to 340']],
  [350, ['invalid', 'PS384 by a key whose alg is PS256 contradicts vectors 337 to 340']],
  [347, ['invalid', 'the alg of the key is ES521, which does not exist']],
  [351, ['invalid', 'the alg of the key is ES521, which does not exist']],
]);

const strictAnswer = ({ tcId, result }: WycheproofCase) => FAULTY_LABELS.get(tcId)?.[0] ?? result;

async function asConsumer({ key, jws = '' }: WycheproofCase): Promise<string> {
  return (await consumerAccepts([key], jws)) ? 'valid' : 'invalid';
}

/** Shared secrets are never an issuer's, so these are a consumer's here too, under the one algorithm of their key. */
async function withEveryAlgorithm(vector: WycheproofCase): Promise<string> {
  if (vector.key.kty === 'oct') return asConsumer(vector);
  return issuerAccepts([vector.key], vector.jws ?? '') ? 'valid' : 'invalid';
}

const vectors = hasVectors ? wycheproof(FILE) : [];

/** Small enough to be here: vectors 1 and 2 of the file, and the key of their group. */
const HS256_KEY = { alg: 'HS256', use: 'sig', k: '-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE', kid: 'k', kty: 'oct' };
const HS256_JWS = 'eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC1hZXMtc2lnbiJ9.Zm9v.TD37p4c_0jmreSrBSDmE0F3mYSPtkZ3WrSyI5wb_KTg';

test('the verifier that answers the vectors can say both yes and no', async () => {
  const key = { ...HS256_KEY, kid: 'kid-aes-sign' };
  expect(await consumerAccepts([key], HS256_JWS)).toBe(true);
  expect(await consumerAccepts([key], HS256_JWS.replace('.TD', '.XD'))).toBe(false);
});

if (hasVectors) {
  test('the file is the one whose eight faulty labels are known', () => {
    expect(sha256OfVectors(`wycheproof/${FILE}`)).toBe(FILE_SHA256);
    expect(vectors).toHaveLength(401);
    expect(vectors.filter((vector) => FAULTY_LABELS.has(vector.tcId))).toHaveLength(8);
    expect(vectors.every((vector) => FAULTY_LABELS.get(vector.tcId)?.[0] !== vector.result)).toBe(true);
  });

  describe.each([
    ['with every algorithm allowed', withEveryAlgorithm],
    ['with the algorithm of the credential', asConsumer],
  ])('%s', (_policy, answer) => {
    test.each(vectors.map((vector) => [vector.tcId, vector.comment, vector] as const))(
      'answers vector %i (%s) as a strict verifier must',
      async (_id, _comment, vector) => {
        expect(await answer(vector)).toBe(strictAnswer(vector));
      },
    );
  });
}
