import { deepEqual, equal } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { ADDRESS, OTHER_ISSUER, outcomeOf, tally, type UserRule, userOf } from './setting.js';

/** Ties that are made and cut on purpose. */
export const LINK_RULES: readonly UserRule[] = [
  {
    title: 'link: ties an identity to a user, even a second one of an issuer, and says so once',
    async holds(setting) {
      const { id } = await setting.register(setting.key('alice'));
      for (const key of [setting.key('a-1', OTHER_ISSUER), setting.key('a-2')]) {
        equal(await setting.store.link(id, key), 'linked');
        equal(await setting.other.link(id, key), 'already');
        equal((await setting.store.find(key))?.id, id);
      }
      equal(await setting.store.link(id, setting.key('alice')), 'already');
    },
  },
  {
    title: 'link: never takes an identity away from somebody',
    async holds(setting) {
      const alice = await setting.register(setting.key('alice'));
      const mallory = await setting.register(setting.key('mallory'));
      equal(await setting.store.link(mallory.id, setting.key('alice')), 'owned_by_other');
      equal((await setting.store.find(setting.key('alice')))?.id, alice.id);
    },
  },
  {
    title: 'link: gives an identity that two users want at once to one of them',
    async holds(setting) {
      const people = await Promise.all(['alice', 'bob'].map((subject) => setting.register(setting.key(subject))));
      const key = setting.key('wanted', OTHER_ISSUER);
      const handles = [setting.store, setting.other];
      const verdicts = await Promise.all(
        people.map(({ id }, index) => (handles[index] ?? setting.store).link(id, key)),
      );
      deepEqual(tally(verdicts), { linked: 1, owned_by_other: 1 });
      equal((await setting.store.find(key))?.id, people[verdicts.indexOf('linked')]?.id);
    },
  },
  {
    title: 'link: knows no user of another tenant',
    async holds(setting) {
      const { id } = await setting.register(setting.key('alice'));
      const key = { ...setting.key('a-1', OTHER_ISSUER), tenant: `${setting.tenant}-other` };
      equal(await setting.store.link(id, key), 'no_such_user');
      equal(await setting.store.find(key), undefined);
    },
  },
  {
    title: 'unlink: cuts the tie of that user and of nobody else',
    async holds(setting) {
      const alice = await setting.register(setting.key('alice'));
      const mallory = await setting.register(setting.key('mallory'));
      equal(await setting.store.unlink(mallory.id, setting.key('alice')), false);
      equal((await setting.store.find(setting.key('alice')))?.id, alice.id);
      equal(await setting.store.unlink(alice.id, setting.key('alice')), true);
      equal(await setting.other.find(setting.key('alice')), undefined);
      equal(await setting.store.unlink(alice.id, setting.key('alice')), false);
    },
  },
  {
    title: 'unlink: leaves a tombstone, so that a live token registers and links nobody',
    async holds(setting) {
      const key = setting.key('alice');
      const { id } = await setting.register(key, { email: ADDRESS });
      await setting.register(setting.key('b'), { email: 'bob@example.com' });
      await setting.store.unlink(id, key);
      for (const email of ['new@example.com', ADDRESS]) {
        const input = setting.input(key, { profile: { email }, linkByEmail: true });
        equal(outcomeOf(await setting.other.provision(input)), 'tombstoned');
      }
      equal(await setting.store.find(key), undefined);
    },
  },
  {
    title: 'unlink: leaves a tombstone for as long as it is told, and an explicit link lifts it',
    async holds(setting) {
      const alice = await setting.register(setting.key('alice'));
      await setting.store.unlink(alice.id, setting.key('alice'), { tombstone: 0 });
      userOf(await setting.store.provision(setting.input(setting.key('alice'))), 'created');
      const bob = await setting.register(setting.key('bob'));
      await setting.store.unlink(bob.id, setting.key('bob'), { tombstone: 3600 });
      equal(await setting.store.link(bob.id, setting.key('bob')), 'linked');
      equal(userOf(await setting.store.provision(setting.input(setting.key('bob'))), 'found').id, bob.id);
    },
  },
  {
    title: 'answers for a user whom nobody knows with an outcome, not with an error',
    async holds(setting) {
      const { store } = setting;
      const identity = setting.key('alice');
      const sync = { identity, source: identity.issuer, groups: ['ops'], mode: 'mirror', watermark: 9 } as const;
      const answers = async (id: string) => [
        await store.link(id, setting.key('other')),
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
