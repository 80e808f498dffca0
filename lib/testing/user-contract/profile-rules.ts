import { deepEqual, equal, notEqual } from 'node:assert/strict';
import type { UserProfile } from '../../users/user-store.js';
import { ADDRESS, OTHER_ISSUER, outcomeOf, type Setting, type UserRule } from './setting.js';

async function somebody(setting: Setting, profile: UserProfile = {}) {
  const identity = setting.key('alice');
  const { id } = await setting.register(identity, profile);
  const sync = (patch: UserProfile, more: { watermark?: number; onlyBlank?: boolean } = {}) =>
    setting.store.syncProfile(id, patch, { identity, watermark: 10, onlyBlank: false, ...more });
  return { id, sync, seen: () => setting.other.find(identity) };
}

/** Whether somebody who brings this verified address would be another user's double. */
async function isTaken(setting: Setting, email: string): Promise<boolean> {
  const input = setting.input(setting.key('probe', OTHER_ISSUER), { profile: { email }, create: false });
  return outcomeOf(await setting.store.provision(input)) === 'link_required';
}

/** Names and addresses that come later. What a store shows of names is its own, so the rules look at addresses. */
export const PROFILE_RULES: readonly UserRule[] = [
  {
    title: 'profile: changes what is given and leaves the rest',
    async holds(setting) {
      const { sync, seen } = await somebody(setting, { username: 'alice', email: ADDRESS });
      equal(await sync({ name: 'Alice' }), 'applied');
      equal((await seen())?.email, ADDRESS);
      equal(await sync({ email: 'new@example.com' }), 'applied');
      equal((await seen())?.email, 'new@example.com');
      deepEqual([await isTaken(setting, 'new@example.com'), await isTaken(setting, ADDRESS)], [true, false]);
    },
  },
  {
    title: 'profile: fills only what is blank, where that was asked',
    async holds(setting) {
      const { sync, seen } = await somebody(setting);
      equal(await sync({ email: ADDRESS }, { onlyBlank: true }), 'applied');
      equal((await seen())?.email, ADDRESS);
      equal(await sync({ email: 'new@example.com' }, { onlyBlank: true }), 'applied');
      equal((await seen())?.email, ADDRESS);
    },
  },
  {
    title: 'profile: lets an older token change nothing, and one of the same second do so',
    async holds(setting) {
      const { sync, seen } = await somebody(setting);
      await sync({ email: ADDRESS }, { watermark: 100 });
      equal(await sync({ email: 'old@example.com' }, { watermark: 99 }), 'stale');
      equal((await seen())?.email, ADDRESS);
      equal(await sync({ email: 'new@example.com' }, { watermark: 100 }), 'applied');
    },
  },
  {
    title: 'profile: has a watermark of its own beside that of the groups',
    async holds(setting) {
      const { id, sync } = await somebody(setting);
      const identity = setting.key('alice');
      await sync({ name: 'Alice' }, { watermark: 100 });
      const groups = { identity, source: identity.issuer, groups: ['ops'], mode: 'mirror', watermark: 50 } as const;
      notEqual(await setting.store.syncGroups(id, groups), 'stale');
      await setting.store.syncGroups(id, { ...groups, watermark: 200 });
      equal(await sync({ name: 'Alice' }, { watermark: 150 }), 'applied');
    },
  },
  {
    title: 'profile: keeps the own address where the new one is another user’s',
    async holds(setting) {
      const { id } = await setting.register(setting.key('bob'), { email: 'bob@example.com' });
      const { sync, seen } = await somebody(setting, { email: ADDRESS });
      equal(await sync({ email: 'bob@example.com', name: 'Alice' }), 'email_conflict');
      equal((await seen())?.email, ADDRESS);
      equal((await setting.store.find(setting.key('bob')))?.id, id);
      equal(await sync({ email: ADDRESS }, { watermark: 11 }), 'applied');
    },
  },
  {
    title: 'profile: gives an address that two users want at once to one of them',
    async holds(setting) {
      const keys = ['alice', 'bob', 'carol', 'dave'].map((subject) => setting.key(subject));
      const people = await Promise.all(keys.map(async (key) => ({ key, user: await setting.register(key) })));
      const verdicts = await Promise.all(
        people.map(({ key: identity, user }, index) =>
          (index % 2 === 0 ? setting.store : setting.other).syncProfile(
            user.id,
            { email: ADDRESS },
            { identity, watermark: 1, onlyBlank: false },
          ),
        ),
      );
      deepEqual([...verdicts].sort(), ['applied', 'email_conflict', 'email_conflict', 'email_conflict']);
      const owners = await Promise.all(keys.map(async (key) => (await setting.store.find(key))?.email));
      deepEqual(owners.filter((email) => email === ADDRESS).length, 1);
    },
  },
  {
    title: 'profile: lets an unverified address stay unverified',
    async holds(setting) {
      const { sync, seen } = await somebody(setting);
      equal(await sync({ unverifiedEmail: ADDRESS }), 'applied');
      deepEqual([(await seen())?.email, await isTaken(setting, ADDRESS)], [undefined, false]);
    },
  },
];
