import { describe, expect, test } from '@jest/globals';
import { frontDoor, refusedAs, WELCOME } from '../helpers/front-door.js';
import { withHeader } from '../helpers/signing.js';
import { HOWTO } from '../helpers/tokens.js';

const present = frontDoor();
const malformed = refusedAs('token_malformed');

describe('refuses any name but the one algorithm of the credential', () => {
  test.each(['none', 'None', 'NONE', 'nOnE', 'HS256 ', ' HS256', 'hs256', 'HS384', 'HS256,none', 'A256KW', 'dir'])(
    'alg: %j',
    async (alg) => {
      expect(await present(withHeader({ alg }))).toEqual(refusedAs('algorithm_not_allowed'));
    },
  );

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('alg: %j', async (alg) => {
    expect(await present(withHeader({ alg }))).toEqual(refusedAs('algorithm_not_allowed'));
  });

  test.each([[null], [0], [256], [true], [['HS256']], [[]], [{}], [{ alg: 'HS256' }], ['']])('alg: %j', async (alg) => {
    expect(await present(withHeader({ alg }))).toEqual(malformed);
  });

  test('alg: "HS256" with a NUL behind it', async () => {
    expect(await present(withHeader('{"alg":"HS256\\u0000"}'))).toEqual(malformed);
  });

  test.each(['{}', '{"typ":"JWT"}', '{"ALG":"HS256"}', '{"Alg":"HS256"}'])('no alg: %s', async (header) => {
    expect(await present(withHeader(header))).toEqual(malformed);
  });

  test('alg none without a signature', async () => {
    const [header, payload] = withHeader({ alg: 'none' }).split('.');
    expect(await present(`${header}.${payload}.`)).toEqual(malformed);
    expect(await present(`${header}.${payload}`)).toEqual(malformed);
  });
});

describe('refuses members that bring a key, or say that the token is something else', () => {
  const jwk = { kty: 'oct', k: Buffer.from(HOWTO.secret).toString('base64url') };
  test.each<[string, unknown]>([
    ['crit', ['exp']],
    ['crit', ['b64']],
    ['crit', ['alg']],
    ['crit', []],
    ['crit', 'b64'],
    ['b64', false],
    ['b64', true],
    ['zip', 'DEF'],
    ['enc', 'A256GCM'],
    ['p2c', 4_000_000],
    ['jwk', jwk],
    ['cty', 'JWT'],
    ['cty', 'jwt'],
    ['cty', 'application/jwt'],
  ])('%s: %j', async (member, value) => {
    expect(await present(withHeader({ alg: 'HS256', [member]: value }))).toEqual(malformed);
  });
});

describe('takes a member that is null for one that is not there', () => {
  test.each(['kid', 'typ', 'cty', 'crit', 'b64', 'zip', 'enc', 'p2c', 'jwk', 'jku', 'x5u', 'x5c', 'x5t', 'x5t#S256'])(
    '%s',
    async (member) => {
      expect(await present(withHeader({ alg: 'HS256', [member]: null }))).toEqual(WELCOME);
    },
  );

  test('and so an alg that is null for none', async () => {
    expect(await present(withHeader({ alg: null }))).toEqual(malformed);
  });

  test('and so a kid that is null, or empty, names no credential', async () => {
    const door = frontDoor({ keyClaim: 'kid' });
    for (const kid of [null, '']) {
      expect(await door(withHeader({ alg: 'HS256', kid }))).toEqual(refusedAs('claim_missing'));
    }
  });
});

describe('refuses members of a wrong type', () => {
  test.each(['kid', 'typ', 'cty'])('%s', async (member) => {
    for (const value of [0, 1, true, [], ['x'], {}, { toString: 'x' }]) {
      expect(await present(withHeader({ alg: 'HS256', [member]: value }))).toEqual(malformed);
    }
  });

  test.each([
    'null',
    '[]',
    '"HS256"',
    '1',
    'true',
    '[{"alg":"HS256"}]',
    '',
    '{',
    '{"alg":"HS256"}{}',
    "{'alg':'HS256'}",
  ])('a header that is %s', async (header) => {
    expect(await present(withHeader(header))).toEqual(malformed);
  });
});

describe('a kid is a text that is compared, and nothing else', () => {
  test.each([
    '../../../../dev/null',
    "x' OR '1'='1",
    '"; DROP TABLE credentials; --',
    '/etc/passwd',
    'https://attacker.example/key',
    '%00',
    '__proto__',
    'constructor',
    'toString',
    'x\r\nSet-Cookie: a=b',
    'x'.repeat(256),
  ])('%j names no credential', async (kid) => {
    const door = frontDoor({ keyClaim: 'kid' });
    expect(await door(withHeader({ alg: 'HS256', kid }))).toEqual(refusedAs('credential_unknown'));
  });

  test('and the right one names its credential', async () => {
    expect(await frontDoor({ keyClaim: 'kid' })(withHeader({ alg: 'HS256', kid: HOWTO.key }))).toEqual(WELCOME);
  });

  test.each([
    ['of more than 256 bytes', 'x'.repeat(257)],
    ['of more than 256 bytes in fewer characters', 'é'.repeat(129)],
    ['of 10 KiB', 'x'.repeat(10_240)],
    ['with a NUL', `${HOWTO.key}\0`],
  ])('one %s is refused', async (_what, kid) => {
    expect(await present(withHeader({ alg: 'HS256', kid }))).toEqual(malformed);
  });
});

test('members that only describe the key are no reason to refuse', async () => {
  const header = { alg: 'HS256', typ: 'at+jwt', kid: 'a', x5t: 'AAAA', 'x5t#S256': 'AAAA', nonce: 'b', cty: 'text' };
  expect(await present(withHeader(header))).toEqual(WELCOME);
});
