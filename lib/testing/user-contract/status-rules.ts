import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { Invalidation } from '../../users/user-store.js';
import { ADDRESS, OTHER_ISSUER, type Setting, type UserRule, userOf } from './setting.js';

/** Everything that a sign-in does to a user, short of an operator. */
async function signIn(setting: Setting, id: string): Promise<void> {
  const identity = setting.key('alice');
  userOf(await setting.store.provision(setting.input(identity)), 'found');
  await setting.store.link(id, setting.key('a-1', OTHER_ISSUER));
  await setting.store.syncProfile(id, { name: 'Alice' }, { identity, watermark: 5, onlyBlank: false });
  const sync = { identity, source: identity.issuer, groups: ['ops'], mode: 'mirror', watermark: 5 } as const;
  await setting.store.syncGroups(id, sync);
}

/** Who may come in, and who hears of it. */
export const STATUS_RULES: readonly UserRule[] = [
  {
    title: 'keeps out whom an operator keeps out, whatever tokens come',
    async holds(setting) {
      const key = setting.key('alice');
      const { id } = await setting.register(key, { email: ADDRESS });
      for (const status of ['disabled', 'pending'] as const) {
        equal(await setting.store.setStatus(id, status), true);
        await signIn(setting, id);
        equal((await setting.other.find(key))?.status, status);
      }
    },
  },
  {
    title: 'lets an operator let somebody in again',
    async holds(setting) {
      const { id } = await setting.register(setting.key('alice'), {}, { create: 'pending' });
      await setting.store.setStatus(id, 'disabled');
      await setting.other.setStatus(id, 'active');
      equal((await setting.store.find(setting.key('alice')))?.status, 'active');
    },
  },
  {
    title: 'tells who subscribed of what changes through it, until they end it',
    async holds(setting) {
      const { id } = await setting.register(setting.key('alice'));
      if (setting.store.subscribe === undefined) return;
      const key = setting.key('a-1', OTHER_ISSUER);
      const heard: Invalidation[] = [];
      const end = setting.store.subscribe((change) => heard.push(change));
      const concernsAlice = (change: Invalidation) =>
        'user' in change ? change.user === id : change.identity.subject === key.subject;
      const acts = [
        () => setting.store.setStatus(id, 'disabled'),
        () => setting.store.link(id, key),
        () => setting.store.unlink(id, key),
      ];
      for (const act of acts) {
        heard.length = 0;
        await act();
        ok(heard.some(concernsAlice), 'a change was kept from a subscriber');
      }
      end();
      heard.length = 0;
      await setting.store.setStatus(id, 'active');
      deepEqual(heard, []);
    },
  },
  {
    title: 'rejects where the records cannot be reached, and never answers that there is nobody',
    async holds(setting) {
      const store = setting.underTest.unreachable;
      if (store === undefined) return;
      const identity = setting.key('alice');
      const id = '00000000-0000-4000-8000-000000000000';
      const sync = { identity, source: identity.issuer, groups: [], mode: 'mirror', watermark: 0 } as const;
      await rejects(async () => store.find(identity));
      await rejects(async () => store.provision(setting.input(identity)));
      await rejects(async () => store.link(id, identity));
      await rejects(async () => store.unlink(id, identity));
      await rejects(async () => store.setStatus(id, 'active'));
      await rejects(async () => store.syncProfile(id, {}, { identity, watermark: 0, onlyBlank: false }));
      await rejects(async () => store.syncGroups(id, sync));
    },
  },
];
