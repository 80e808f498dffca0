import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { ADDRESS, ISSUER, OTHER_ISSUER, outcomeOf, type Setting, tally, type UserRule, userOf } from './setting.js';

const PEOPLE = 8;
const verified = { email: ADDRESS };

/** People who come with one address each from two issuers, all at the same time. */
async function meetTogether(setting: Setting, linkByEmail: boolean) {
  const keys = Array.from({ length: PEOPLE }, (_, person) =>
    [ISSUER, OTHER_ISSUER].map((issuer) => ({ person, key: setting.key(`person-${person}`, issuer) })),
  ).flat();
  const results = await Promise.all(
    keys.map(({ person, key }, index) => {
      const handle = index % 2 === 0 ? setting.store : setting.other;
      return handle.provision(setting.input(key, { profile: { email: `person-${person}@example.com` }, linkByEmail }));
    }),
  );
  const found = await Promise.all(keys.map(({ key }) => setting.store.find(key)));
  return { outcomes: tally(results.map(outcomeOf)), ids: found.flatMap((user) => user?.id ?? []) };
}

/** Asks that a verified address does not tie an unknown identity to this user. */
async function assertNotLinkable(setting: Setting, issuer: string): Promise<void> {
  const key = setting.key('stranger', issuer);
  const result = await setting.store.provision(setting.input(key, { profile: verified, linkByEmail: true }));
  equal(outcomeOf(result), 'link_required');
  equal(await setting.store.find(key), undefined);
}

/** What an address may do. */
export const ADDRESS_RULES: readonly UserRule[] = [
  {
    title: 'lets a verified address have one user, and leaves nothing of who comes second',
    async holds(setting) {
      const { email } = await setting.register(setting.key('alice'), verified);
      equal(email, ADDRESS);
      const second = setting.key('alice', OTHER_ISSUER);
      for (const create of ['active', 'pending', false] as const) {
        const result = await setting.store.provision(setting.input(second, { profile: verified, create }));
        equal(outcomeOf(result), 'link_required');
      }
      equal(await setting.store.find(second), undefined);
    },
  },
  {
    title: 'lets an unverified address neither belong to anybody nor keep anybody out',
    async holds(setting) {
      const unverifiedEmail = ADDRESS;
      const squatter = await setting.register(setting.key('squatter'), { unverifiedEmail });
      await setting.register(setting.key('another'), { unverifiedEmail });
      equal(squatter.email, undefined);
      const input = setting.input(setting.key('alice', OTHER_ISSUER), { profile: verified, linkByEmail: true });
      const alice = userOf(await setting.store.provision(input), 'created');
      notEqual(alice.id, squatter.id);
      await setting.register(setting.key('late', OTHER_ISSUER), { unverifiedEmail }, { linkByEmail: true });
    },
  },
  {
    title: 'links an identity of another issuer by its verified address, where that is allowed',
    async holds(setting) {
      const { id } = await setting.register(setting.key('alice'), verified);
      const key = setting.key('a-1', OTHER_ISSUER);
      const input = setting.input(key, { profile: verified, linkByEmail: true, create: false });
      equal(userOf(await setting.store.provision(input), 'linked').id, id);
      equal((await setting.other.find(key))?.id, id);
      equal(userOf(await setting.store.provision(input), 'found').id, id);
    },
  },
  {
    title: 'links once, however many bring the identity at once',
    async holds(setting) {
      const { id } = await setting.register(setting.key('alice'), verified);
      const input = setting.input(setting.key('a-1', OTHER_ISSUER), { profile: verified, linkByEmail: true });
      const handles = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? setting.store : setting.other));
      const results = await Promise.all(handles.map((handle) => handle.provision(input)));
      deepEqual(tally(results.map(outcomeOf)), { linked: 1, found: 19 });
      equal((await setting.store.find(input.identity))?.id, id);
    },
  },
  {
    title: 'makes one user out of two issuers that bring one verified address together',
    async holds(setting) {
      const { outcomes, ids } = await meetTogether(setting, true);
      deepEqual(outcomes, { created: PEOPLE, linked: PEOPLE });
      deepEqual([ids.length, new Set(ids).size], [2 * PEOPLE, PEOPLE]);
    },
  },
  {
    title: 'with linking off, makes one user out of them, asks the other to link, and leaves no orphan',
    async holds(setting) {
      const { outcomes, ids } = await meetTogether(setting, false);
      deepEqual(outcomes, { created: PEOPLE, link_required: PEOPLE });
      deepEqual([ids.length, new Set(ids).size], [PEOPLE, PEOPLE]);
    },
  },
  {
    title: 'links no second identity of an issuer by its address: it was recycled',
    async holds(setting) {
      await setting.register(setting.key('alice'), verified);
      await assertNotLinkable(setting, ISSUER);
    },
  },
  {
    title: 'links nobody to a user who is disabled or pending',
    async holds(setting) {
      const { id } = await setting.register(setting.key('alice'), verified, { create: 'pending' });
      await assertNotLinkable(setting, OTHER_ISSUER);
      await setting.store.setStatus(id, 'disabled');
      await assertNotLinkable(setting, OTHER_ISSUER);
    },
  },
];
