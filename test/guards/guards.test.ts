import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  ConfigurationError,
  consumerJwt,
  type Guard,
  memoryConsumers,
  requireAnyGroup,
  requireAnyRole,
  requireAnyScope,
  requireClaim,
  requireGroups,
  requirePrincipal,
  requireRecentLogin,
  requireRoles,
  requireScopes,
} from '../../lib/index.js';
import { SERVERS } from '../helpers/every-server.js';
import { bearer } from '../helpers/requests.js';
import { app, type Middleware } from '../helpers/servers.js';
import { HOWTO, howtoToken, inSeconds } from '../helpers/tokens.js';

const consumers = memoryConsumers([
  {
    username: HOWTO.username,
    groups: ['ops', 'staff'],
    roles: ['editor'],
    credentials: [{ key: HOWTO.key, secret: HOWTO.secret }],
  },
]);
const method = consumerJwt({ consumers, claims: { scopes: 'scope' }, realm: 'things' });
const CLAIMS = {
  scope: 'a:read a:write',
  tier: 'gold',
  level: 3,
  admin: false,
  tags: ['x', 7],
  nested: { deep: { flag: true } },
  'https://example.com/roles': ['r'],
};

async function ask(guard: Guard | readonly Guard[], claims: Record<string, unknown> = CLAIMS, server = app) {
  const response = await request(server(method, ...([guard].flat() as Middleware[])))
    .get('/')
    .set('Authorization', bearer(howtoToken(claims)));
  return response.status === 200 ? 'welcome' : [response.status, response.body.code];
}

const GUARDS: [string, Guard, unknown][] = [
  ['requirePrincipal()', requirePrincipal(), 'welcome'],
  ['requirePrincipal of its type', requirePrincipal({ type: 'consumer' }), 'welcome'],
  ['requirePrincipal of several types', requirePrincipal({ type: ['user', 'consumer'] }), 'welcome'],
  ['requirePrincipal of another type', requirePrincipal({ type: 'user' }), [403, 'insufficient_claim']],
  ['requireScopes, all there', requireScopes('a:read', 'a:write'), 'welcome'],
  ['requireScopes, one missing', requireScopes('a:read', 'b'), [403, 'insufficient_scope']],
  ['requireScopes, a part of one', requireScopes('a:rea'), [403, 'insufficient_scope']],
  ['requireScopes, another case', requireScopes('A:READ'), [403, 'insufficient_scope']],
  ['requireAnyScope, one there', requireAnyScope('b', 'a:read'), 'welcome'],
  ['requireAnyScope, none there', requireAnyScope('b', 'c'), [403, 'insufficient_scope']],
  ['requireGroups, all there', requireGroups('ops', 'staff'), 'welcome'],
  ['requireGroups, one missing', requireGroups('ops', 'board'), [403, 'insufficient_group']],
  ['requireAnyGroup, one there', requireAnyGroup('board', 'ops'), 'welcome'],
  ['requireAnyGroup, none there', requireAnyGroup('board'), [403, 'insufficient_group']],
  ['requireRoles, all there', requireRoles('editor'), 'welcome'],
  ['requireRoles, one missing', requireRoles('editor', 'owner'), [403, 'insufficient_role']],
  ['requireAnyRole, one there', requireAnyRole('owner', 'editor'), 'welcome'],
  ['requireAnyRole, none there', requireAnyRole('owner'), [403, 'insufficient_role']],
  ['requireClaim, equal', requireClaim('tier', 'gold'), 'welcome'],
  ['requireClaim, a number', requireClaim('level', 3), 'welcome'],
  ['requireClaim, a number as text', requireClaim('level', '3'), [403, 'insufficient_claim']],
  ['requireClaim, false', requireClaim('admin', false), 'welcome'],
  ['requireClaim, in a list', requireClaim('tags', 'x'), 'welcome'],
  ['requireClaim, not in the list', requireClaim('tags', '7'), [403, 'insufficient_claim']],
  ['requireClaim, by pointer', requireClaim('/nested/deep/flag', true), 'welcome'],
  ['requireClaim, by segments', requireClaim(['nested', 'deep', 'flag'], true), 'welcome'],
  ['requireClaim, a literal name with slashes', requireClaim('https://example.com/roles', 'r'), 'welcome'],
  ['requireClaim, missing', requireClaim('nothing', 'gold'), [403, 'insufficient_claim']],
  [
    'requireClaim, an inherited name',
    requireClaim('constructor', (value) => value !== undefined),
    [403, 'insufficient_claim'],
  ],
  ['requireClaim, a rule that agrees', requireClaim('level', (value) => Number(value) > 2), 'welcome'],
  [
    'requireClaim, a rule that says something truthy',
    requireClaim('level', (() => 1) as never),
    [403, 'insufficient_claim'],
  ],
  ['requireClaim, a rule that promises', requireClaim('level', (async () => true) as never), [503, 'check_failed']],
  [
    'requireClaim, a rule that throws',
    requireClaim('none', (value) => (value as string).length > 1),
    [503, 'check_failed'],
  ],
  ['requireClaim, a path that throws', requireClaim((claims) => (claims.none as { a: 1 }).a, 1), [503, 'check_failed']],
];

