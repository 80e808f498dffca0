import { describe, expect, test } from '@jest/globals';
import {
  ConfigurationError,
  defineMethod,
  fromHeader,
  jwtAuth,
  memoryUsers,
  oidcBearer,
  type UserStore,
  type UsersStoreOptions,
} from '../../lib/index.js';
import { accessToken, ISSUER, staticOptions } from '../helpers/oidc-door.js';
import { ask, OTHER_ISSUER, otherDoor, otherToken, policy, staffDoor, verified } from '../helpers/people.js';

const ADDRESS = 'alice@example.com';

/** Two issuers before one directory; who of them brings Alice first, and what becomes of the other's. */
async function secondOf(users: UsersStoreOptions, email = ADDRESS) {
  const both = jwtAuth({ methods: [staffDoor(undefined as never), otherDoor(undefined as never)], users });
  const first = await ask(both, accessToken(verified(email)));
  const second = await ask(both, otherToken({ sub: 'mallory', ...verified(email) }));
  return { first, second };
}

describe('where several issuers reach one directory', () => {
  test('an address that another issuer calls verified takes nobody’s account over', async () => {
    const { first, second } = await secondOf(policy());
    expect(first.status).toBe(200);
    expect(second.code ?? second.principal.id).not.toBe(first.principal.id);
    expect(second).toMatchObject({ status: 403 });
  });

  test('emailDomains says which issuer speaks for which addresses', async () => {
    const emailDomains = { [ISSUER]: ['example.com'], [OTHER_ISSUER]: ['example.org'] };
    const users = policy({ linkByEmail: 'verified', emailDomains });
    const { first, second } = await secondOf(users);
    expect(first.principal.user).toMatchObject({ email: ADDRESS });
    expect(second.principal?.id).not.toBe(first.principal.id);
    const theirs = await secondOf(policy({ linkByEmail: 'verified', emailDomains }), 'bob@example.org');
    expect(theirs.second.principal.user).toMatchObject({ email: 'bob@example.org' });
    expect(theirs.second.principal.id).not.toBe(theirs.first.principal.id);
  });

  test('trust without a word about the address is refused around them as in them', () => {
    const users = policy({ linkByEmail: 'trusted' });
    const methods = [staffDoor(undefined as never), otherDoor(undefined as never)];
    expect(() => jwtAuth({ methods, users })).toThrow(ConfigurationError);
    expect(() => jwtAuth({ methods, users })).toThrow(/linkByEmail/);
  });

  test('and with one store in two methods', () => {
    const store = memoryUsers();
    expect(() => {
      staffDoor(policy({ store, linkByEmail: 'trusted' }));
      otherDoor(policy({ store, linkByEmail: 'trusted' }));
    }).toThrow(/linkByEmail/);
  });

  test('one policy that trusts is refused beside one that does not, in both orders', () => {
    const trusted = (store: UserStore) => policy({ store, linkByEmail: 'trusted' });
    const first = memoryUsers();
    staffDoor(policy({ store: first }));
    expect(() => otherDoor(trusted(first))).toThrow(/linkByEmail/);
    const second = memoryUsers();
    staffDoor(trusted(second));
    expect(() => otherDoor(policy({ store: second, linkByEmail: 'never' }))).toThrow(ConfigurationError);
    expect(() => otherDoor(policy({ store: second }))).toThrow(/users\.store: is also .*linkByEmail: "trusted"/);
  });

  test('a trusting policy of jwtAuth is refused beside a method of another issuer with users of its own', () => {
    const store = memoryUsers();
    const others = otherDoor(policy({ store }));
    const methods = [staffDoor(undefined as never), others];
    expect(() => jwtAuth({ methods, users: policy({ store, linkByEmail: 'trusted' }) })).toThrow(/linkByEmail/);
  });

  test('one issuer is trusted in several methods over one store, beside policies that do not trust', () => {
    const store = memoryUsers();
    const trusting = staffDoor(policy({ store, linkByEmail: 'trusted' }));
    staffDoor(policy({ store, linkByEmail: 'trusted' }), { name: 'again' });
    staffDoor(policy({ store, linkByEmail: 'never' }), { name: 'third' });
    expect(() => jwtAuth({ methods: [trusting], users: policy({ store }) })).not.toThrow();
  });

  test('the store takes another issuer once the trusting method is closed', async () => {
    const store = memoryUsers();
    await staffDoor(policy({ store, linkByEmail: 'trusted' })).close();
    expect(() => otherDoor(policy({ store }))).not.toThrow();
  });

  test('a method of the application may name any issuer, so nobody trusts it without a word', () => {
    const session = (users?: UsersStoreOptions) =>
      defineMethod({
        name: 'session',
        tokenFrom: fromHeader('x-session'),
        verify: (token) => ({ type: 'user', identity: { issuer: `https://${token}.example`, subject: 'x' } }),
        ...(users === undefined ? {} : { users }),
      });
    const users = policy({ linkByEmail: 'trusted' });
    expect(() => session(users)).toThrow(/linkByEmail/);
    expect(() => jwtAuth({ methods: [staffDoor(undefined as never), session()], users })).toThrow(/linkByEmail/);
  });

  test('tenants of a resolver are several issuers', async () => {
    const { issuer: _issuer, audience: _audience, publicKeys: _keys, ...rest } = staticOptions();
    const { publicKeys, audience } = staticOptions();
    const users = policy();
    const method = oidcBearer({
      ...rest,
      users,
      issuers: async (issuer: string) => ({ issuer, audience, publicKeys }),
    } as never);
    const first = await ask(method, accessToken(verified(ADDRESS)));
    const second = await ask(method, accessToken({ iss: 'https://other.example.com', sub: 'm', ...verified(ADDRESS) }));
    expect(first.status).toBe(200);
    expect(second.principal?.id).not.toBe(first.principal.id);
  });
});
