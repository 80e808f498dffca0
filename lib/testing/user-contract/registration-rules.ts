import { deepEqual, equal, notEqual } from 'node:assert/strict';
import type { ProvisionInput, ProvisionResult } from '../../users/user-store.js';
import { groupsOf, outcomeOf, type RuleContext, tally, type UserRule, userOf } from './rule-context.js';

const AT_ONCE = 40;

/** Provisions one input concurrently through every handle. */
async function provisionConcurrently(
  { store, other, underTest }: RuleContext,
  input: ProvisionInput,
): Promise<readonly ProvisionResult[]> {
  const inputs = Array.from({ length: AT_ONCE }, () => input);
  const elsewhere = underTest.provisionElsewhere?.(inputs) ?? [];
  const here = inputs.map((each, index) => (index % 2 === 0 ? store : other).provision(each));
  return [...(await Promise.all(here)), ...(await elsewhere)];
}

/** Rules about registration. */
export const REGISTRATION_RULES: readonly UserRule[] = [
  {
    title: 'registers somebody unknown once, however many meet them first',
    async holds(context) {
      const key = context.key('alice');
      const results = await provisionConcurrently(context, context.input(key));
      const { created, found, ...others } = tally(results.map(outcomeOf));
      deepEqual({ created, found, others }, { created: 1, found: results.length - 1, others: {} });
      const ids = new Set(results.map((result) => (result.outcome === 'denied' ? undefined : result.user.id)));
      deepEqual([...ids], [(await context.store.find(key))?.id]);
    },
  },
  {
    title: 'shows a new user to every handle at once',
    async holds(context) {
      const { id } = await context.register(context.key('alice'));
      equal((await context.other.find(context.key('alice')))?.id, id);
      equal(userOf(await context.other.provision(context.input(context.key('alice'))), 'found').id, id);
    },
  },
  {
    title: 'finds nobody who was not registered',
    async holds(context) {
      equal(await context.store.find(context.key('nobody')), undefined);
    },
  },
  {
    title: 'changes nothing about somebody who is found',
    async holds(context) {
      const key = context.key('alice');
      const before = await context.register(key, { name: 'Alice' }, { defaultGroups: ['staff'] });
      const more = { profile: { name: 'Mallory', email: 'mallory@example.com' }, defaultGroups: ['admins'] };
      const again = userOf(await context.store.provision(context.input(key, { ...more, create: 'pending' })), 'found');
      deepEqual([again, await context.store.find(key)], [before, before]);
    },
  },
  {
    title: 'registers nobody where registration is off',
    async holds(context) {
      const key = context.key('alice');
      equal(outcomeOf(await context.store.provision(context.input(key, { create: false }))), 'not_registered');
      equal(await context.store.find(key), undefined);
    },
  },
  {
    title: 'registers as active or pending, as it is told',
    async holds(context) {
      equal((await context.register(context.key('alice'))).status, 'active');
      equal((await context.register(context.key('bob'), {}, { create: 'pending' })).status, 'pending');
      equal((await context.store.find(context.key('bob')))?.status, 'pending');
    },
  },
  {
    title: 'gives the default groups to a new user, each once',
    async holds(context) {
      const key = context.key('alice');
      const { groups = [] } = await context.register(key, {}, { defaultGroups: ['staff', 'readers', 'staff'] });
      deepEqual([...groups].sort(), ['readers', 'staff']);
      deepEqual(await groupsOf(context.store, key), ['readers', 'staff']);
    },
  },
  {
    title: 'makes ids of its own and takes none from a token',
    async holds(context) {
      const victim = await context.register(context.key('victim'));
      const impostor = await context.register(context.key(victim.id));
      notEqual(impostor.id, victim.id);
    },
  },
];