test.each(GUARDS)('%s', async (_title, guard, expected) => {
  expect(await ask(guard)).toEqual(expected);
});

test.each(GUARDS)('%s: nobody at all is a 401', async (_title, guard) => {
  const response = await request(app(guard as Middleware)).get('/');
  expect([response.status, response.body.code]).toEqual([401, 'credentials_missing']);
  expect(response.headers['www-authenticate']).toBe('Bearer realm="api"');
});

describe.each(SERVERS)('under %s', (_name, server) => {
  test('several guards stand one behind the other', async () => {
    expect(await ask([requireScopes('a:read'), requireGroups('ops')], CLAIMS, server as typeof app)).toBe('welcome');
    expect(await ask([requireScopes('a:read'), requireGroups('board')], CLAIMS, server as typeof app)).toEqual([
      403,
      'insufficient_group',
    ]);
  });

  test('a challenge names the realm of the method and every scope that is needed', async () => {
    for (const guard of [requireScopes('a:read', 'b'), requireAnyScope('c', 'd')]) {
      const response = await request(server(method, guard))
        .get('/')
        .set('Authorization', bearer(howtoToken(CLAIMS)));
      const scope = guard.name === 'requireScopes' ? 'a:read b' : 'c d';
      expect(response.headers['www-authenticate']).toBe(
        `Bearer realm="things", error="insufficient_scope", scope="${scope}"`,
      );
    }
  });
});

describe('an anonymous principal', () => {
  const guest = consumerJwt({ consumers, anonymous: { username: 'guest', groups: ['visitors'] } });
  const asGuest = async (guard: Guard) => (await request(app(guest, guard as Middleware)).get('/')).status;

  test('is nobody for requirePrincipal, unless it is asked for', async () => {
    expect(await asGuest(requirePrincipal())).toBe(401);
    expect(await asGuest(requirePrincipal({ type: 'consumer' }))).toBe(401);
    expect(await asGuest(requirePrincipal({ type: 'anonymous' }))).toBe(200);
  });

  test('has the groups it was given, and gets a 401 where it falls short, because signing in may help', async () => {
    expect(await asGuest(requireGroups('visitors'))).toBe(200);
    expect(await asGuest(requireGroups('ops'))).toBe(401);
    expect(await asGuest(requireScopes('a'))).toBe(401);
    expect(await asGuest(requireClaim('tier', 'gold'))).toBe(401);
  });
});

