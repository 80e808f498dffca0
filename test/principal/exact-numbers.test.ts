import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { type ClaimMapping, ConfigurationError, consumerJwt, memoryConsumers, requireClaim } from '../../lib/index.js';
import { app } from '../helpers/servers.js';
import { HOWTO, hs256, inSeconds } from '../helpers/tokens.js';

const consumers = memoryConsumers([
  { username: HOWTO.username, credentials: [{ key: HOWTO.key, secret: HOWTO.secret }] },
]);

/** Sends a token whose further claims are this raw JSON. */
function send(claimsJson: string, claims: ClaimMapping) {
  const token = hs256(`{"iss":"${HOWTO.key}","exp":${inSeconds(300)},${claimsJson}}`);
  return request(app(consumerJwt({ consumers, claims })))
    .get('/')
    .set('Authorization', `Bearer ${token}`);
}

async function attributeOf(literal: string): Promise<unknown> {
  const { body } = await send(`"n":${literal}`, { attributes: { n: 'n' } });
  return body.principal?.attributes.n;
}

describe('a number becomes the text of', () => {
  test.each([
    '12345678901234567890',
    '-12345678901234567890',
    '9007199254740993',
    '123456789012345678901234567890.123456789012345678901234567890',
    '0.1234567890123456789',
    '0.99999999999999999999',
    '4503599627370497.2',
    '1.10',
    '1e400',
    '1E-400',
    `${'9'.repeat(2_000)}`,
  ])('the digits that were signed where a double would lose some: %.40s', async (literal) => {
    expect(await attributeOf(literal)).toBe(literal);
  });

  test.each([
    ['0', '0'],
    ['-0', '0'],
    ['42', '42'],
    ['-7', '-7'],
    ['42.0', '42'],
    ['1e3', '1000'],
    ['1.2345678E7', '12345678'],
    ['7.9', '7.9'],
    ['-7.9', '-7.9'],
    ['9007199254740991', '9007199254740991'],
    ['true', 'true'],
    ['false', 'false'],
    ['"007"', '007'],
    ['""', ''],
  ])('an ordinary value as everybody writes it: %s is %s', async (literal, text) => {
    expect(await attributeOf(literal)).toBe(text);
  });

  test('every digit also below a pointer, in segments, in lists, and beside names that JavaScript reorders', async () => {
    const json =
      '"org":{"b":1,"10":10000000000000000001,"2":20000000000000000002},"ids":["a",30000000000000000003,true,4]';
    const { body } = await send(json, {
      subject: ['org', '10'],
      groups: 'ids',
      attributes: { ten: '/org/10', two: ['org', '2'], third: '/ids/1', b: '/org/b' },
      lists: { ids: 'ids', one: ['org', '2'] },
    });
    expect(body.principal).toMatchObject({
      subject: '10000000000000000001',
      groups: ['a', '30000000000000000003', 'true', '4'],
      attributes: { ten: '10000000000000000001', two: '20000000000000000002', third: '30000000000000000003', b: '1' },
      listAttributes: { ids: ['a', '30000000000000000003', 'true', '4'], one: ['20000000000000000002'] },
    });
  });

  test('a number, and not digits inside a text', async () => {
    const { body } = await send(String.raw`"t":"\"12345678901234567890","n":12345678901234567891`, {
      attributes: { t: 't', n: 'n' },
    });
    expect(body.principal.attributes).toEqual({ t: '"12345678901234567890', n: '12345678901234567891' });
  });

  test('each token by itself, whatever came before', async () => {
    const method = consumerJwt({ consumers, claims: { attributes: { n: 'n' } } });
    for (const literal of ['11111111111111111111', '22222222222222222222', '5']) {
      const token = hs256(`{"iss":"${HOWTO.key}","exp":${inSeconds(300)},"n":${literal}}`);
      const { body } = await request(app(method)).get('/').set('Authorization', `Bearer ${token}`);
      expect(body.principal.attributes.n).toBe(literal);
    }
  });
});

test('the claims themselves and what asks for them keep numbers', async () => {
  const token = hs256(`{"iss":"${HOWTO.key}","exp":${inSeconds(300)},"price":1.10}`);
  const server = app(consumerJwt({ consumers }), requireClaim('price', 1.1));
  const { status, body } = await request(server).get('/').set('Authorization', `Bearer ${token}`);
  expect(status).toBe(200);
  expect(body.principal.claims.price).toBe(1.1);
});

test('inexact numbers hide no duplicate member', async () => {
  const { status } = await send('"n":12345678901234567890,"n":1', { attributes: { n: 'n' } });
  expect(status).toBe(401);
});

describe("attributes and lists are read as Consul's mappings are", () => {
  test.each([
    ['a text is a list of one', '"x"', ['x']],
    ['a number is a list of one', '7', ['7']],
    ['an empty text is an empty list', '""', []],
    ['an empty list is an empty list', '[]', []],
    ['empty members are dropped', '["a","","b"]', ['a', 'b']],
    ['scalars may be mixed', '["a",1,true,2.5]', ['a', '1', 'true', '2.5']],
    ['null is no list', 'null', undefined],
  ])('in a list, %s', async (_title, json, list) => {
    const { body } = await send(`"l":${json}`, { lists: { l: 'l' } });
    expect(body.principal.listAttributes).toEqual(list === undefined ? {} : { l: list });
  });

  test.each(['{}', '{"a":1}', '[["a"]]', '["a",{}]', '["a",null]'])('refuses %s as a list', async (json) => {
    expect((await send(`"l":${json}`, { lists: { l: 'l' } })).status).toBe(401);
  });

  test.each(['{}', '[]', '["a"]'])('refuses %s as a single value', async (json) => {
    expect((await send(`"v":${json}`, { attributes: { v: 'v' } })).status).toBe(401);
  });

  test('dots and slashes inside a name are literal, and a slash in front makes a pointer', async () => {
    const json = '"a.b":"dotted","a":{"b":"nested","c/d":"slash","e~f":"tilde"},"https://x/g":"url"';
    const attributes = { dot: 'a.b', nested: '/a/b', slash: '/a/c~1d', tilde: '/a/e~0f', url: 'https://x/g' };
    const { body } = await send(json, { attributes });
    expect(body.principal.attributes).toEqual({
      dot: 'dotted',
      nested: 'nested',
      slash: 'slash',
      tilde: 'tilde',
      url: 'url',
    });
  });

  test('what is missing, null or beyond the end is skipped', async () => {
    const attributes = { none: 'none', nil: 'nil', end: '/l/-', far: '/l/9', deep: '/nil/x', up: '/l/length' };
    const { body } = await send('"nil":null,"l":["a"]', { attributes });
    expect(body.principal.attributes).toEqual({});
  });

  test.each([
    [{ attributes: null }, 'claims.attributes'],
    [{ attributes: 'team' }, 'claims.attributes'],
    [{ lists: ['groups'] }, 'claims.lists'],
    [{ attributes: { team: 7 } }, 'claims.attributes.team'],
    [{ attributes: { team: '/a~2b' } }, 'claims.attributes.team'],
  ])('refuses the mapping %j at creation', (claims, option) => {
    const create = () => consumerJwt({ consumers, claims: claims as unknown as ClaimMapping });
    expect(create).toThrow(ConfigurationError);
    expect(create).toThrow(option);
  });
});
