import { describe, expect, test } from '@jest/globals';
import type { UserStore } from '../../lib/index.js';
import { accessToken } from '../helpers/oidc-door.js';
import { ask, policy, staffDoor, verified, watched } from '../helpers/people.js';

const USER = { id: '7', status: 'active', user: { plan: 'gold' }, groups: ['ops'] } as const;
const OUTAGE = [503, 'provisioning_unavailable'];

/** What the store finds, as a database or JavaScript may hand it out. */
async function finding(found: unknown) {
  const store = watched();
  store.find.mockResolvedValue(found as never);
  const { status, code, principal } = await ask(staffDoor(policy({ store })), accessToken());
  return status === 200 ? principal : [status, code];
}

describe('a store of the application’s own', () => {
  test('may say null for nobody, as databases do', async () => {
    const store = watched();
    store.find.mockResolvedValue(null as never);
    expect((await ask(staffDoor(policy({ store })), accessToken())).principal).toMatchObject({ created: true });
    const closed = staffDoor(policy({ store: watched(nobody()), autoRegister: false }));
    expect(await ask(closed, accessToken(verified('a@example.com')))).toMatchObject({
      status: 403,
      code: 'user_not_registered',
    });
  });

  test('gives the user, the id and the groups of its record', async () => {
    expect(await finding(USER)).toMatchObject({ id: '7', user: USER.user, groups: ['ops'] });
    expect(await finding({ ...USER, groups: null })).toMatchObject({ id: '7', groups: [] });
  });

  test.each([7, 7n])('may count its users: the id %p is a text in the principal', async (id) => {
    expect(await finding({ ...USER, id })).toMatchObject({ id: '7' });
  });

  test.each([
    ['a status that nobody knows', { ...USER, status: 'banned' }],
    ['another spelling of disabled', { ...USER, status: 'DISABLED' }],
    ['no status', { ...USER, status: undefined }],
    ['null for a status', { ...USER, status: null }],
    ['true for a status', { ...USER, status: true }],
    ['no id', { ...USER, id: undefined }],
    ['an empty id', { ...USER, id: '' }],
    ['an object for an id', { ...USER, id: {} }],
    ['a text for its groups', { ...USER, groups: 'ops' }],
    ['a group that is no text', { ...USER, groups: ['ops', 7] }],
    ['something that is no record', 'active'],
    ['true', true],
  ])('lets nobody in whose record has %s', async (_what, found) => {
    expect(await finding(found)).toEqual(OUTAGE);
  });

  test.each([
    ['nothing', undefined],
    ['a created user without a status', { outcome: 'created', user: { ...USER, status: undefined } }],
    ['an outcome without a user', { outcome: 'linked' }],
    ['a reason that nobody knows', { outcome: 'denied', reason: 'because' }],
  ])('lets nobody in whom it registered with %s', async (_what, result) => {
    const store = watched();
    store.provision.mockResolvedValue(result as never);
    const { status, code } = await ask(staffDoor(policy({ store })), accessToken());
    expect([status, code]).toEqual(OUTAGE);
  });
});

function nobody(): UserStore {
  const store = watched();
  store.find.mockResolvedValue(null as never);
  store.provision.mockResolvedValue({ outcome: 'denied', reason: 'not_registered' });
  return store;
}
