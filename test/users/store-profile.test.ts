import { describe, expect, test } from '@jest/globals';
import { memoryUsers, type UsersStoreOptions } from '../../lib/index.js';
import { accessToken, present } from '../helpers/oidc-door.js';
import { policy, staffDoor, verified, watched } from '../helpers/people.js';
import { inSeconds } from '../helpers/tokens.js';

type Mode = NonNullable<UsersStoreOptions['profileSync']>;

const FIRST = { preferred_username: 'al', iat: inSeconds(-9) };
const LATER = verified('alice@example.com', { preferred_username: 'alice', name: 'Alice', iat: inSeconds(-5) });

/** What the record says after each of these tokens. */
async function records(profileSync: Mode | undefined, ...tokens: Record<string, unknown>[]) {
  const method = staffDoor(policy(profileSync === undefined ? {} : { profileSync }));
  const users: Record<string, unknown>[] = [];
  for (const claims of tokens) {
    const { user } = (await present(method, accessToken(claims))).principal as { user?: Record<string, unknown> };
    const { id: _id, createdAt: _since, ...profile } = user ?? {};
    users.push(profile);
  }
  return users;
}

describe('names and addresses reach the record', () => {
  test.each<[mode: Mode | undefined, first: object, later: object]>([
    [undefined, { username: 'al' }, { username: 'al' }],
    ['create-only', { username: 'al' }, { username: 'al' }],
    ['fill-blank', { username: 'al' }, { username: 'al', name: 'Alice', email: 'alice@example.com' }],
    ['every', { username: 'al' }, { username: 'alice', name: 'Alice', email: 'alice@example.com' }],
    ['never', {}, {}],
  ])('with profileSync: %s', async (mode, first, later) => {
    expect(await records(mode, FIRST, LATER)).toEqual([first, later]);
  });

  test('at once: the very request that changes a name shows it', async () => {
    const [, renamed, again] = await records(
      'every',
      { name: 'A', iat: 100 },
      { name: 'B', iat: 200 },
      { name: 'B', iat: 200 },
    );
    expect([renamed, again]).toEqual([{ name: 'B' }, { name: 'B' }]);
  });

  test('but a claim that is missing or null clears nothing', async () => {
    const [, , last] = await records(
      'every',
      LATER,
      { iat: inSeconds(-3) },
      { name: null, email: null, iat: inSeconds(-2) },
    );
    expect(last).toEqual({ username: 'alice', name: 'Alice', email: 'alice@example.com' });
  });

  test('but an older token changes nothing', async () => {
    const [, second, third] = await records(
      'every',
      LATER,
      { name: 'Old', iat: inSeconds(-60) },
      { name: 'Older', iat: undefined },
    );
    expect([second, third]).toEqual(Array(2).fill({ username: 'alice', name: 'Alice', email: 'alice@example.com' }));
  });

  test('but an unverified address never becomes the address', async () => {
    const mallory = { email: 'boss@example.com', iat: inSeconds(-3) };
    const [, last] = await records('every', LATER, mallory);
    expect(last).toMatchObject({ email: 'alice@example.com', unverifiedEmail: 'boss@example.com' });
  });

  test('a verified address even with never, so that nobody registers twice', async () => {
    expect(await records('never', LATER)).toEqual([{ email: 'alice@example.com' }]);
  });
});

test('an address that is another user’s stays theirs, and the rest is taken over', async () => {
  const store = memoryUsers();
  const method = staffDoor(policy({ store, profileSync: 'every' }));
  await present(method, accessToken(verified('bob@example.com', { sub: 'bob' })));
  const before = await present(method, accessToken(verified('alice@example.com', { iat: inSeconds(-9) })));
  const claims = verified('bob@example.com', { name: 'Alice', iat: inSeconds(-3) });
  const after = await present(method, accessToken(claims));
  expect(after.principal.id).toBe(before.principal.id);
  expect(after.principal.user).toMatchObject({ name: 'Alice', email: 'alice@example.com' });
});

test('only what the policy looks at makes a token a new one', async () => {
  const store = watched();
  const method = staffDoor(policy({ store }));
  await present(method, accessToken(FIRST));
  await present(method, accessToken(LATER));
  expect(store.find).toHaveBeenCalledTimes(1);
});
