import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { Invalidation } from '../../users/user-store.js';
import { ADDRESS, OTHER_ISSUER, type RuleContext, type UserRule, userOf } from './rule-context.js';

/** Makes all calls of a sign-in: provisioning, profile and groups. */
async function signIn(context: RuleContext, id: string): Promise<void> {
  const identity = context.key('alice');
  userOf(await context.store.provision(context.input(identity)), 'found');
  await context.store.link(id, context.key('a-1', OTHER_ISSUER));
  await context.store.syncProfile(id, { name: 'Alice' }, { identity, watermark: 5, onlyBlank: false });
  const sync = { identity, source: identity.issuer, groups: ['ops'], mode: 'mirror', watermark: 5 } as const;
  await context.store.syncGroups(id, sync);
}

/** Rules about status, and about notifications of changes. */
export const STATUS_RULES: readonly UserRule[] = [
  {
    title: 'keeps out whom an operator keeps out, whatever tokens come',
    async holds(context) {
      const key = context.key('alice');
      const { id } = await context.register(key, { email: ADDRESS });
      for (const status of ['disabled', 'pending'] as const) {
        equal(await context.store.setStatus(id, status), true);
        await signIn(context, id);
        equal((await context.other.find(key))?.status, status);
      }
    },
  },
  {
    title: 'lets an operator let somebody in again',
    async holds(context) {
      const { id } = await context.register(context.key('alice'), {}, { create: 'pending' });
      await context.store.setStatus(id, 'disabled');
      await context.other.setStatus(id, 'active');
      equal((await context.store.find(context.key('alice')))?.status, 'active');
    },
  },
  {
    title: 'tells who subscribed of what changes through it, until they end it',
    async holds(context) {
      const { id } = await context.register(context.key('alice'));
      if (context.store.subscribe === undefined) return;
      const key = context.key('a-1', OTHER_ISSUER);
      const heard: Invalidation[] = [];
      const end = context.store.subscribe((change) => heard.push(change));
      const concernsAlice = (change: Invalidation) =>
        ('user' in change && String(change.user) === id) ||
        ('identity' in change && change.identity.subject === key.subject);
      const acts = [
        () => context.store.setStatus(id, 'disabled'),
        () => context.store.link(id, key),
        () => context.store.unlink(id, key),
      ];
      for (const act of acts) {
        heard.length = 0;
        await act();
        ok(heard.some(concernsAlice), 'a change was kept from a subscriber');
      }
      end();
      heard.length = 0;
      await context.store.setStatus(id, 'active');
      deepEqual(heard, []);
    },
  },
  {
    title: 'rejects where the records cannot be reached, and never answers that there is nobody',
    async holds(context) {
      const store = context.underTest.unreachable;
      if (store === undefined) return;
      const identity = context.key('alice');
      const id = '00000000-0000-4000-8000-000000000000';
      const sync = { identity, source: identity.issuer, groups: [], mode: 'mirror', watermark: 0 } as const;
      await rejects(async () => store.find(identity));
      await rejects(async () => store.provision(context.input(identity)));
      await rejects(async () => store.link(id, identity));
      await rejects(async () => store.unlink(id, identity));
      await rejects(async () => store.setStatus(id, 'active'));
      await rejects(async () => store.syncProfile(id, {}, { identity, watermark: 0, onlyBlank: false }));
      await rejects(async () => store.syncGroups(id, sync));
    },
  },
];
