import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { memoryConsumers } from '../../lib/index.js';
import { frontDoor } from '../helpers/front-door.js';
import { hmacSigned, segment, signed } from '../helpers/signing.js';
import { HOWTO, howtoToken, inSeconds } from '../helpers/tokens.js';

// Every run is a request over HTTP, or two.
const RUNS = { numRuns: 100 };
const present = frontDoor();

const refused = async (token: string) => expect([400, 401]).toContain((await present(token)).status);

describe('whatever a client sends as a token is refused', () => {
  test('any text', async () => {
    await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), refused), RUNS);
  });

  test('any text with the shape of a token', async () => {
    const part = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.base64String(), fc.json());
    const parts = fc.array(fc.oneof(part, part.map(segment)), { minLength: 2, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        parts.map((list) => list.join('.')),
        refused,
      ),
      RUNS,
    );
  });

  test('any header and any claims that the consumer did not sign', async () => {
    const claims = fc.json().map((json) => json.replace(/^\{/, `{"iss":"${HOWTO.key}",`));
    await fc.assert(
      fc.asyncProperty(fc.json(), claims, fc.uint8Array({ minLength: 1, maxLength: 64 }), (header, payload, mac) =>
        refused([header, payload, Buffer.from(mac)].map(segment).join('.')),
      ),
      RUNS,
    );
  });
});

test('whatever a consumer signs is a 200 or a 401, and a 200 only until an exp that a clock can reach', async () => {
  const claim = fc.oneof(fc.constantFrom('exp', 'nbf', 'iat', 'sub', 'aud', 'jti', 'iss', '__proto__'), fc.string());
  const value = fc.oneof(fc.jsonValue(), fc.integer({ min: -1, max: 2_000_000_000 }));
  const good = { iss: HOWTO.key, exp: inSeconds(300) };
  await fc.assert(
    fc.asyncProperty(fc.dictionary(claim, value), value, fc.nat({ max: 2 }), async (claims, exp, kind) => {
      const payload = [{ ...good, ...claims }, { ...good, exp }, claims][kind] ?? claims;
      const { status } = await present(hmacSigned({ alg: 'HS256' }, payload));
      expect([200, 401]).toContain(status);
      if (status !== 200) return;
      expect(payload.iss).toBe(HOWTO.key);
      expect(payload.exp).toBeGreaterThan(inSeconds(-61));
    }),
    RUNS,
  );
});

test('whatever stands in a header is a 200 or a 401, and a 200 only under the right algorithm', async () => {
  const member = fc.oneof(fc.constantFrom('kid', 'typ', 'cty', 'crit', 'jwk', 'jku', 'x5u', 'b64'), fc.string());
  await fc.assert(
    fc.asyncProperty(fc.dictionary(member, fc.jsonValue()), fc.boolean(), async (header, isRight) => {
      const shown = isRight ? { ...header, alg: 'HS256' } : header;
      const { status } = await present(hmacSigned(shown, { iss: HOWTO.key, exp: inSeconds(300) }));
      expect(isRight ? [200, 401] : [401]).toContain(status);
    }),
    RUNS,
  );
});

describe.each([
  ['HS256', () => ({ door: present, token: howtoToken() })],
  [
    'RS256',
    () => {
      const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const credentials = [{ key: 'client', algorithm: 'RS256' as const, publicKey }];
      const door = frontDoor({ consumers: memoryConsumers([{ username: 'client', credentials }]) });
      return { door, token: signed('RS256', privateKey, { iss: 'client', exp: inSeconds(300) }) };
    },
  ],
  [
    'ES256',
    () => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const credentials = [{ key: 'client', algorithm: 'ES256' as const, publicKey }];
      const door = frontDoor({ consumers: memoryConsumers([{ username: 'client', credentials }]) });
      return { door, token: signed('ES256', privateKey, { iss: 'client', exp: inSeconds(300) }) };
    },
  ],
])('a good %s token with one character changed is refused', (_algorithm, make) => {
  const { door, token } = make();
  // From here on, the plain space: at the ends of a header it is not part of the value, so it is never put there.
  const character = fc.oneof(
    fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((text) => text !== ' '),
  );
  const place = fc.nat({ max: token.length - 1 });

  test('the token itself is good', async () => {
    expect((await door(token)).status).toBe(200);
  });

  test('replaced, anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(place, character, async (at, other) => {
        fc.pre(token[at] !== other);
        expect((await door(token.slice(0, at) + other + token.slice(at + 1))).status).toBe(401);
      }),
      RUNS,
    );
  });

  test('replaced by any other of the alphabet where a segment ends', async () => {
    const ends = [token.indexOf('.') - 1, token.lastIndexOf('.') - 1, token.length - 1];
    for (const at of ends) {
      for (const other of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
        if (other === token[at]) continue;
        expect((await door(token.slice(0, at) + other + token.slice(at + 1))).status).toBe(401);
      }
    }
  });

  test('put in, or left out', async () => {
    await fc.assert(
      fc.asyncProperty(place, character, async (at, other) => {
        expect((await door(token.slice(0, at) + other + token.slice(at))).status).toBe(401);
        expect((await door(token.slice(0, at) + token.slice(at + 1))).status).toBe(401);
      }),
      RUNS,
    );
  });
});