describe('requireRecentLogin', () => {
  test.each([
    ['just now', { maxAge: 300 }, { auth_time: inSeconds(-10) }, true],
    ['too long ago', { maxAge: 300 }, { auth_time: inSeconds(-400) }, false],
    ['at an unknown time', { maxAge: 300 }, {}, false],
    ['at a time that is a text', { maxAge: 300 }, { auth_time: String(inSeconds(-10)) }, false],
    ['by a clock that is a little ahead', { maxAge: 300 }, { auth_time: inSeconds(30) }, true],
    ['in the future', { maxAge: 300 }, { auth_time: inSeconds(3600) }, false],
    ['strongly enough', { acr: ['gold', 'silver'] }, { acr: 'silver' }, true],
    ['too weakly', { acr: 'gold' }, { acr: 'silver' }, false],
    ['strongly, but too long ago', { acr: 'gold', maxAge: 60 }, { acr: 'gold', auth_time: inSeconds(-90) }, false],
    ['with a list of classes', { acr: 'gold' }, { acr: ['gold'] }, false],
  ])('a sign-in %s', async (_title, options, claims, enough) => {
    expect(await ask(requireRecentLogin(options), claims)).toEqual(
      enough ? 'welcome' : [401, 'insufficient_user_authentication'],
    );
  });

  test('says in the challenge what is needed (RFC 9470 section 3)', async () => {
    const response = await request(
      app(method, requireRecentLogin({ maxAge: 60, acr: ['gold', 'silver'] }) as Middleware),
    )
      .get('/')
      .set('Authorization', bearer(howtoToken()));
    expect(response.headers['www-authenticate']).toBe(
      'Bearer realm="things", error="insufficient_user_authentication", acr_values="gold silver", max_age="60"',
    );
  });
});

test('a guard answers as the method before it would', async () => {
  const lenient = consumerJwt({ consumers, respond: (error, _req, res) => void res.end(`no: ${error.code}`) });
  const response = await request(app(lenient, requireGroups('board') as Middleware))
    .get('/')
    .set('Authorization', bearer(howtoToken()));
  expect(response.text).toBe('no: insufficient_group');
});

test.each<[string, () => unknown]>([
  ['requireScopes', () => requireScopes()],
  ['requireScopes', () => requireScopes('a b')],
  ['requireScopes', () => requireScopes('')],
  ['requireScopes', () => requireScopes('"')],
  ['requireScopes', () => requireScopes(['a', 'b'] as unknown as string)],
  ['requireAnyScope', () => requireAnyScope(undefined as unknown as string)],
  ['requireGroups', () => requireGroups()],
  ['requireAnyGroup', () => requireAnyGroup(['ops'] as unknown as string)],
  ['requireRoles', () => requireRoles('')],
  ['requireAnyRole', () => requireAnyRole(null as unknown as string)],
  ['requirePrincipal.type', () => requirePrincipal({ type: 'admin' as 'user' })],
  ['requirePrincipal.type', () => requirePrincipal({ type: [] })],
  ['requirePrincipal.types', () => requirePrincipal({ types: 'user' } as never)],
  ['requireClaim.path', () => requireClaim('', 'x')],
  ['requireClaim.path', () => requireClaim('/a~2', 'x')],
  ['requireClaim.path', () => requireClaim([], 'x')],
  ['requireClaim.expected', () => requireClaim('a', undefined as unknown as string)],
  ['requireClaim.expected', () => requireClaim('a', Number.NaN)],
  ['requireRecentLogin', () => requireRecentLogin({})],
  ['requireRecentLogin', () => requireRecentLogin(undefined as never)],
  ['requireRecentLogin.acr', () => requireRecentLogin({ acr: [], maxAge: 60 })],
  ['requireRecentLogin.acr', () => requireRecentLogin({ acr: '' })],
  ['requireRecentLogin.maxAge', () => requireRecentLogin({ maxAge: -1 })],
  ['requireRecentLogin.max_age', () => requireRecentLogin({ max_age: 60 } as never)],
])('refuses at creation what nothing could meet: %s (%#)', (option, create) => {
  expect(create).toThrow(ConfigurationError);
  expect(create).toThrow(expect.objectContaining({ option }));
});
