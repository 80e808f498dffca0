import { deepEqual, equal, notEqual } from 'node:assert/strict';
import {
  ADDRESS,
  ISSUER,
  OTHER_ISSUER,
  outcomeOf,
  type RuleContext,
  tally,
  type UserRule,
  userOf,
} from './rule-context.js';

const PEOPLE = 8;
const ROUNDS = 5;
const verified = { email: ADDRESS };

/** Provisions people concurrently, each with one address from two issuers. */
async function provisionPairs(context: RuleContext, linkByEmail: boolean) {
  const keys = Array.from({ length: PEOPLE }, (_, person) =>
    [ISSUER, OTHER_ISSUER].map((issuer) => ({ person, key: context.key(`person-${person}`, issuer) })),
  ).flat();
  const results = await Promise.all(
    keys.map(({ person, key }, index) => {
      const handle = index % 2 === 0 ? context.store : context.other;
      return handle.provision(context.input(key, { profile: { email: `person-${person}@example.com` }, linkByEmail }));
    }),
  );
  const found = await Promise.all(keys.map(({ key }) => context.store.find(key)));
  return { outcomes: tally(results.map(outcomeOf)), ids: found.flatMap((user) => user?.id ?? []) };
}

/** Asserts that a verified address does not link an unknown identity to the user. */
async function assertNotLinkable(
  context: RuleContext,
  issuer: string,
  linkByEmail: true | 'unclaimed' = true,
): Promise<void> {
  const key = context.key('stranger', issuer);
  const result = await context.store.provision(context.input(key, { profile: verified, linkByEmail }));
  equal(outcomeOf(result), 'link_required');
  equal(await context.store.find(key), undefined);
}

/** Rules about linking by e-mail address. */
export const ADDRESS_RULES: readonly UserRule[] = [
  {
    title: 'lets a verified address have one user, and leaves nothing of who comes second',
    async holds(context) {
      const { email } = await context.register(context.key('alice'), verified);
      equal(email, ADDRESS);
      const second = context.key('alice', OTHER_ISSUER);
      for (const create of ['active', 'pending', false] as const) {
        const result = await context.store.provision(context.input(second, { profile: verified, create }));
        equal(outcomeOf(result), 'link_required');
      }
      equal(await context.store.find(second), undefined);
    },
  },
  {
    title: 'lets an unverified address neither belong to anybody nor keep anybody out',
    async holds(context) {
      const unverifiedEmail = ADDRESS;
      const squatter = await context.register(context.key('squatter'), { unverifiedEmail });
      await context.register(context.key('another'), { unverifiedEmail });
      equal(squatter.email, undefined);
      const input = context.input(context.key('alice', OTHER_ISSUER), { profile: verified, linkByEmail: true });
      const alice = userOf(await context.store.provision(input), 'created');
      notEqual(alice.id, squatter.id);
      await context.register(context.key('late', OTHER_ISSUER), { unverifiedEmail }, { linkByEmail: true });
    },
  },
  {
    title: 'links an identity of another issuer by its verified address, where that is allowed',
    async holds(context) {
      const { id } = await context.register(context.key('alice'), verified);
      const key = context.key('a-1', OTHER_ISSUER);
      const input = context.input(key, { profile: verified, linkByEmail: true, create: false });
      equal(userOf(await context.store.provision(input), 'linked').id, id);
      equal((await context.other.find(key))?.id, id);
      equal(userOf(await context.store.provision(input), 'found').id, id);
    },
  },
  {
    title: 'links once, however many bring the identity at once',
    async holds(context) {
      const { id } = await context.register(context.key('alice'), verified);
      const input = context.input(context.key('a-1', OTHER_ISSUER), { profile: verified, linkByEmail: true });
      const handles = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? context.store : context.other));
      const results = await Promise.all(handles.map((handle) => handle.provision(input)));
      deepEqual(tally(results.map(outcomeOf)), { linked: 1, found: 19 });
      equal((await context.store.find(input.identity))?.id, id);
    },
  },
  {
    title: 'makes one user out of two issuers that bring one verified address together',
    async holds(context) {
      const { outcomes, ids } = await provisionPairs(context, true);
      deepEqual(outcomes, { created: PEOPLE, linked: PEOPLE });
      deepEqual([ids.length, new Set(ids).size], [2 * PEOPLE, PEOPLE]);
    },
  },
  {
    title: 'with linking off, makes one user out of them, asks the other to link, and leaves no orphan',
    async holds(context) {
      const { outcomes, ids } = await provisionPairs(context, false);
      deepEqual(outcomes, { created: PEOPLE, link_required: PEOPLE });
      deepEqual([ids.length, new Set(ids).size], [PEOPLE, PEOPLE]);
    },
  },
  {
    title: 'unclaimed: links to somebody to whom no identity is tied yet',
    async holds(context) {
      const { id } = await context.invite(ADDRESS);
      const key = context.key('a-1', OTHER_ISSUER);
      const input = context.input(key, { profile: verified, linkByEmail: 'unclaimed', create: false });
      equal(userOf(await context.store.provision(input), 'linked').id, id);
      equal((await context.other.find(key))?.id, id);
      equal(userOf(await context.other.provision(input), 'found').id, id);
    },
  },
  {
    title: 'unclaimed: links to nobody to whom any identity is tied, however it was',
    async holds(context) {
      const invited = await context.invite('invited@example.com');
      await context.store.link(invited.id, context.key('linked'));
      await context.register(context.key('alice'), verified);
      for (const email of [ADDRESS, 'invited@example.com']) {
        const key = context.key('a-1', OTHER_ISSUER);
        const input = context.input(key, { profile: { email }, linkByEmail: 'unclaimed' });
        equal(outcomeOf(await context.store.provision(input)), 'link_required');
        equal(await context.store.find(key), undefined);
      }
    },
  },
  {
    title: 'unclaimed: gives somebody whom many identities claim at once to one of them',
    async holds(context) {
      for (let round = 0; round < ROUNDS; round += 1) {
        const email = `invited-${round}@example.com`;
        const { id } = await context.invite(email);
        const keys = Array.from({ length: PEOPLE }, (_, index) =>
          context.key(`claims-${round}`, `${OTHER_ISSUER}/${index}`),
        );
        const results = await Promise.all(
          keys.map((key, index) =>
            (index % 2 === 0 ? context.store : context.other).provision(
              context.input(key, { profile: { email }, linkByEmail: 'unclaimed' }),
            ),
          ),
        );
        deepEqual(tally(results.map(outcomeOf)), { linked: 1, link_required: PEOPLE - 1 });
        const found = await Promise.all(keys.map((key) => context.store.find(key)));
        deepEqual(
          found.flatMap((user) => user?.id ?? []),
          [id],
        );
      }
    },
  },
  {
    title: 'unclaimed: links to nobody who is disabled or pending',
    async holds(context) {
      const { id } = await context.invite(ADDRESS);
      for (const status of ['pending', 'disabled'] as const) {
        await context.store.setStatus(id, status);
        await assertNotLinkable(context, OTHER_ISSUER, 'unclaimed');
      }
    },
  },
  {
    title: 'links no second identity of an issuer by its address: it was recycled',
    async holds(context) {
      await context.register(context.key('alice'), verified);
      await assertNotLinkable(context, ISSUER);
    },
  },
  {
    title: 'links nobody to a user who is disabled or pending',
    async holds(context) {
      const { id } = await context.register(context.key('alice'), verified, { create: 'pending' });
      await assertNotLinkable(context, OTHER_ISSUER);
      await context.store.setStatus(id, 'disabled');
      await assertNotLinkable(context, OTHER_ISSUER);
    },
  },
];
