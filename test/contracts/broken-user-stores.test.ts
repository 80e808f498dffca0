import { describe, expect, test } from '@jest/globals';
import { memoryUsers } from '../../lib/index.js';
import { type UserStoreUnderTest, userStoreContract } from '../../lib/testing/index.js';
import { broken, linkingAnyhow, linkingClaimed, misreadingInput, misreadingKeys } from '../helpers/broken-users.js';

const guest = { id: 'guest', status: 'active', user: {} } as const;

/** One way to break every rule, and the store that does. */
const BROKEN: Readonly<Record<string, () => UserStoreUnderTest>> = {
  'registers somebody unknown once, however many meet them first': () =>
    broken((store) => ({
      async provision(input) {
        const result = await store.provision(input);
        return result.outcome === 'found' ? { ...result, outcome: 'created' } : result;
      },
    })),
  'shows a new user to every handle at once': () => ({ store: memoryUsers(), other: memoryUsers() }),
  'finds nobody who was not registered': () =>
    broken((store) => ({ find: async (key) => (await store.find(key)) ?? guest })),
  'changes nothing about somebody who is found': () =>
    broken((store) => ({
      async provision(input) {
        const result = await store.provision(input);
        const { identity, defaultGroups: groups } = input;
        const sync = { identity, source: 'default', groups, mode: 'add', watermark: 0 } as const;
        if (result.outcome === 'found') await store.syncGroups(result.user.id, sync);
        return result;
      },
    })),
  'registers nobody where registration is off': () =>
    broken(misreadingInput(({ create }) => ({ create: create === false ? 'active' : create }))),
  'registers as active or pending, as it is told': () => broken(misreadingInput(() => ({ create: 'active' }))),
  'gives the default groups to a new user, each once': () => broken(misreadingInput(() => ({ defaultGroups: [] }))),
  'makes ids of its own and takes none from a token': () =>
    broken((store, { byId }) => ({
      async provision(input) {
        const user = byId.get(input.identity.subject);
        return user === undefined ? store.provision(input) : { outcome: 'found', user };
      },
    })),
  'tells subjects apart by the byte': () =>
    broken(misreadingKeys((key) => ({ ...key, subject: key.subject.normalize('NFC') }))),
  'tells issuers apart by the byte': () =>
    broken(misreadingKeys((key) => ({ ...key, issuer: key.issuer.replace(/\/$/, '') }))),
  'keeps tenant, issuer and subject apart, wherever they are cut': () =>
    broken(
      misreadingKeys(({ tenant, issuer, subject }) => ({
        tenant: `${tenant}${issuer}${subject}`,
        issuer: '',
        subject: '',
      })),
    ),
  'keeps the people of tenants apart, their addresses too': () =>
    broken(misreadingKeys((key) => ({ ...key, tenant: '' }))),

  'lets a verified address have one user, and leaves nothing of who comes second': () =>
    broken((store) => ({
      async provision(input) {
        const result = await store.provision(input);
        const { email: _taken, ...profile } = input.profile;
        // The orphan that stays behind is what is wrong here; the answer is right.
        if (result.outcome === 'denied') await store.provision({ ...input, profile });
        return result;
      },
    })),
  'lets an unverified address neither belong to anybody nor keep anybody out': () =>
    broken(
      misreadingInput(({ profile: { unverifiedEmail, ...profile } }) => ({
        profile: unverifiedEmail === undefined ? profile : { email: unverifiedEmail, ...profile },
      })),
    ),
  'links an identity of another issuer by its verified address, where that is allowed': () =>
    broken(misreadingInput(() => ({ linkByEmail: false }))),
  'links once, however many bring the identity at once': () =>
    broken((store) => ({
      async provision(input) {
        const result = await store.provision(input);
        return result.outcome === 'found' && input.linkByEmail ? { ...result, outcome: 'linked' } : result;
      },
    })),
  'makes one user out of two issuers that bring one verified address together': () =>
    broken((store) => ({
      async provision(input) {
        const result = await store.provision(input);
        return result.outcome === 'linked' ? { outcome: 'denied', reason: 'link_required' } : result;
      },
    })),
  'with linking off, makes one user out of them, asks the other to link, and leaves no orphan': () =>
    broken(misreadingInput(() => ({ linkByEmail: true }))),
  'unclaimed: links to somebody to whom no identity is tied yet': () =>
    broken(misreadingInput(({ linkByEmail }) => ({ linkByEmail: linkByEmail === true }))),
  'unclaimed: links to nobody to whom any identity is tied, however it was': () => broken(linkingClaimed),
  'unclaimed: gives somebody whom many identities claim at once to one of them': () => broken(linkingClaimed),
  'unclaimed: links to nobody who is disabled or pending': () => broken(linkingAnyhow),
  'links no second identity of an issuer by its address: it was recycled': () => broken(linkingAnyhow),
  'links nobody to a user who is disabled or pending': () => broken(linkingAnyhow),

  'link: ties an identity to a user, even a second one of an issuer, and says so once': () =>
    broken((store) => ({
      async link(id, key) {
        const verdict = await store.link(id, key);
        return verdict === 'already' ? 'linked' : verdict;
      },
    })),
  'link: never takes an identity away from somebody': () =>
    broken((store) => ({
      async link(id, key) {
        const owner = await store.find(key);
        if (owner !== undefined) await store.unlink(owner.id, key);
        return store.link(id, key);
      },
    })),
  'link: gives an identity that two users want at once to one of them': () =>
    broken((store) => ({
      async link(id, key) {
        const verdict = await store.link(id, key);
        return verdict === 'owned_by_other' ? 'linked' : verdict;
      },
    })),
  'link: knows no user of another tenant': () =>
    broken((store, { keyOf }) => ({
      link: (id, key) => store.link(id, { ...key, tenant: keyOf.get(id)?.tenant ?? key.tenant }),
    })),
  'unlink: cuts the tie of that user and of nobody else': () =>
    broken((store) => ({
      unlink: async (_id, key) => store.unlink((await store.find(key))?.id ?? '', key),
    })),
  'unlink: leaves a tombstone, so that a live token registers and links nobody': () =>
    broken((store) => ({ unlink: (id, key) => store.unlink(id, key, { tombstone: 0 }) })),
  'unlink: leaves a tombstone for as long as it is told, and an explicit link lifts it': () =>
    broken((store) => ({ unlink: (id, key) => store.unlink(id, key) })),
  'answers for a user whom nobody knows with an outcome, not with an error': () =>
    broken((store) => ({
      async setStatus(id, status) {
        if (!(await store.setStatus(id, status))) throw new Error('no such user');
        return true;
      },
    })),

  'keeps out whom an operator keeps out, whatever tokens come': () =>
    broken((store) => ({
      async syncProfile(id, ...given) {
        await store.setStatus(id, 'active');
        return store.syncProfile(id, ...given);
      },
    })),
  'lets an operator let somebody in again': () =>
    broken((store) => ({ setStatus: async (id, status) => status === 'active' || store.setStatus(id, status) })),
  'tells who subscribed of what changes through it, until they end it': () =>
    broken((store) => ({
      subscribe(listener) {
        store.subscribe?.(listener);
        return () => undefined;
      },
    })),
  'rejects where the records cannot be reached, and never answers that there is nobody': () => ({
    store: memoryUsers(),
    unreachable: memoryUsers(),
  }),

  'mirror: grants, takes away, and says what changed': () =>
    broken((store) => ({ syncGroups: (id, sync) => store.syncGroups(id, { ...sync, mode: 'add' }) })),
  'mirror: never touches what another source granted': () =>
    broken((store) => ({ syncGroups: (id, sync) => store.syncGroups(id, { ...sync, source: 'default' }) })),
  'add: grants and takes nothing away': () =>
    broken((store) => ({ syncGroups: (id, sync) => store.syncGroups(id, { ...sync, mode: 'mirror' }) })),
  'lets an older token change no groups, and one of the same second do so': () =>
    broken((store) => ({ syncGroups: (id, sync) => store.syncGroups(id, { ...sync, watermark: 1 }) })),
  'ends with what the newest of many tokens says that come at once': () =>
    broken((store) => ({ syncGroups: (id, sync) => store.syncGroups(id, { ...sync, watermark: 1 }) })),
  'lets no identity speak for the groups of somebody else': () =>
    broken((store, { keyOf }) => ({
      syncGroups: (id, sync) => store.syncGroups(id, { ...sync, identity: keyOf.get(id) ?? sync.identity }),
    })),

  'profile: changes what is given and leaves the rest': () => broken(() => ({ syncProfile: async () => 'applied' })),
  'profile: fills only what is blank, where that was asked': () =>
    broken((store) => ({
      syncProfile: (id, profile, options) => store.syncProfile(id, profile, { ...options, onlyBlank: false }),
    })),
  'profile: lets an older token change nothing, and one of the same second do so': () =>
    broken((store) => ({
      syncProfile: (id, profile, options) => store.syncProfile(id, profile, { ...options, watermark: 1 }),
    })),
  'profile: has a watermark of its own beside that of the groups': () => {
    let newest = 0;
    return broken((store) => ({
      async syncProfile(id, profile, options) {
        if (options.watermark < newest) return 'stale';
        newest = options.watermark;
        return store.syncProfile(id, profile, options);
      },
      async syncGroups(id, sync) {
        if (sync.watermark < newest) return 'stale';
        newest = sync.watermark;
        return store.syncGroups(id, sync);
      },
    }));
  },
  'profile: keeps the own address where the new one is another user’s': () =>
    broken((store) => ({
      async syncProfile(...given) {
        await store.syncProfile(...given);
        return 'applied';
      },
    })),
  'profile: gives an address that two users want at once to one of them': () =>
    broken((store) => ({
      async syncProfile(...given) {
        await store.syncProfile(...given);
        return 'applied';
      },
    })),
  'profile: lets an unverified address stay unverified': () =>
    broken((store) => ({
      syncProfile: (id, { unverifiedEmail, ...profile }, options) =>
        store.syncProfile(
          id,
          unverifiedEmail === undefined ? profile : { ...profile, email: unverifiedEmail },
          options,
        ),
    })),
};

const titles = userStoreContract(() => ({ store: memoryUsers() })).map(({ title }) => title);

test('there is a broken store for every rule', () => {
  expect(Object.keys(BROKEN).sort()).toEqual([...titles].sort());
});

describe('a store that is broken so fails the rule', () => {
  test.each(Object.entries(BROKEN))('%s', async (title, makeStore) => {
    const rule = userStoreContract(makeStore).find((each) => each.title === title);
    await expect(rule?.run()).rejects.toMatchObject({ name: 'AssertionError' });
  });
});

test('stores are closed after a rule, whether it holds or not', async () => {
  let closed = 0;
  const close = async () => {
    closed += 1;
  };
  const rules = userStoreContract(() => ({ ...broken(misreadingInput(() => ({ create: false }))), close }));
  await Promise.allSettled(rules.map((rule) => rule.run()));
  expect(closed).toBe(rules.length);
});
