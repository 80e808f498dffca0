import {
  type IdentityKey,
  memoryUsers,
  type ProvisionInput,
  type StoredUser,
  type UserStore,
} from '../../lib/index.js';
import type { UserStoreUnderTest } from '../../lib/testing/index.js';

type Breaks = (store: UserStore, seen: Seen) => Partial<UserStore>;

/** Users that the store has created, for broken methods to return at the wrong time. */
interface Seen {
  readonly byId: Map<string, StoredUser>;
  readonly byEmail: Map<string, string>;
  readonly keyOf: Map<string, IdentityKey>;
}

/** Creates a store in memory and replaces some of its methods by broken ones. */
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

/** Breaks a store by changing the identities that it gets. */
export const misreadingKeys =
  (misread: (key: IdentityKey) => IdentityKey): Breaks =>
  (store) => ({
    find: (key) => store.find(misread(key)),
    provision: (input) => store.provision({ ...input, identity: misread(input.identity) }),
  });

/** Breaks a store by changing the input of provisioning. */
export const misreadingInput =
  (misread: (input: ProvisionInput) => Partial<ProvisionInput>): Breaks =>
  (store) => ({
    provision: (input) => store.provision({ ...input, ...misread(input) }),
  });

/** Breaks a store by taking `unclaimed` for leave to link to anybody. */
export const linkingClaimed: Breaks = misreadingInput(({ linkByEmail }) => ({ linkByEmail: linkByEmail !== false }));

/** Breaks a store by linking every identity with a known address. */
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
