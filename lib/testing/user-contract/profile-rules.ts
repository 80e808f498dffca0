import { deepEqual, equal, notEqual } from 'node:assert/strict';
import type { UserProfile } from '../../users/user-store.js';
import { ADDRESS, OTHER_ISSUER, outcomeOf, type RuleContext, type UserRule } from './rule-context.js';

async function registeredUser(context: RuleContext, profile: UserProfile = {}) {
  const identity = context.key('alice');
  const { id } = await context.register(identity, profile);
  const sync = (patch: UserProfile, more: { watermark?: number; onlyBlank?: boolean } = {}) =>
    context.store.syncProfile(id, patch, { identity, watermark: 10, onlyBlank: false, ...more });
  return { id, sync, seen: () => context.other.find(identity) };
}

/** Whether a verified address belongs to a user already. */
async function isTaken(context: RuleContext, email: string): Promise<boolean> {
  const input = context.input(context.key('probe', OTHER_ISSUER), { profile: { email }, create: false });
  return outcomeOf(await context.store.provision(input)) === 'link_required';
}

/** Rules about later changes of names and addresses. They check addresses only, because names are up to the store. */
export const PROFILE_RULES: readonly UserRule[] = [
  {
    title: 'profile: changes what is given and leaves the rest',
    async holds(context) {
      const { sync, seen } = await registeredUser(context, { username: 'alice', email: ADDRESS });
      equal(await sync({ name: 'Alice' }), 'applied');
      equal((await seen())?.email, ADDRESS);
      equal(await sync({ email: 'new@example.com' }), 'applied');
      equal((await seen())?.email, 'new@example.com');
      deepEqual([await isTaken(context, 'new@example.com'), await isTaken(context, ADDRESS)], [true, false]);
    },
  },
  {
    title: 'profile: fills only what is blank, where that was asked',
    async holds(context) {
      const { sync, seen } = await registeredUser(context);
      equal(await sync({ email: ADDRESS }, { onlyBlank: true }), 'applied');
      equal((await seen())?.email, ADDRESS);
      equal(await sync({ email: 'new@example.com' }, { onlyBlank: true }), 'applied');
      equal((await seen())?.email, ADDRESS);
    },
  },
  {
    title: 'profile: lets an older token change nothing, and one of the same second do so',
    async holds(context) {
      const { sync, seen } = await registeredUser(context);
      await sync({ email: ADDRESS }, { watermark: 100 });
      equal(await sync({ email: 'old@example.com' }, { watermark: 99 }), 'stale');
      equal((await seen())?.email, ADDRESS);
      equal(await sync({ email: 'new@example.com' }, { watermark: 100 }), 'applied');
    },
  },
  {
    title: 'profile: has a watermark of its own beside that of the groups',
    async holds(context) {
      const { id, sync } = await registeredUser(context);
      const identity = context.key('alice');
      await sync({ name: 'Alice' }, { watermark: 100 });
      const groups = { identity, source: identity.issuer, groups: ['ops'], mode: 'mirror', watermark: 50 } as const;
      notEqual(await context.store.syncGroups(id, groups), 'stale');
      await context.store.syncGroups(id, { ...groups, watermark: 200 });
      equal(await sync({ name: 'Alice' }, { watermark: 150 }), 'applied');
    },
  },
  {
    title: 'profile: keeps the own address where the new one is another user’s',
    async holds(context) {
      const { id } = await context.register(context.key('bob'), { email: 'bob@example.com' });
      const { sync, seen } = await registeredUser(context, { email: ADDRESS });
      equal(await sync({ email: 'bob@example.com', name: 'Alice' }), 'email_conflict');
      equal((await seen())?.email, ADDRESS);
      equal((await context.store.find(context.key('bob')))?.id, id);
      equal(await sync({ email: ADDRESS }, { watermark: 11 }), 'applied');
    },
  },
  {
    title: 'profile: gives an address that two users want at once to one of them',
    async holds(context) {
      const keys = ['alice', 'bob', 'carol', 'dave'].map((subject) => context.key(subject));
      const people = await Promise.all(keys.map(async (key) => ({ key, user: await context.register(key) })));
      const verdicts = await Promise.all(
        people.map(({ key: identity, user }, index) =>
          (index % 2 === 0 ? context.store : context.other).syncProfile(
            user.id,
            { email: ADDRESS },
            { identity, watermark: 1, onlyBlank: false },
          ),
        ),
      );
      deepEqual([...verdicts].sort(), ['applied', 'email_conflict', 'email_conflict', 'email_conflict']);
      const owners = await Promise.all(keys.map(async (key) => (await context.store.find(key))?.email));
      deepEqual(owners.filter((email) => email === ADDRESS).length, 1);
    },
  },
  {
    title: 'profile: lets an unverified address stay unverified',
    async holds(context) {
      const { sync, seen } = await registeredUser(context);
      equal(await sync({ unverifiedEmail: ADDRESS }), 'applied');
      deepEqual([(await seen())?.email, await isTaken(context, ADDRESS)], [undefined, false]);
    },
  },
];
