import { describe, expect, jest, test } from '@jest/globals';
import { consumerJwt, jwtAuth, memoryUsers, type UsersCallback } from '../../lib/index.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { accessToken, door, present, STRANGER_PEM, staticOptions } from '../helpers/oidc-door.js';
import { OTHER_ISSUER, otherToken, policy, verified } from '../helpers/people.js';
import { HOWTO, howtoToken } from '../helpers/tokens.js';

const naming = (prefix: string) => jest.fn<UsersCallback>(async ({ subject }) => ({ id: `${prefix}-${subject}` }));
const other = (options = {}) => door({ name: 'other', issuer: OTHER_ISSUER, publicKeys: STRANGER_PEM, ...options });

/** A consumer that vouches for people by the claim `person`. */
const vouching = (options = {}) =>
  consumerJwt({
    consumers: howtoConsumers(),
    claims: { subject: 'person', email: 'email', emailVerified: 'email_verified', groups: 'groups' },
    ...options,
  });

describe('jwtAuth({ users })', () => {
  test('holds for all its methods', async () => {
    const users = naming('shared');
    const method = jwtAuth({ methods: [door(), other()], users });
    expect((await present(method, accessToken())).principal.id).toBe('shared-alice');
    expect((await present(method, otherToken({ sub: 'a-1' }))).principal.id).toBe('shared-a-1');
  });

  test('yields to a method’s own users', async () => {
    const [shared, own] = [naming('shared'), naming('own')];
    const method = jwtAuth({ methods: [door(), other({ users: own })], users: shared });
    expect((await present(method, otherToken({ sub: 'a-1' }))).principal.id).toBe('own-a-1');
    expect((await present(method, accessToken())).principal.id).toBe('shared-alice');
    expect([shared.mock.calls.length, own.mock.calls.length]).toEqual([1, 1]);
  });

  test('asks nobody where no method and no jwtAuth has users', async () => {
    const { principal } = await present(jwtAuth({ methods: [door()] }), accessToken());
    expect(principal).not.toHaveProperty('user');
  });

  test('forgets in all of them, and closes all of them', async () => {
    const stores = [memoryUsers(), memoryUsers()];
    const ends = stores.map((store) => jest.spyOn(store, 'subscribe'));
    const [shared = memoryUsers(), own = memoryUsers()] = stores;
    const method = jwtAuth({
      methods: [door(), other({ users: policy({ store: own }) })],
      users: policy({ store: shared }),
    });
    const people = [await present(method, accessToken()), await present(method, otherToken())];
    expect(ends.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    const finds = stores.map((store) => jest.spyOn(store, 'find'));
    for (const { principal } of people) method.invalidate({ user: principal.id });
    await present(method, accessToken());
    await present(method, otherToken());
    expect(finds.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    await method.close();
  });

  test('refuses options of its own by their name', () => {
    expect(() => jwtAuth({ methods: [door()], users: { store: {} as never } })).toThrow('jwtAuth.users.store');
  });
});

describe('a consumer that vouches for people', () => {
  test('stays the consumer, with its person as the user', async () => {
    const users = naming('p');
    const { principal } = await present(vouching({ users }), howtoToken({ person: 'alice' }));
    expect(principal).toMatchObject({ type: 'consumer', username: HOWTO.username, user: { id: 'p-alice' } });
    expect(principal.id).toBe(principal.consumer?.id);
    expect(users.mock.calls[0]?.[0]).toMatchObject({ issuer: `consumer:${principal.consumer?.id}`, subject: 'alice' });
  });

  test('has no person where its token names none', async () => {
    const users = naming('p');
    for (const claims of [{}, { person: '' }, { sub: 'alice' }])
      expect((await present(vouching({ users }), howtoToken(claims))).principal).not.toHaveProperty('user');
    expect(users).not.toHaveBeenCalled();
  });

  test('vouches in a name space of its own, so its alice is not the provider’s', async () => {
    const method = jwtAuth({ methods: [vouching(), door()], users: policy() });
    const ours = await present(method, accessToken());
    const theirs = await present(method, howtoToken({ person: 'alice' }));
    expect([ours.principal.created, theirs.principal.created]).toEqual([true, true]);
    expect((theirs.principal.user as { id?: string }).id).not.toBe(ours.principal.id);
  });

  test.each(['verified', 'trusted'] as const)('links nobody by an e-mail (%s), nor takes one', async (linkByEmail) => {
    const users = policy({ linkByEmail });
    const method = jwtAuth({ methods: [vouching(), door()], users });
    const claims = verified('alice@example.com', { person: 'mallory' });
    const before = await present(method, howtoToken(claims));
    expect(before.principal.user).toMatchObject({ unverifiedEmail: 'alice@example.com' });
    const alice = await present(method, accessToken(verified('alice@example.com')));
    expect(alice.principal).toMatchObject({ created: true, user: { email: 'alice@example.com' } });
    const after = await present(method, howtoToken({ ...claims, person: 'another' }));
    expect((after.principal.user as { id?: string }).id).not.toBe(alice.principal.id);
  });

  test('keeps its own groups beside those that are stored for the person', async () => {
    const consumers = howtoConsumers();
    await consumers.updateConsumer(HOWTO.username, { groups: ['partners'] });
    const users = policy({ defaultGroups: ['guests'] });
    const { principal } = await present(
      vouching({ consumers, users }),
      howtoToken({ person: 'a', groups: ['admins'] }),
    );
    expect([...principal.groups].sort()).toEqual(['guests', 'partners']);
  });

  test('is refused with its person', async () => {
    const store = memoryUsers();
    const method = vouching({ users: policy({ store }) });
    const { principal } = await present(method, howtoToken({ person: 'alice' }));
    await store.setStatus((principal.user as { id: string }).id, 'disabled');
    expect(await present(method, howtoToken({ person: 'alice' }))).toMatchObject({
      status: 403,
      code: 'user_disabled',
    });
    expect((await present(method, howtoToken({ person: 'bob' }))).status).toBe(200);
  });
});

test('trust in the addresses of many tenants at once is refused', () => {
  const users = policy({ linkByEmail: 'trusted' });
  const template = { issuer: 'https://login.example.com/{tenantid}/v2.0', tenants: ['t1'] };
  expect(() => door({ users, ...template })).toThrow('oidcBearer.users.linkByEmail');
  const { issuer: _one, audience: _its, publicKeys: _keys, ...rest } = staticOptions({ users });
  expect(() =>
    door({
      ...rest,
      issuer: undefined,
      audience: undefined,
      publicKeys: undefined,
      issuers: async () => undefined,
    } as never),
  ).toThrow('oidcBearer.users.linkByEmail');
  expect(() => door({ users })).not.toThrow();
});
