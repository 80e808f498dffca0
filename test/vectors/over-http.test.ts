import { describe, expect, test } from '@jest/globals';
import { memoryConsumers } from '../../lib/index.js';
import { frontDoor, refusedAs } from '../helpers/front-door.js';
import { credentialOf } from '../helpers/jws-verifier.js';
import { hasVectors, type VectorKey, wycheproof } from '../helpers/vectors.js';

/** A consumer that owns a key, and a door that finds it by `kid`, so that a vector comes as far as it can. */
function doorFor(key: VectorKey) {
  const owned = { username: 'vectors', credentials: [credentialOf(key)] };
  try {
    return frontDoor({ consumers: memoryConsumers([owned]), keyClaim: 'kid' });
  } catch {
    // A key that nobody can register; its vectors meet a door without it.
    return frontDoor({ keyClaim: 'kid' });
  }
}

const KEY = { alg: 'HS256', k: '-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE', kid: 'kid-aes-sign', kty: 'oct' };
const JWS = 'eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC1hZXMtc2lnbiJ9.Zm9v.TD37p4c_0jmreSrBSDmE0F3mYSPtkZ3WrSyI5wb_KTg';

test('a valid signature over something that is no JSON object is a 401', async () => {
  expect(await doorFor(KEY)(JWS)).toEqual(refusedAs('token_malformed'));
});

if (hasVectors) {
  const files = ['json_web_signature_test.json', 'json_web_key_test.json', 'json_web_encryption_test.json'] as const;
  describe.each(files)('every vector of %s', (file) => {
    const vectors = wycheproof(file);

    test('is a 401: none of them is a JWT', async () => {
      const doors = new Map<VectorKey, ReturnType<typeof frontDoor>>();
      for (const { tcId, key, jws, jwe } of vectors) {
        const door = doors.get(key) ?? doorFor((key.keys as VectorKey[] | undefined)?.[0] ?? key);
        doors.set(key, door);
        const { status } = await door(jws ?? jwe ?? '');
        expect([tcId, status]).toEqual([tcId, 401]);
      }
    });
  });
}
