import { deepEqual, equal, notEqual } from 'node:assert/strict';
import type { GroupSync, UserStore } from '../../users/user-store.js';
import { groupsOf, OTHER_ISSUER, type RuleContext, type UserRule } from './rule-context.js';

/** Repetitions of a race, whose outcome is a matter of luck. */
const ROUNDS = 16;

/** Registers a user with the default group `staff`. */
async function registeredUser(context: RuleContext) {
  const identity = context.key('alice');
  const { id } = await context.register(identity, {}, { defaultGroups: ['staff'] });
  const sync = async (groups: readonly string[], more: Partial<GroupSync> = {}, store: UserStore = context.store) => {
    const asked: GroupSync = { identity, source: identity.issuer, groups, mode: 'mirror', watermark: 10, ...more };
    const change = await store.syncGroups(id, asked);
    // Sorted, because a store may return them in any order.
    return change === 'stale' ? change : { added: [...change.added].sort(), removed: [...change.removed].sort() };
  };
  return { id, sync, groups: () => groupsOf(context.store, identity) };
}

/** Rules about memberships and their sources. */
export const GROUP_RULES: readonly UserRule[] = [
  {
    title: 'mirror: grants, takes away, and says what changed',
    async holds(context) {
      const { sync, groups } = await registeredUser(context);
      deepEqual(await sync(['ops', 'dev', 'ops']), { added: ['dev', 'ops'], removed: [] });
      deepEqual(await groups(), ['dev', 'ops', 'staff']);
      deepEqual(await sync(['ops', 'qa']), { added: ['qa'], removed: ['dev'] });
      deepEqual(await sync(['ops', 'qa']), { added: [], removed: [] });
      deepEqual(await groups(), ['ops', 'qa', 'staff']);
    },
  },
  {
    title: 'mirror: never touches what another source granted',
    async holds(context) {
      const { sync, groups } = await registeredUser(context);
      await sync(['shared', 'theirs'], { source: OTHER_ISSUER });
      await sync(['shared', 'staff', 'ours']);
      deepEqual(await sync([]), { added: [], removed: ['ours', 'shared', 'staff'] });
      deepEqual(await groups(), ['shared', 'staff', 'theirs']);
    },
  },
  {
    title: 'add: grants and takes nothing away',
    async holds(context) {
      const { sync, groups } = await registeredUser(context);
      await sync(['ops']);
      deepEqual(await sync(['dev'], { mode: 'add' }), { added: ['dev'], removed: [] });
      deepEqual(await groups(), ['dev', 'ops', 'staff']);
    },
  },
  {
    title: 'lets an older token change no groups, and one of the same second do so',
    async holds(context) {
      const { sync, groups } = await registeredUser(context);
      await sync(['ops'], { watermark: 100 });
      equal(await sync(['admins'], { watermark: 99 }), 'stale');
      equal(await sync(['admins'], { watermark: 99, mode: 'add' }), 'stale');
      deepEqual(await groups(), ['ops', 'staff']);
      notEqual(await sync(['dev'], { watermark: 100 }), 'stale');
      deepEqual(await groups(), ['dev', 'staff']);
    },
  },
  {
    title: 'ends with what the newest of many tokens says that come at once',
    async holds(context) {
      const { sync, groups } = await registeredUser(context);
      for (let newest = 112; newest <= 100 + ROUNDS * 12; newest += 12) {
        const watermarks = Array.from({ length: 12 }, (_, index) => newest - ((index * 5) % 12));
        await Promise.all(
          watermarks.map((watermark, index) =>
            sync([`g-${watermark}`], { watermark }, index % 2 === 0 ? context.store : context.other),
          ),
        );
        deepEqual(await groups(), [`g-${newest}`, 'staff']);
      }
    },
  },
  {
    title: 'lets no identity speak for the groups of somebody else',
    async holds(context) {
      const { id, groups } = await registeredUser(context);
      const mallory = context.key('mallory');
      await context.register(mallory);
      const sync = { source: mallory.issuer, groups: ['ops'], mode: 'mirror', watermark: 10 } as const;
      equal(await context.store.syncGroups(id, { ...sync, identity: mallory }), 'stale');
      deepEqual(await groups(), ['staff']);
    },
  },
];
