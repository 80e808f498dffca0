import {
  type IdentityKey,
  memoryUsers,
  type ProvisionInput,
  type StoredUser,
  type UserStore,
} from '../../lib/index.js';
import type { UserStoreUnderTest } from '../../lib/testing/index.js';

type Breaks = (store: UserStore, seen: Seen) => Partial<UserStore>;

/** What a broken store remembers to do wrong with. */
interface Seen {
  readonly byId: Map<string, StoredUser>;
  readonly byEmail: Map<string, string>;
  readonly keyOf: Map<string, IdentityKey>;
}

/** A store in memory, but for what is broken. */
export function broken(breaks: Breaks): UserStoreUnderTest {
  const sound = memoryUsers();
  const seen: Seen = { byId: new Map(), byEmail: new Map(), keyOf: new Map() };
  const remembering: UserStore = {
    find: (key) => sound.find(key),
    async provision(input) {
      const result = await sound.provision(input);
      if (result.outcome === 'created') {
        seen.byId.set(result.user.id, result.user);
        seen.keyOf.set(result.user.id, input.identity);
        if (input.profile.email !== undefined) seen.byEmail.set(input.profile.email, result.user.id);
      }
      return result;
    },
    link: (...given) => sound.link(...given),
    unlink: (...given) => sound.unlink(...given),
    syncProfile: (...given) => sound.syncProfile(...given),
    syncGroups: (...given) => sound.syncGroups(...given),
    setStatus: (...given) => sound.setStatus(...given),
    subscribe: (listener) => sound.subscribe?.(listener) ?? (() => undefined),
  };
  return { store: { ...remembering, ...breaks(remembering, seen) } };
}

/** A store that hears of other identities than it is told of. */
export const misreadingKeys =
  (misread: (key: IdentityKey) => IdentityKey): Breaks =>
  (store) => ({
    find: (key) => store.find(misread(key)),
    provision: (input) => store.provision({ ...input, identity: misread(input.identity) }),
  });

/** A store that is told otherwise what to provision. */
export const misreadingInput =
  (misread: (input: ProvisionInput) => Partial<ProvisionInput>): Breaks =>
  (store) => ({
    provision: (input) => store.provision({ ...input, ...misread(input) }),
  });

/** A store that links by an address whatever speaks against it. */
export const linkingAnyhow: Breaks = (store, { byEmail, byId }) => ({
  async provision(input) {
    const result = await store.provision(input);
    const id = byEmail.get(input.profile.email ?? '');
    const user = byId.get(id ?? '');
    if (result.outcome !== 'denied' || result.reason !== 'link_required' || user === undefined) return result;
    await store.link(user.id, input.identity);
    return { outcome: 'linked', user };
  },
});
