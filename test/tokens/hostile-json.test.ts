import { describe, expect, test } from '@jest/globals';
import { consumerJwt } from '../../lib/index.js';
import { frontDoor, howtoConsumers, refusedAs, WELCOME } from '../helpers/front-door.js';
import { withHeader, withPayload } from '../helpers/signing.js';
import { HOWTO, inSeconds } from '../helpers/tokens.js';

const present = frontDoor();
const malformed = refusedAs('token_malformed');

/** A good payload with more JSON text in it. */
const claimsWith = (text: string) => `{"iss":"${HOWTO.key}","exp":${inSeconds(300)}${text}}`;

describe('refuses duplicate members', () => {
  test.each([
    ['iss', `,"iss":"${HOWTO.key}"`],
    ['exp', ',"exp":9999999999'],
    ['sub', ',"sub":"a","sub":"b"'],
    ['the same value twice', ',"x":1,"x":1'],
    ['one of the two escaped', ',"sub":"a","s\\u0075b":"b"'],
    ['both escaped', ',"\\u0073ub":"a","s\\u0075b":"b"'],
    ['one level down', ',"a":{"b":1,"b":2}'],
    ['three levels down', ',"a":{"b":[{"c":[{"d":1,"d":2}]}]}'],
    ['in an array', ',"a":[{"b":1},{"c":1,"c":1}]'],
    ['of which one holds more members than the other', ',"a":{"x":1,"y":2},"a":{}'],
    ['with an empty name', ',"":1,"":2'],
  ])('%s', async (_what, text) => {
    expect(await present(withPayload(claimsWith(text)))).toEqual(malformed);
  });

  test.each(['{"alg":"HS256","alg":"HS256"}', '{"alg":"none","alg":"HS256"}', '{"alg":"HS256","\\u0061lg":"HS256"}'])(
    'in the header: %s',
    async (header) => {
      expect(await present(withHeader(header))).toEqual(malformed);
    },
  );

  test('and only those: names in texts, and equal names in different objects, are none', async () => {
    const text = ',"a":{"x":1},"b":{"x":1},"c":"\\"x\\":1,\\"x\\":1","d":[{"x":":"},{"x":"{"}],"e\\"":1,"e\\\\":2';
    expect(await present(withPayload(claimsWith(text)))).toEqual(WELCOME);
  });
});

describe('refuses texts that are not Unicode', () => {
  const bytes = (text: string) => Buffer.from(text);
  test.each<[string, Buffer]>([
    ['a byte order mark', Buffer.concat([bytes('\ufeff'), bytes(claimsWith(''))])],
    ['UTF-16', Buffer.from(claimsWith(''), 'utf16le')],
    [
      'a stray continuation byte',
      Buffer.concat([bytes(claimsWith('').slice(0, -1)), bytes(',"a":"'), Buffer.from([0x80]), bytes('"}')]),
    ],
    [
      'an overlong slash',
      Buffer.concat([bytes(claimsWith('').slice(0, -1)), bytes(',"a":"'), Buffer.from([0xc0, 0xaf]), bytes('"}')]),
    ],
    [
      'an encoded surrogate',
      Buffer.concat([
        bytes(claimsWith('').slice(0, -1)),
        bytes(',"a":"'),
        Buffer.from([0xed, 0xa0, 0x80]),
        bytes('"}'),
      ]),
    ],
    ['half a surrogate pair, escaped', bytes(claimsWith(',"sub":"\\ud800"'))],
    ['the other half', bytes(claimsWith(',"a":[{"b":"x\\uDC00"}]'))],
    ['half a pair in a name', bytes(claimsWith(',"\\ud800":1'))],
    ['a NUL in a text', bytes(claimsWith(',"sub":"a\\u0000"'))],
    ['a NUL in a name', bytes(claimsWith(',"a\\u0000":1'))],
  ])('%s', async (_what, payload) => {
    expect(await present(withPayload(payload))).toEqual(malformed);
  });

  test('a header with a byte order mark, or with a stray byte', async () => {
    expect(await present(withHeader('\ufeff{"alg":"HS256"}'))).toEqual(malformed);
    expect(await present(withHeader(Buffer.from('{"alg":"HS256","x":"\xff"}', 'latin1')))).toEqual(malformed);
  });

  test('and takes whole pairs, escaped or not', async () => {
    expect(await present(withPayload(claimsWith(',"name":"\\ud83d\\ude00 😀 \\\\ud800"')))).toEqual(WELCOME);
  });
});

describe('refuses what would hurt whoever works with the claims', () => {
  test.each([
    ['__proto__ as a claim', claimsWith(',"__proto__":{"admin":true}')],
    ['__proto__ escaped', claimsWith(',"__pr\\u006fto__":{"admin":true}')],
    ['__proto__ further down', claimsWith(',"a":[{"__proto__":null}]')],
    ['33 levels', claimsWith(`,"a":${'['.repeat(32)}${']'.repeat(32)}`)],
    ['5,000 arrays in each other', claimsWith(`,"a":${'['.repeat(5000)}${']'.repeat(5000)}`)],
    ['1,500 objects in each other', claimsWith(`,"a":${'{"a":'.repeat(1500)}1${'}'.repeat(1500)}`)],
    ['513 members', claimsWith(`,"a":{${Array.from({ length: 510 }, (_, i) => `"m${i}":1`)}}`)],
  ])('%s', async (_what, payload) => {
    expect(await present(withPayload(payload))).toEqual(malformed);
  });

  test.each([
    ['32 levels', `,"a":${'['.repeat(31)}${']'.repeat(31)}`],
    ['512 members', `,"a":{${Array.from({ length: 509 }, (_, i) => `"m${i}":1`)}}`],
    ['brackets in texts', `,"a":"${'['.repeat(5000)}"`],
    ['names of other prototype members', ',"constructor":{"prototype":{}},"toString":1,"hasOwnProperty":null'],
  ])('and takes %s', async (_what, text) => {
    expect(await present(withPayload(claimsWith(text)))).toEqual(WELCOME);
  });

  test('no claim changes a prototype', async () => {
    const method = consumerJwt({ consumers: howtoConsumers() });
    const token = withPayload(claimsWith(',"constructor":{"prototype":{"polluted":true}}'));
    const headers = { authorization: `Bearer ${token}` };
    const request = { headers, rawHeaders: Object.entries(headers).flat(), url: '/' };
    expect(await method.authenticate(request as never)).toMatchObject({ type: 'consumer' });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('refuses a payload that is not one JSON object', () => {
  test.each([
    'null',
    '[]',
    '1',
    'true',
    '"text"',
    '',
    ' ',
    '{',
    '{}x',
    '{}{}',
    "{'iss':1}",
    '{"a":NaN}',
    '{"a":1,}',
    '{a:1}',
  ])('%j', async (payload) => {
    expect(await present(withPayload(payload))).toEqual(malformed);
  });

  test('white space around and between is no harm', async () => {
    expect(await present(withPayload(`\n\t ${claimsWith(' ,\r\n "a" : [ 1 , 2 ] ')} \n`))).toEqual(WELCOME);
  });
});

describe('a credential named by a word of JavaScript is unknown', () => {
  test.each(['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty'])('iss: %j', async (iss) => {
    expect(await present(withPayload({ iss, exp: inSeconds(300) }))).toEqual(refusedAs('credential_unknown'));
  });

  test.each(['constructor', 'toString', '__proto__'])(
    'keyClaim: %j finds nothing that the token did not say',
    async (keyClaim) => {
      expect(await frontDoor({ keyClaim })(withPayload(claimsWith('')))).toEqual(refusedAs('claim_missing'));
    },
  );
});
