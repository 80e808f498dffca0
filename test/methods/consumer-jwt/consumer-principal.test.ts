import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  AuthError,
  type ClaimMapping,
  consumerJwt,
  memoryConsumers,
  type Principal,
  principalOf,
} from '../../../lib/index.js';
import { bearer } from '../../helpers/requests.js';
import { app } from '../../helpers/servers.js';
import { HOWTO, hs256, inSeconds } from '../../helpers/tokens.js';

const consumers = memoryConsumers([
  {
    id: 'c-1',
    username: 'jsmith',
    groups: ['ops'],
    roles: ['editor'],
    credentials: [{ key: HOWTO.key, secret: HOWTO.secret }],
  },
]);

const asJson = (claims: Record<string, unknown>) => JSON.stringify({ iss: HOWTO.key, exp: inSeconds(60), ...claims });
const requestWith = (claims: Record<string, unknown> | string) =>
  ({
    headers: { authorization: bearer(hs256(typeof claims === 'string' ? claims : asJson(claims))) },
    rawHeaders: [],
  }) as never;

async function principal(claims: Record<string, unknown> | string, mapping?: ClaimMapping): Promise<Principal> {
  const method = consumerJwt({ consumers, ...(mapping === undefined ? {} : { claims: mapping }) });
  const found = await method.authenticate(requestWith(claims));
  if (found === undefined) throw new Error('no principal');
  return found;
}

describe('the principal of a consumer', () => {
  test('is the consumer of the record, and nothing that the token merely says', async () => {
    const boast = {
      sub: 'root',
      groups: ['admins'],
      roles: ['owner'],
      scope: 'all',
      preferred_username: 'root',
      email: 'r@example.com',
    };
    const found = await principal(boast);
    expect(found).toMatchObject({
      type: 'consumer',
      id: 'c-1',
      method: 'consumerJwt',
      username: 'jsmith',
      groups: ['ops'],
      roles: ['editor'],
      scopes: [],
      attributes: {},
      listAttributes: {},
      claims: boast,
      credential: { kind: 'jwt', id: expect.any(String), expiresAt: expect.any(Date) },
      consumer: { id: 'c-1', username: 'jsmith' },
    });
    expect(found).not.toHaveProperty('email');
    expect(found).not.toHaveProperty('subject');
  });

  test('is frozen all the way down', async () => {
    const found = await principal(
      { deep: { list: [{ a: 1 }] } },
      { attributes: { a: '/deep/list/0/a' }, lists: { l: 'iss' } },
    );
    const loose: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) loose.push(path);
      for (const [name, member] of Object.entries(value)) visit(member, `${path}.${name}`);
    };
    visit(found, 'principal');
    expect(loose).toEqual([]);
    expect(() => (found.groups as string[]).push('admins')).toThrow(TypeError);
  });

  test('serialises without the token or the secret', async () => {
    const { body, text } = await request(app(consumerJwt({ consumers })))
      .get('/')
      .set('Authorization', bearer(hs256(asJson({}))))
      .then(({ body }) => ({ body, text: JSON.stringify(body.principal) }));
    expect(body.principal.username).toBe('jsmith');
    expect(text).not.toContain(HOWTO.secret);
    expect(text).not.toContain(hs256(asJson({})).split('.')[2]);
  });

  test('shares nothing between two requests that one could change for the other', async () => {
    const exp = inSeconds(300);
    const [one, two] = [await principal({ exp }), await principal({ exp })];
    expect(one).toEqual(two);
    one.consumer?.createdAt.setFullYear(1999);
    expect((await principal({ exp })).consumer?.createdAt).toEqual(two.consumer?.createdAt);
  });
});

