import { describe, expect, jest, test } from '@jest/globals';
import { ConfigurationError, InvalidTokenError, type UserStore } from '../../lib/index.js';
import { accessToken, ISSUER, present } from '../helpers/oidc-door.js';
import { ask, askAtOnce, policy, staffDoor, verified, watched } from '../helpers/people.js';
import { inSeconds } from '../helpers/tokens.js';

const identity = { tenant: '', issuer: ISSUER, subject: 'alice' };
const notMeantForClients = () => {
  throw new InvalidTokenError('token_expired');
};
const claims = (more = {}) => accessToken(verified('alice@example.com', { groups: ['ops'], ...more }));

describe('an outage of the store', () => {
  test.each<[verb: 'find' | 'provision' | 'syncGroups' | 'syncProfile']>([
    ['find'],
    ['provision'],
    ['syncGroups'],
    ['syncProfile'],
  ])('in %s is 503 provisioning_unavailable with Retry-After, and over with the outage', async (verb) => {
    const store = watched();
    const method = staffDoor(policy({ store, profileSync: 'every', groups: { mode: 'mirror' } }));
    if (verb === 'syncProfile') await present(method, claims({ iat: inSeconds(-9) }));
    store[verb].mockRejectedValueOnce(new Error('connect ECONNREFUSED 10.0.0.1:5432'));
    const { status, code, headers, text } = await ask(method, claims());
    expect([status, code, headers['retry-after']]).toEqual([503, 'provisioning_unavailable', '5']);
    expect(text).not.toMatch(/10\.0\.0\.1|alice/);
    expect((await ask(method, claims())).status).toBe(200);
  });

  test.each([
    ['the store', () => policy({ store: { ...watched(), find: notMeantForClients } })],
    ['autoRegister', () => policy({ autoRegister: notMeantForClients })],
    ['the mapping of groups', () => policy({ groups: { mode: 'mirror', map: notMeantForClients } })],
  ])('in %s is no refusal of the token, whatever it is written as', async (_where, users) => {
    const anonymous = { username: 'guest', coverFailures: true };
    const { status, code } = await present(staffDoor(users(), { anonymous }), claims());
    expect([status, code]).toEqual([503, 'provisioning_unavailable']);
  });

  test('that only hangs is 503 too, once the time is up', async () => {
    const store = watched();
    store.find.mockReturnValue(new Promise<never>(() => undefined));
    const answer = await ask(staffDoor(policy({ store, timeout: 0.05 })), claims());
    expect([answer.status, answer.code]).toEqual([503, 'provisioning_unavailable']);
  });

  test('is neither covered by an anonymous principal nor by optional credentials', async () => {
    const store = watched();
    store.find.mockRejectedValue(new Error('down'));
    const anonymous = { username: 'guest', coverFailures: true };
    for (const options of [{ anonymous }, { credentialsRequired: false }])
      expect((await present(staffDoor(policy({ store }), options), claims())).status).toBe(503);
  });

  test('does not touch who is known already', async () => {
    const store = watched();
    const method = staffDoor(policy({ store }));
    await present(method, claims());
    store.find.mockRejectedValue(new Error('down'));
    expect((await present(method, claims())).status).toBe(200);
    method.invalidate({ identity });
    expect((await present(method, claims())).status).toBe(503);
  });
});

