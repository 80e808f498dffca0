import { createSecretKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { frontDoor, refusedAs, WELCOME } from '../helpers/front-door.js';
import { segment, signature as sign, withPayload } from '../helpers/signing.js';
import { HOWTO, howtoToken, inSeconds } from '../helpers/tokens.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const present = frontDoor();
const malformed = refusedAs('token_malformed');
const [header = '', payload = '', signature = ''] = howtoToken().split('.');

test('takes the good token that all the others are made from', async () => {
  expect(await present(`${header}.${payload}.${signature}`)).toEqual(WELCOME);
});

describe('refuses anything but three segments', () => {
  test.each([
    ['one', header],
    ['two', `${header}.${payload}`],
    ['four', `${header}.${payload}.${signature}.${signature}`],
    ['five, as an encrypted token has', `${header}.${payload}.${signature}.${signature}.${signature}`],
    ['an empty header', `.${payload}.${signature}`],
    ['an empty payload, as a detached one', `${header}..${signature}`],
    ['an empty signature', `${header}.${payload}.`],
    ['two dots', '..'],
    ['one dot', '.'],
    ['sixteen thousand dots', '.'.repeat(16_000)],
    ['a dot in front', `.${header}.${payload}.${signature}`],
    ['a dot behind', `${header}.${payload}.${signature}.`],
  ])('%s', async (_what, token) => {
    expect(await present(token)).toEqual(malformed);
  });
});

describe('refuses what is not the one spelling of its bytes', () => {
  const lastBits = ALPHABET.indexOf(signature.at(-1) ?? '');
  const equivalent = [1, 2, 3].map((bits) => `${signature.slice(0, -1)}${ALPHABET[lastBits ^ bits]}`);

  test.each(equivalent.map((other) => [other.at(-1), other]))(
    'unused bits of the signature set: it ends in %s',
    async (_last, other) => {
      expect(Buffer.from(other ?? '', 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
      expect(await present(`${header}.${payload}.${other}`)).toEqual(malformed);
    },
  );

  test.each([
    ['padding behind the signature', `${header}.${payload}.${signature}=`],
    ['padding behind the header', `${header}=.${payload}.${signature}`],
    ['padding behind the payload', `${header}.${payload}==.${signature}`],
    ['a space in the signature', `${header}.${payload}.${signature.slice(0, 9)} ${signature.slice(9)}`],
    ['a space in front of the signature', `${header}.${payload}. ${signature}`],
    ['a space behind the token', `${header}.${payload}.${signature} `],
    ['a space in front of the token', ` ${header}.${payload}.${signature}`],
    ['a line feed behind the token', `${header}.${payload}.${signature}\n`],
    ['a line feed in the payload', `${header}.${payload.slice(0, 4)}\n${payload.slice(4)}.${signature}`],
    ['a tab', `${header}.${payload}\t.${signature}`],
    ['a NUL', `${header}.${payload}.${signature}\0`],
    ['the alphabet of plain base64', `${header}.${payload}.${signature.slice(0, -4)}+/AA`],
    ['a length that no bytes have', `${header}.${payload}.${signature}AA`],
    ['a character beyond ASCII', `${header}.${payload}.${signature.slice(0, -1)}é`],
    ['a full-width dot', `${header}．${payload}．${signature}`],
    ['quotes', `"${header}.${payload}.${signature}"`],
    ['the JSON form', JSON.stringify({ protected: header, payload, signature })],
    ['the general JSON form', JSON.stringify({ payload, signatures: [{ protected: header, signature }] })],
    ['a JSON form that hides a compact one', `{"a":".${payload}.${signature}"}`],
  ])('%s', async (_what, token) => {
    expect(await present(token)).toEqual(malformed);
  });
});

describe('refuses other spellings also where the signer wrote and signed them', () => {
  const key = createSecretKey(Buffer.from(HOWTO.secret));
  const signedAs = (head: string) => `${head}.${payload}.${segment(sign('HS256', key, `${head}.${payload}`))}`;

  /** A header whose segment ends in unused bits: four of them after one byte too many, two after two. */
  const headerOf = (bytesOver: number) => segment(`{"alg":"HS256"}${' '.repeat(bytesOver)}`);

  test.each([
    ['four unused bits', headerOf(1), 0b1111],
    ['two unused bits', headerOf(2), 0b11],
  ])('%s', async (_what, head, unused) => {
    expect(await present(signedAs(head))).toEqual(WELCOME);
    const last = ALPHABET.indexOf(head.at(-1) ?? '');
    for (let bits = 1; bits <= unused; bits += 1) {
      const other = `${head.slice(0, -1)}${ALPHABET[last | bits]}`;
      expect(Buffer.from(other, 'base64url')).toEqual(Buffer.from(head, 'base64url'));
      expect(await present(signedAs(other))).toEqual(malformed);
    }
  });

  test('padding', async () => {
    expect(await present(signedAs(`${headerOf(1)}==`))).toEqual(malformed);
    expect(await present(signedAs(`${headerOf(2)}=`))).toEqual(malformed);
  });
});

describe('size', () => {
  /** A good token of exactly this many characters. */
  function tokenOfLength(length: number): string {
    for (let fill = length; ; fill -= 1) {
      const claims = { iss: HOWTO.key, exp: inSeconds(300), fill: 'x'.repeat(Math.floor(fill * 0.75)) };
      const token = withPayload(claims);
      if (token.length <= length) return token;
    }
  }

  test('takes a token of up to 16 KiB', async () => {
    const token = tokenOfLength(16_384);
    expect(token.length).toBeGreaterThan(16_380);
    expect(await present(token)).toEqual(WELCOME);
  });

  test('refuses a token of 16 KiB and a byte before anything looks into it', async () => {
    expect(await present('.'.repeat(16_384))).toEqual(malformed);
    expect(await present('.'.repeat(16_385))).toEqual(refusedAs('token_too_large'));
    expect(await present(`${tokenOfLength(16_384)}AAAAA`)).toEqual(refusedAs('token_too_large'));
  });
});