describe('mapped claims', () => {
  test('add to the groups and roles of the record, once each', async () => {
    const mapping = { groups: 'groups', roles: '/realm_access/roles', scopes: 'scope' } as const;
    const found = await principal({ groups: ['ops', 'x'], realm_access: { roles: ['owner'] }, scope: 'a  b' }, mapping);
    expect(found).toMatchObject({ groups: ['ops', 'x'], roles: ['editor', 'owner'], scopes: ['a', 'b'] });
  });

  test.each<[string, ClaimMapping, Record<string, unknown>, object]>([
    ['a literal name with dots', { attributes: { a: 'x.y' } }, { 'x.y': 1, x: { y: 2 } }, { a: '1' }],
    ['a literal name with slashes', { attributes: { a: 'https://e/a' } }, { 'https://e/a': 'v' }, { a: 'v' }],
    ['a pointer', { attributes: { a: '/x/0/y' } }, { x: [{ y: true }] }, { a: 'true' }],
    ['an escaped pointer', { attributes: { a: '/a~1b/c~0d' } }, { 'a/b': { 'c~d': 'v' } }, { a: 'v' }],
    ['a pointer out of range', { attributes: { a: '/x/1', b: '/x/-', c: '/x/01' } }, { x: ['v'] }, {}],
    ['segments', { attributes: { a: ['x', '/y'] } }, { x: { '/y': 0 } }, { a: '0' }],
    ['a function', { attributes: { a: ({ x }) => `<${x}>` } }, { x: 1 }, { a: '<1>' }],
    ['missing and null', { attributes: { a: 'none', b: 'nil' } }, { nil: null }, {}],
    ['an empty text', { attributes: { a: 'x' } }, { x: '' }, { a: '' }],
    ['a fraction', { attributes: { a: 'x' } }, { x: 0.1 }, { a: '0.1' }],
    ['inherited names', { attributes: { a: 'constructor', b: '/x/toString', c: '/x/length' } }, { x: {} }, {}],
  ])('attributes by %s', async (_title, mapping, claims, attributes) => {
    expect((await principal(claims, mapping)).attributes).toEqual(attributes);
  });

  test('numbers that a double cannot hold become the digits that were signed', async () => {
    const json = asJson({ id: 0 }).replace('"id":0', '"id":12345678901234567890');
    expect((await principal(json, { attributes: { id: 'id' } })).attributes).toEqual({ id: '12345678901234567890' });
  });

  test('names that would hurt are names as any other', async () => {
    const hostile = JSON.parse('{"__proto__":"a","constructor":"a","toString":"a"}') as Record<string, string>;
    const found = await principal({ a: 'v' }, { attributes: hostile, lists: hostile });
    expect(Object.keys(found.attributes).sort()).toEqual(['__proto__', 'constructor', 'toString']);
    expect(Object.keys(found.listAttributes).sort()).toEqual(['__proto__', 'constructor', 'toString']);
    expect(Object.getPrototypeOf(found.attributes)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });

  test.each([
    [true, true],
    ['true', true],
    ['false', false],
    [1, false],
    [false, false],
    [null, undefined],
    [undefined, undefined],
  ])('a mapped emailVerified is JSON true or the text for it: %p', async (value, verified) => {
    const mapping = { emailVerified: 'email_verified' } as const;
    expect((await principal(value === undefined ? {} : { email_verified: value }, mapping)).emailVerified).toBe(
      verified,
    );
  });

  test.each<[string, ClaimMapping, Record<string, unknown>]>([
    ['an object where a text belongs', { username: 'x' }, { x: {} }],
    ['a list where a text belongs', { attributes: { a: 'x' } }, { x: ['v'] }],
    ['an object in a list', { groups: 'x' }, { x: ['a', {}] }],
    ['a list in a list', { lists: { a: 'x' } }, { x: [['a']] }],
    ['an object for scopes', { scopes: 'x' }, { x: { a: true } }],
  ])('refuse %s as a bad token', async (_title, mapping, claims) => {
    await expect(principal(claims, mapping)).rejects.toMatchObject({ code: 'claim_invalid', status: 401 });
  });

  test('are no promises: a function that answers with one is a mistake of ours', async () => {
    const asked = principal({}, { username: async () => 'x' });
    await expect(asked).rejects.toMatchObject({ code: 'check_failed', status: 503 });
  });
});

test('a claim that a function of the application trips over is a mistake of ours', async () => {
  const claims: ClaimMapping = { username: ({ x }) => (x as string[]).join() };
  await expect(principal({ x: 1 }, claims)).rejects.toMatchObject({ code: 'check_failed', status: 503 });
});

describe('principalOf', () => {
  test('throws a 401 where no method has been', () => {
    expect(() => principalOf({} as never)).toThrow(AuthError);
    expect(() => principalOf({} as never)).toThrow(
      expect.objectContaining({ code: 'credentials_missing', status: 401 }),
    );
  });
});
