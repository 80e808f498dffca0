import { describe, expect, test } from '@jest/globals';
import type { Principal } from '../../lib/index.js';
import { authMethod, CORP_KEY, consulVerdict, corpClaims, corpToken, presentToConsul } from '../helpers/consul.js';
import { signed } from '../helpers/signing.js';

type Mappings = Record<string, string>;

async function mapped(mappings: { single?: Mappings; list?: Mappings }, claims: object): Promise<Principal> {
  const config = authMethod({ ClaimMappings: mappings.single ?? {}, ListClaimMappings: mappings.list ?? {} });
  const { status, principal } = await presentToConsul(config, corpToken({ ...claims }));
  expect(status).toBe(200);
  return principal;
}

const INVALID = '401 claim_invalid';

describe('ClaimMappings', () => {
  test.each([
    ['a text', 'Ann', 'Ann'],
    ['an empty text', '', ''],
    ['true', true, 'true'],
    ['false', false, 'false'],
    ['an integer', 42, '42'],
    ['a number whose fraction Consul would cut off', 7.9, '7.9'],
    ['a negative one', -7.9, '-7.9'],
  ])('makes a text of %s', async (_what, value, text) => {
    expect((await mapped({ single: { claim: 'x' } }, { claim: value })).attributes).toEqual({ x: text });
  });

  test('keeps every digit of a number that a double cannot hold', async () => {
    const claims = JSON.stringify({ ...corpClaims(), id: '#' }).replace('"#"', '12345678901234567890');
    const { principal } = await presentToConsul(
      authMethod({ ClaimMappings: { id: 'id' } }),
      signed('RS256', CORP_KEY, claims),
    );
    expect(principal.attributes).toEqual({ id: '12345678901234567890' });
  });

  test.each([
    ['missing', {}],
    ['null', { claim: null }],
  ])('skips a claim that is %s', async (_what, claims) => {
    expect((await mapped({ single: { claim: 'x' } }, claims)).attributes).toEqual({});
  });

  test.each([
    ['an object', {}],
    ['a list', ['a']],
  ])('refuses the token for %s where a single value is mapped', async (_what, claim) => {
    expect(await consulVerdict(authMethod({ ClaimMappings: { claim: 'x' } }), corpToken({ claim }))).toBe(INVALID);
  });

  test.each([
    ['dots are part of a name', 'a.b', { a: { b: 'no' }, 'a.b': 'yes' }],
    ['so are colons and slashes', 'https://x/groups', { 'https://x/groups': 'yes' }],
    ['a slash in front makes a pointer', '/a/b', { a: { b: 'yes' }, '/a/b': 'no' }],
    ['a pointer has escapes', '/a~1b/c~0d', { 'a/b': { 'c~d': 'yes' } }],
    ['~01 is ~1 and not a slash', '/a~01b', { 'a~1b': 'yes', 'a/b': 'no' }],
    ['what is no escape stands for itself', '/a~2', { 'a~2': 'yes' }],
    ['a pointer goes into lists', '/a/1/b', { a: [0, { b: 'yes' }] }],
  ])('%s', async (_what, selector, claims) => {
    expect((await mapped({ single: { [selector]: 'x' } }, claims)).attributes).toEqual({ x: 'yes' });
  });

  test.each(['/a/7', '/a/-', '/a/b/c', '/constructor/name', 'toString'])(
    '%s leads nowhere, which is no failure',
    async (selector) => {
      expect((await mapped({ single: { [selector]: 'x' } }, { a: ['b'] })).attributes).toEqual({});
    },
  );
});

describe('ListClaimMappings', () => {
  test.each([
    ['a list of texts', ['a', 'b'], ['a', 'b']],
    ['texts, numbers and booleans', ['a', 7, true], ['a', '7', 'true']],
    ['a single text', 'a', ['a']],
    ['a single number', 7, ['7']],
    ['an empty list', [], []],
    ['an empty text', '', []],
    ['empty texts among others', ['a', '', 'b'], ['a', 'b']],
  ])('makes a list of %s', async (_what, value, list) => {
    expect((await mapped({ list: { claim: 'x' } }, { claim: value })).listAttributes).toEqual({ x: list });
  });

  test.each([
    ['missing', {}],
    ['null', { claim: null }],
  ])('skips a claim that is %s', async (_what, claims) => {
    expect((await mapped({ list: { claim: 'x' } }, claims)).listAttributes).toEqual({});
  });

  test.each([
    ['an object', {}],
    ['a list in the list', [['a']]],
    ['an object in the list', [{}]],
    ['null in the list', [null]],
  ])('refuses the token for %s', async (_what, claim) => {
    expect(await consulVerdict(authMethod({ ListClaimMappings: { claim: 'x' } }), corpToken({ claim }))).toBe(INVALID);
  });

  test('may use a name that ClaimMappings uses', async () => {
    const principal = await mapped({ single: { a: 'x' }, list: { b: 'x' } }, { a: 'one', b: ['two'] });
    expect(principal).toMatchObject({ attributes: { x: 'one' }, listAttributes: { x: ['two'] } });
  });
});

describe('the principal', () => {
  test('gets its groups from the list that is mapped to that name, and from nowhere else', async () => {
    const claims = { teams: ['ops'], groups: ['admins'] };
    expect((await mapped({ list: { teams: 'groups' } }, claims)).groups).toEqual(['ops']);
    expect((await mapped({ list: { teams: 'teams' } }, claims)).groups).toEqual([]);
  });

  test('gets no roles and scopes from the token', async () => {
    const principal = await mapped({}, { roles: ['admin'], scope: 'everything', scp: ['everything'] });
    expect(principal).toMatchObject({ roles: [], scopes: [] });
  });

  test('says who the token speaks of', async () => {
    const claims = { email: 'ann@example.com', email_verified: true, name: 'Ann', preferred_username: 'ann' };
    const { preferred_username: username, email_verified: emailVerified, ...others } = claims;
    expect(await mapped({}, claims)).toMatchObject({ ...others, username, emailVerified });
  });

  test.each(['email', 'name', 'preferred_username', 'groups', 'roles', 'scope', 'scp'])(
    'is not held up by a strange %s, at which Consul does not look',
    async (claim) => {
      expect(await consulVerdict(authMethod(), corpToken({ [claim]: [{}] }))).toBe(200);
    },
  );

  test('of a token without a subject is a client', async () => {
    const { status, principal } = await presentToConsul(
      authMethod(),
      corpToken({ sub: undefined, email: 'ann@example.com', azp: 'robot' }),
    );
    expect(status).toBe(200);
    expect(principal).toMatchObject({ type: 'client', id: 'robot' });
  });
});
