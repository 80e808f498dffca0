import { deepEqual, equal, notEqual } from 'node:assert/strict';
import type { ProvisionInput, ProvisionResult } from '../../users/user-store.js';
import { groupsOf, outcomeOf, type Setting, tally, type UserRule, userOf } from './setting.js';

const AT_ONCE = 40;

/** Everybody who can provisions one and the same at once. */
async function stampede(
  { store, other, underTest }: Setting,
  input: ProvisionInput,
): Promise<readonly ProvisionResult[]> {
  const inputs = Array.from({ length: AT_ONCE }, () => input);
  const elsewhere = underTest.provisionElsewhere?.(inputs) ?? [];
  const here = inputs.map((each, index) => (index % 2 === 0 ? store : other).provision(each));
  return [...(await Promise.all(here)), ...(await elsewhere)];
}

/** Who becomes a user, and how often. */
export const REGISTRATION_RULES: readonly UserRule[] = [
  {
    title: 'registers somebody unknown once, however many meet them first',
    async holds(setting) {
      const key = setting.key('alice');
      const results = await stampede(setting, setting.input(key));
      const { created, found, ...others } = tally(results.map(outcomeOf));
      deepEqual({ created, found, others }, { created: 1, found: results.length - 1, others: {} });
      const ids = new Set(results.map((result) => (result.outcome === 'denied' ? undefined : result.user.id)));
      deepEqual([...ids], [(await setting.store.find(key))?.id]);
    },
  },
  {
    title: 'shows a new user to every handle at once',
    async holds(setting) {
      const { id } = await setting.register(setting.key('alice'));
      equal((await setting.other.find(setting.key('alice')))?.id, id);
      equal(userOf(await setting.other.provision(setting.input(setting.key('alice'))), 'found').id, id);
    },
  },
  {
    title: 'finds nobody who was not registered',
    async holds(setting) {
      equal(await setting.store.find(setting.key('nobody')), undefined);
    },
  },
  {
    title: 'changes nothing about somebody who is found',
    async holds(setting) {
      const key = setting.key('alice');
      const before = await setting.register(key, { name: 'Alice' }, { defaultGroups: ['staff'] });
      const more = { profile: { name: 'Mallory', email: 'mallory@example.com' }, defaultGroups: ['admins'] };
      const again = userOf(await setting.store.provision(setting.input(key, { ...more, create: 'pending' })), 'found');
      deepEqual([again, await setting.store.find(key)], [before, before]);
    },
  },
  {
    title: 'registers nobody where registration is off',
    async holds(setting) {
      const key = setting.key('alice');
      equal(outcomeOf(await setting.store.provision(setting.input(key, { create: false }))), 'not_registered');
      equal(await setting.store.find(key), undefined);
    },
  },
  {
    title: 'registers as active or pending, as it is told',
    async holds(setting) {
      equal((await setting.register(setting.key('alice'))).status, 'active');
      equal((await setting.register(setting.key('bob'), {}, { create: 'pending' })).status, 'pending');
      equal((await setting.store.find(setting.key('bob')))?.status, 'pending');
    },
  },
  {
    title: 'gives the default groups to a new user, each once',
    async holds(setting) {
      const key = setting.key('alice');
      const { groups = [] } = await setting.register(key, {}, { defaultGroups: ['staff', 'readers', 'staff'] });
      deepEqual([...groups].sort(), ['readers', 'staff']);
      deepEqual(await groupsOf(setting.store, key), ['readers', 'staff']);
    },
  },
  {
    title: 'makes ids of its own and takes none from a token',
    async holds(setting) {
      const victim = await setting.register(setting.key('victim'));
      const impostor = await setting.register(setting.key(victim.id));
      notEqual(impostor.id, victim.id);
    },
  },
];
