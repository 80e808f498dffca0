import { deepEqual, equal } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { ADDRESS, OTHER_ISSUER, outcomeOf, tally, type UserRule, userOf } from './rule-context.js';

/** Rules about `link` and `unlink`. */
export const LINK_RULES: readonly UserRule[] = [
  {
    title: 'link: ties an identity to a user, even a second one of an issuer, and says so once',
    async holds(context) {
      const { id } = await context.register(context.key('alice'));
      for (const key of [context.key('a-1', OTHER_ISSUER), context.key('a-2')]) {
        equal(await context.store.link(id, key), 'linked');
        equal(await context.other.link(id, key), 'already');
        equal((await context.store.find(key))?.id, id);
      }
      equal(await context.store.link(id, context.key('alice')), 'already');
    },
  },
  {
    title: 'link: never takes an identity away from somebody',
    async holds(context) {
      const alice = await context.register(context.key('alice'));
      const mallory = await context.register(context.key('mallory'));
      equal(await context.store.link(mallory.id, context.key('alice')), 'owned_by_other');
      equal((await context.store.find(context.key('alice')))?.id, alice.id);
    },
  },
  {
    title: 'link: gives an identity that two users want at once to one of them',
    async holds(context) {
      const people = await Promise.all(['alice', 'bob'].map((subject) => context.register(context.key(subject))));
      const key = context.key('wanted', OTHER_ISSUER);
      const handles = [context.store, context.other];
      const verdicts = await Promise.all(
        people.map(({ id }, index) => (handles[index] ?? context.store).link(id, key)),
      );
      deepEqual(tally(verdicts), { linked: 1, owned_by_other: 1 });
      equal((await context.store.find(key))?.id, people[verdicts.indexOf('linked')]?.id);
    },
  },
  {
    title: 'link: knows no user of another tenant',
    async holds(context) {
      const { id } = await context.register(context.key('alice'));
      const key = { ...context.key('a-1', OTHER_ISSUER), tenant: `${context.tenant}-other` };
      equal(await context.store.link(id, key), 'no_such_user');
      equal(await context.store.find(key), undefined);
    },
  },
  {
    title: 'unlink: cuts the tie of that user and of nobody else',
    async holds(context) {
      const alice = await context.register(context.key('alice'));
      const mallory = await context.register(context.key('mallory'));
      equal(await context.store.unlink(mallory.id, context.key('alice')), false);
      equal((await context.store.find(context.key('alice')))?.id, alice.id);
      equal(await context.store.unlink(alice.id, context.key('alice')), true);
      equal(await context.other.find(context.key('alice')), undefined);
      equal(await context.store.unlink(alice.id, context.key('alice')), false);
    },
  },
  {
    title: 'unlink: leaves a tombstone, so that a live token registers and links nobody',
    async holds(context) {
      const key = context.key('alice');
      const { id } = await context.register(key, { email: ADDRESS });
      await context.register(context.key('b'), { email: 'bob@example.com' });
      await context.store.unlink(id, key);
      for (const email of ['new@example.com', ADDRESS]) {
        const input = context.input(key, { profile: { email }, linkByEmail: true });
        equal(outcomeOf(await context.other.provision(input)), 'tombstoned');
      }
      equal(await context.store.find(key), undefined);
    },
  },
  {
    title: 'unlink: leaves a tombstone for as long as it is told, and an explicit link lifts it',
    async holds(context) {
      const alice = await context.register(context.key('alice'));
      await context.store.unlink(alice.id, context.key('alice'), { tombstone: 0 });
      userOf(await context.store.provision(context.input(context.key('alice'))), 'created');
      const bob = await context.register(context.key('bob'));
      await context.store.unlink(bob.id, context.key('bob'), { tombstone: 3600 });
      equal(await context.store.link(bob.id, context.key('bob')), 'linked');
      equal(userOf(await context.store.provision(context.input(context.key('bob'))), 'found').id, bob.id);
    },
  },
  {
    title: 'answers for a user whom nobody knows with an outcome, not with an error',
    async holds(context) {
      const { store } = context;
      const identity = context.key('alice');
      const sync = { identity, source: identity.issuer, groups: ['ops'], mode: 'mirror', watermark: 9 } as const;
      const answers = async (id: string) => [
        await store.link(id, context.key('other')),
        await store.unlink(id, identity),
        await store.setStatus(id, 'disabled'),
        await store.syncProfile(id, { name: 'A' }, { identity, watermark: 9, onlyBlank: false }),
        await store.syncGroups(id, sync),
      ];
      for (const id of [randomUUID(), 'nobody', '']) {
        const given = await answers(id).catch(({ message }: Error) => message);
        deepEqual(given, ['no_such_user', false, false, 'stale', 'stale']);
      }
    },
  },
];
