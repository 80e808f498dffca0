import { describe, expect, test } from '@jest/globals';
import type { ClaimMapping } from '../../../lib/index.js';
import { accessToken, door, present, verdict } from '../../helpers/oidc-door.js';

/** The principal of a token with these claims under this mapping. */
async function mapped(claims: Record<string, unknown>, mapping: ClaimMapping = {}) {
  const { principal } = await present(door({ claims: mapping }), accessToken(claims));
  return principal;
}

describe('a claim path is', () => {
  const claims = {
    'https://example.com/groups': ['literal'],
    'realm_access.roles': ['dotted'],
    realm_access: { roles: ['reader', 'writer'], 'a/b': { 'c~d': ['escaped'] } },
    departments: [{ name: 'ops' }, { name: 'dev' }],
  };

  test.each<[what: string, path: NonNullable<ClaimMapping['groups']>, groups: string[]]>([
    ['a literal name, slashes and all', 'https://example.com/groups', ['literal']],
    ['a literal name with a dot, which is never nested', ['realm_access.roles'], ['dotted']],
    ['a JSON Pointer', '/realm_access/roles', ['reader', 'writer']],
    ['a JSON Pointer with escapes', '/realm_access/a~1b/c~0d', ['escaped']],
    ['a JSON Pointer into an array', '/departments/1/name', ['dev']],
    ['segments', ['realm_access', 'roles'], ['reader', 'writer']],
    ['segments that need no escapes', ['realm_access', 'a/b', 'c~d'], ['escaped']],
    ['a function', ({ departments }) => (departments as { name: string }[]).map(({ name }) => name), ['ops', 'dev']],
  ])('%s', async (_what, path, groups) => {
    expect((await mapped(claims, { groups: path })).groups).toEqual(groups);
  });

  test.each<[path: string | string[]]>([
    ['missing'],
    ['/realm_access/missing'],
    ['/departments/2/name'],
    ['/departments/-'],
    ['/departments/01/name'],
    ['toString'],
    ['/constructor/name'],
    [['__proto__', 'x']],
    ['/departments/length'],
  ])('missing where nothing stands: %j', async (path) => {
    expect((await mapped(claims, { groups: path })).groups).toEqual([]);
  });
});

test('Keycloak’s nested roles become roles', async () => {
  const claims = {
    realm_access: { roles: ['offline_access', 'admin'] },
    resource_access: { 'my.api': { roles: ['things:write'] } },
  };
  expect((await mapped(claims, { roles: '/realm_access/roles' })).roles).toEqual(['offline_access', 'admin']);
  expect((await mapped(claims, { roles: ['resource_access', 'my.api', 'roles'] })).roles).toEqual(['things:write']);
});

describe('scopes come from', () => {
  test.each<[claims: Record<string, unknown>, scopes: string[]]>([
    [{ scope: 'things:read things:write' }, ['things:read', 'things:write']],
    [{ scope: ' things:read   things:write ' }, ['things:read', 'things:write']],
    [{ scope: ['things:read', 'things:write'] }, ['things:read', 'things:write']],
    [{ scp: 'things:read things:write' }, ['things:read', 'things:write']],
    [{ scp: ['things:read', 'things:write'] }, ['things:read', 'things:write']],
    [{ scope: 'a', scp: ['b'] }, ['a']],
    [{ scope: null, scp: ['b'] }, ['b']],
    [{ scope: '' }, []],
    [{ scope: [] }, []],
    [{}, []],
  ])('%j', async (claims, scopes) => {
    expect((await mapped(claims)).scopes).toEqual(scopes);
  });

  test('another claim, where that is mapped', async () => {
    expect((await mapped({ scope: 'a', permissions: ['b'] }, { scopes: 'permissions' })).scopes).toEqual(['b']);
  });
});

describe('attributes and lists', () => {
  const mapping = {
    attributes: { team: 'team', level: 'level', admin: '/flags/admin', empty: 'empty', big: 'big' },
    lists: { places: 'places', single: 'team', none: 'none', mixed: 'mixed' },
  };

  test('hold texts, by the names of the application', async () => {
    const claims = {
      team: 'ops',
      level: 7.5,
      flags: { admin: true },
      empty: '',
      places: ['a', '', 'b'],
      none: [],
      mixed: [1, true, 'x'],
    };
    const { attributes, listAttributes } = await mapped(claims, mapping);
    expect(attributes).toEqual({ team: 'ops', level: '7.5', admin: 'true', empty: '' });
    expect(listAttributes).toEqual({ places: ['a', 'b'], single: ['ops'], none: [], mixed: ['1', 'true', 'x'] });
  });

  test('leave out what is missing or null', async () => {
    const { attributes, listAttributes } = await mapped({ team: null, places: null }, mapping);
    expect([attributes, listAttributes]).toEqual([{}, {}]);
  });
});

describe('email_verified', () => {
  test.each([
    [true, true],
    [false, false],
    ['true', false],
    ['false', false],
    [1, false],
    [['true'], false],
    [{}, false],
  ])('%j says %s', async (value, verified) => {
    const principal = await mapped({ email: 'alice@example.com', email_verified: value });
    expect(principal).toMatchObject({ email: 'alice@example.com', emailVerified: verified });
  });

  test('says nothing where it is absent', async () => {
    expect(await mapped({ email: 'alice@example.com' })).not.toHaveProperty('emailVerified');
  });
});

describe('a wrong type is a bad token, never a 500:', () => {
  test.each<[claims: Record<string, unknown>]>([[{ sub: 7 }], [{ sub: { id: 'alice' } }], [{ sub: ['alice'] }]])(
    '%j',
    async (claims) => {
      expect(await verdict(door(), accessToken(claims))).toBe('claim_invalid');
    },
  );

  test.each<[mapping: ClaimMapping]>([[{ attributes: { a: 'odd' } }], [{ lists: { a: 'odd' } }], [{ roles: ['odd'] }]])(
    'an object where %j wants a value',
    async (mapping) => {
      expect(await verdict(door({ claims: mapping }), accessToken({ odd: { x: 1 } }))).toBe('claim_invalid');
    },
  );
});
