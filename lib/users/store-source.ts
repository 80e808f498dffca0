import { RegistrationLimit } from './registration-limit.js';
import type { ResolvedUser, UserSource } from './resolved-user.js';
import {
  assertActive,
  assertDomain,
  believedEmail,
  creationOf,
  profileOf,
  provisionedUser,
} from './store-decisions.js';
import { syncGroups, syncProfile } from './store-sync.js';
import { withinTime } from './time-limit.js';
import type { UserIdentity } from './user-identity.js';
import type { ProvisionResult, StoredUser } from './user-store.js';
import { resolveStorePolicy, type StorePolicy, type UsersStoreOptions } from './users-options.js';

/** Links or registers somebody unknown; the store decides the race, the policy decides what may happen. */
async function provision(
  identity: UserIdentity,
  policy: StorePolicy,
  limit: RegistrationLimit,
): Promise<ProvisionResult> {
  const { store, linkByEmail, defaultGroups } = policy;
  const create = await creationOf(identity, policy);
  const mayLink = linkByEmail !== 'never' && believedEmail(identity, policy) !== undefined;
  const input = { identity, profile: profileOf(identity, policy), linkByEmail: mayLink, defaultGroups };
  if (create === false) return store.provision({ ...input, create });
  const giveBack = limit.reserve();
  let created = false;
  try {
    const result = await store.provision({ ...input, create });
    created = result.outcome === 'created';
    return result;
  } finally {
    if (!created) giveBack();
  }
}

/** The fixed order: identity, e-mail link, registration, refusal. */
async function decide(identity: UserIdentity, policy: StorePolicy, limit: RegistrationLimit): Promise<ResolvedUser> {
  let known: StoredUser | undefined = await policy.store.find(identity);
  let created = false;
  assertDomain(identity, policy, known);
  if (known === undefined) ({ user: known, created } = provisionedUser(await provision(identity, policy, limit)));
  assertActive(known);
  if (!created) await syncProfile(identity, known, policy);
  const groups = await syncGroups(identity, known, policy);
  return { id: known.id, user: known.user, groups, created };
}

/** Only what the policy looks at: without syncing, all tokens of a person are the same to it. */
function variantOf({ issuedAt, groups, email, emailVerified }: UserIdentity, policy: StorePolicy): string {
  const syncsProfile = policy.profileSync === 'every' || policy.profileSync === 'fill-blank';
  const syncs = syncsProfile || policy.groups.mode !== 'none';
  const looksAtEmail = syncsProfile || policy.allowedDomains !== undefined;
  return JSON.stringify([syncs ? [issuedAt, groups] : [], looksAtEmail ? [email, emailVerified] : []]);
}

/** A user store under a policy. */
export function storeSource(option: string, options: UsersStoreOptions): UserSource {
  const policy = resolveStorePolicy(option, options);
  const limit = new RegistrationLimit(policy.perMinute);
  const { store } = policy;
  return {
    tenant: policy.tenant,
    variantOf: (identity) => variantOf(identity, policy),
    resolve: (identity) => withinTime(policy.timeout, () => decide(identity, policy, limit)),
    ...(store.subscribe === undefined ? {} : { subscribe: store.subscribe.bind(store) }),
  };
}
