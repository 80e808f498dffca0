import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { jwtAuth } from '../../lib/index.js';
import { fromKong } from '../../lib/migrate/index.js';
import { testIssuer } from '../../lib/testing/index.js';
import { JSMITH, seen } from '../helpers/kong.js';
import { app } from '../helpers/servers.js';
import { howtoToken } from '../helpers/tokens.js';

const acl = (config: object, more: object = {}) => ({ name: 'acl', config, ...more });
const file = (groups: readonly string[], ...plugins: object[]) => ({
  consumers: [{ ...JSMITH, acls: groups.map((group) => ({ group })) }],
  plugins: [{ name: 'jwt' }, ...plugins],
});

describe('acl: the groups of a consumer', () => {
  test.each([
    [['ops'], { allow: ['ops', 'dev'] }, 200],
    [['sales'], { allow: ['ops', 'dev'] }, 403],
    [[], { allow: ['ops'] }, 403],
    [['ops'], { deny: ['ops'] }, 403],
    [['sales'], { deny: ['ops'] }, 200],
    [[], { deny: ['ops'] }, 200],
    [['ops'], { whitelist: ['ops'] }, 200],
    [['sales'], { whitelist: ['ops'] }, 403],
    [['ops'], { blacklist: ['ops'] }, 403],
  ])('%j with %j is %d', async (groups, config, status) => {
    const { methods, warnings } = await fromKong(file(groups, acl(config)));
    expect(warnings).toEqual([]);
    const answer = await seen(app(...methods), howtoToken());
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.text).toBe('{"message":"You cannot consume this service"}');
    const composed = app(jwtAuth({ methods }));
    expect((await seen(composed, howtoToken())).status).toBe(status);
  });

  test('a request without a good token is 401 first', async () => {
    const { methods } = await fromKong(file([], acl({ allow: ['ops'] })));
    expect((await seen(app(...methods))).status).toBe(401);
  });

  test('are told in X-Consumer-Groups, which no client can send', async () => {
    const told = async (config: object) => {
      const { methods } = await fromKong(file(['ops', 'dev'], acl(config)));
      const { body } = await request(app(...methods))
        .get('/')
        .set('Authorization', `Bearer ${howtoToken()}`)
        .set('X-Consumer-Groups', 'root');
      return body.headers['x-consumer-groups'];
    };
    expect(await told({ allow: ['ops'] })).toBe('ops, dev');
    expect(await told({ allow: ['ops'], hide_groups_header: true })).toBeUndefined();
  });
});

describe('acl: what Kong runs for a request counts,', () => {
  const jwt = { name: 'jwt' };
  const shop = (...plugins: object[]) => ({ name: 'shop', plugins, routes: [{ name: 'cart', plugins: [jwt] }] });

  test.each([
    [
      'the route’s own',
      {
        services: [
          {
            name: 's',
            plugins: [acl({ deny: ['ops'] })],
            routes: [{ name: 'r', plugins: [jwt, acl({ allow: ['ops'] })] }],
          },
        ],
        plugins: [acl({ deny: ['ops'] })],
      },
      200,
    ],
    [
      'the service’s, for a route without one',
      { services: [shop(acl({ allow: ['sales'] }))], plugins: [acl({ allow: ['ops'] })] },
      403,
    ],
    [
      'the global one, for a route and a service without one',
      { services: [shop()], plugins: [acl({ allow: ['sales'] })] },
      403,
    ],
    [
      'one that refers to its route',
      { services: [shop()], plugins: [acl({ allow: ['sales'] }, { route: 'cart' })] },
      403,
    ],
    [
      'of a route that refers to its service',
      {
        services: [{ name: 's', plugins: [acl({ allow: ['sales'] })] }],
        routes: [{ name: 'r', service: { name: 's' }, plugins: [jwt] }],
      },
      403,
    ],
  ])('%s', async (_what, config, status) => {
    const consumers = [{ ...JSMITH, acls: [{ group: 'ops' }] }];
    const { methods } = await fromKong({ consumers, ...config });
    expect(methods).toHaveLength(1);
    expect((await seen(app(...methods), howtoToken())).status).toBe(status);
  });
});