describe('what the store said is kept', () => {
  test('so a warm principal asks it nothing', async () => {
    const store = watched();
    const method = staffDoor(
      policy({ store, groups: { mode: 'mirror' }, profileSync: 'every', allowedDomains: ['example.com'] }),
    );
    await present(method, claims());
    for (const verb of [store.find, store.provision, store.syncGroups, store.syncProfile]) verb.mockClear();
    await askAtOnce(method, Array(50).fill(claims()));
    for (const verb of [store.find, store.provision, store.syncGroups, store.syncProfile])
      expect(verb).not.toHaveBeenCalled();
  });

  test('until the store tells of a change', async () => {
    const store = watched();
    const method = staffDoor(policy({ store }));
    const { principal } = await present(method, claims());
    await store.setStatus(principal.id, 'disabled');
    expect(await present(method, claims())).toMatchObject({ status: 403, code: 'user_disabled' });
    await store.setStatus(principal.id, 'active');
    expect((await present(method, claims())).status).toBe(200);
  });

  test('until the method is told, where the store cannot tell', async () => {
    const { subscribe: _unable, ...store } = watched();
    const method = staffDoor(policy({ store: store satisfies UserStore }));
    const { principal } = await present(method, claims());
    await store.setStatus(principal.id, 'disabled');
    expect((await present(method, claims())).status).toBe(200);
    method.invalidate({ user: principal.id });
    expect((await present(method, claims())).code).toBe('user_disabled');
  });

  test('for a minute at most', async () => {
    const { subscribe: _unable, ...store } = watched();
    const method = staffDoor(policy({ store }));
    const { principal } = await present(method, claims());
    await store.setStatus(principal.id, 'disabled');
    const now = performance.now();
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now + 61_000);
    expect((await present(method, claims())).code).toBe('user_disabled');
    clock.mockRestore();
  });

  test('until the method is closed, which ends its subscription', async () => {
    const store = watched();
    const method = staffDoor(policy({ store }));
    const end = jest.fn();
    store.subscribe?.mockReturnValueOnce(end);
    const another = staffDoor(policy({ store }));
    await another.close();
    expect(end).toHaveBeenCalledTimes(1);
    await method.close();
  });
});

describe('options that make no sense are refused at creation:', () => {
  const callback = async () => ({});
  test.each<[option: string, users: unknown]>([
    ['users', true],
    ['users', null],
    ['users', 'store'],
    ['users.callback', {}],
    ['users.callback', { callback: 'f' }],
    ['users.timeout', { callback, timeout: 0 }],
    ['users.timeout', { callback, timeout: 61 }],
    ['users.timeout', { callback, timeout: Number.NaN }],
    ['users.claims', { callback, claims: {} }],
    ['users.autoRegister', { callback, autoRegister: true }],
    ['users.store', { store: undefined }],
    ['users.store', { store: { find: callback } }],
    ['users.autoRegister', policy({ autoRegister: 'yes' as never })],
    ['users.linkByEmail', policy({ linkByEmail: true as never })],
    ['users.linkByEmail', policy({ linkByEmail: 'always' as never })],
    ['users.profileSync', policy({ profileSync: 'always' as never })],
    ['users.allowedDomains', policy({ allowedDomains: 'example.com' as never })],
    ['users.allowedDomains', policy({ allowedDomains: [] })],
    ['users.allowedDomains', policy({ allowedDomains: ['@example.com'] })],
    ['users.allowedDomains', policy({ allowedDomains: ['*'] })],
    ['users.allowedDomains', policy({ allowedDomains: ['*example.com'] })],
    ['users.defaultGroups', policy({ defaultGroups: [''] })],
    ['users.tenant', policy({ tenant: 7 as never })],
    ['users.timeout', policy({ timeout: -1 })],
    ['users.registrationLimit.perMinute', policy({ registrationLimit: { perMinute: 0 } })],
    ['users.registrationLimit.perMinute', policy({ registrationLimit: { perMinute: Number.POSITIVE_INFINITY } })],
    ['users.registrationLimit', policy({ registrationLimit: 60 as never })],
    ['users.groups.mode', policy({ groups: {} as never })],
    ['users.groups.mode', policy({ groups: { mode: 'sync' as never } })],
    ['users.groups.absent', policy({ groups: { mode: 'mirror', absent: 'ignore' as never } })],
    ['users.groups.filter', policy({ groups: { mode: 'mirror', filter: /a/g } })],
    ['users.groups.filter', policy({ groups: { mode: 'mirror', filter: 'a' as never } })],
    ['users.groups.prefix', policy({ groups: { mode: 'mirror', prefix: 1 as never } })],
    ['users.groups.map', policy({ groups: { mode: 'mirror', map: 'ops' as never } })],
    ['users.groups.claim', policy({ groups: { mode: 'mirror', claim: 'groups' } as never })],
    ['users.linkByMail', { ...policy(), linkByMail: 'never' }],
  ])('%s in %j', (option, users) => {
    let thrown: unknown;
    try {
      staffDoor(users as never);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ConfigurationError);
    expect((thrown as ConfigurationError).option).toBe(`oidcBearer.${option}`);
  });
});