describe('acl: refused by its path is', () => {
  test.each([
    [
      'one on a route for which there is no method',
      { ...file([]), routes: [{ name: 'r', plugins: [acl({ allow: ['a'] })] }] },
      'routes[0].plugins[0].name: the plugin acl guards the route r only',
    ],
    [
      'one on a service for which there is no method',
      { ...file([]), services: [{ name: 's', plugins: [acl({ allow: ['a'] })] }] },
      'services[0].plugins[0].name: the plugin acl guards the service s only',
    ],
    [
      'two on one scope',
      file([], acl({ allow: ['a'] }), acl({ allow: ['b'] })),
      'plugins[2].name: uniqueness violation',
    ],
    [
      'both lists',
      file([], acl({ allow: ['a'], deny: ['b'] })),
      "only one of these fields must be non-empty: 'allow', 'deny'",
    ],
    ['no list', file([], acl({})), "only one of these fields must be non-empty: 'allow', 'deny'"],
    ['an empty list', file([], acl({ allow: [] })), "only one of these fields must be non-empty: 'allow', 'deny'"],
    ['an unknown field', file([], acl({ allow: ['a'], allowed: ['b'] })), 'plugins[1].config.allowed: unknown field'],
    [
      'consumer groups',
      file([], acl({ allow: ['a'], include_consumer_groups: true })),
      'include_consumer_groups: is not carried over',
    ],
    [
      'one for a consumer',
      file([], acl({ allow: ['a'] }, { consumer: 'jsmith' })),
      'plugins[1].consumer: value must be null',
    ],
    [
      'one that would stop the anonymous consumer',
      {
        consumers: [{ username: 'guest' }],
        plugins: [{ name: 'jwt', config: { anonymous: 'guest' } }, acl({ allow: ['a'] })],
      },
      'plugins[1].config: stops the anonymous consumer guest',
    ],
  ])('%s', async (_what, config, reason) => {
    await expect(fromKong(config)).rejects.toThrow(reason);
  });

  test('unless it is switched off, or left out aloud', async () => {
    expect((await fromKong(file([], acl({ allow: ['a'] }, { enabled: false })))).warnings).toEqual([
      'plugins[1].enabled: is false, so the plugin acl is left out',
    ]);
    expect((await fromKong(file([], acl({ allow: ['a'] })), { ignorePlugins: ['acl'] })).warnings).toEqual([
      'plugins[1]: the plugin acl is not carried over',
    ]);
  });

  test('an anonymous consumer that it lets in stays', async () => {
    const consumers = [{ username: 'guest', acls: [{ group: 'a' }] }];
    const { methods } = await fromKong({
      consumers,
      plugins: [{ name: 'jwt', config: { anonymous: 'guest' } }, acl({ allow: ['a'] })],
    });
    expect((await seen(app(...methods))).status).toBe(200);
  });
});

describe('acl beside openid-connect', () => {
  const status = async (config: object, aclConfig: object, claims: object, groups: readonly string[] = []) => {
    const issuer = await testIssuer();
    const { methods } = await fromKong({
      consumers: [{ username: 'ann', acls: groups.map((group) => ({ group })) }],
      plugins: [
        { name: 'openid-connect', config: { issuer: issuer.url, auth_methods: ['bearer'], ...config } },
        acl(aclConfig),
      ],
    });
    const answer = await seen(app(...methods), await issuer.mint(claims));
    await issuer.close();
    return [answer.status, answer.status === 200 ? '' : answer.text];
  };
  const REFUSED = [403, '{"message":"You cannot consume this service"}'];
  const groupsClaim = { authenticated_groups_claim: ['teams'] };
  const consumer = { consumer_claim: ['sub'], ...groupsClaim };

  test('the groups of the token count where there is no consumer', async () => {
    expect(await status(groupsClaim, { allow: ['ops'] }, { teams: ['ops'] })).toEqual([200, '']);
    expect(await status(groupsClaim, { allow: ['ops'] }, { teams: ['dev'] })).toEqual(REFUSED);
    expect(await status(groupsClaim, { allow: ['ops'] }, {})).toEqual(REFUSED);
    expect(await status({}, { deny: ['ops'] }, { groups: ['dev'] })).toEqual(REFUSED);
  });

  test('those of the consumer count where there is one, unless the others are preferred', async () => {
    const ann = { sub: 'ann', teams: ['ops'] };
    expect(await status(consumer, { allow: ['ops'] }, ann, ['dev'])).toEqual(REFUSED);
    expect(await status(consumer, { allow: ['ops'] }, ann, ['ops'])).toEqual([200, '']);
    const preferred = { allow: ['ops'], always_use_authenticated_groups: true };
    expect(await status(consumer, preferred, ann, ['dev'])).toEqual([200, '']);
    expect(await status(consumer, preferred, { sub: 'ann' }, ['ops'])).toEqual([200, '']);
    expect(await status(consumer, preferred, { sub: 'ann', teams: ['dev'] }, ['ops'])).toEqual(REFUSED);
  });
});
