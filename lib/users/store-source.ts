import { createHash } from 'node:crypto';
import { RateLimit } from '../clock/rate-limit.js';
import { ForbiddenError } from '../errors/auth-error.js';
import { RegistrationLimitError } from '../errors/rate-limit-errors.js';
import type { UserIdentity } from '../principal/user-identity.js';
import { resolveStorePolicy, type StorePolicy } from './resolve-users-options.js';
import type { ResolvedUser, UserSource } from './resolved-user.js';
import { foundUser, idOf } from './sound-user.js';
import {
  assertActive,
  assertDomain,
  believedEmail,
  creationOf,
  profileOf,
  provisionedUser,
} from './store-decisions.js';
import { groupsToSync, hasTooManyGroups, syncGroups, syncProfile } from './store-sync.js';
import { withinTime } from './time-limit.js';
import type { ProvisionResult, StoredUser } from './user-store.js';
import type { UsersStoreOptions } from './users-options.js';

/** Links or registers somebody unknown; the store decides the race, the policy decides what may happen. */
async function provision(identity: UserIdentity, policy: StorePolicy, limit: RateLimit): Promise<ProvisionResult> {
  const { store, linkByEmail, defaultGroups } = policy;
  const create = await creationOf(identity, policy);
  const mayLink = linkByEmail !== 'never' && believedEmail(identity, policy) !== undefined;
  const input = { identity, profile: profileOf(identity, policy), linkByEmail: mayLink, defaultGroups };
  if (create === false) return store.provision({ ...input, create });
  if (!limit.take()) {
    // Whoever can be found or linked after all takes nobody's place.
    const result = await store.provision({ ...input, create: false });
    if (result.outcome !== 'denied' || result.reason !== 'not_registered') return result;
    throw new RegistrationLimitError(limit.wait);
  }
  let created = false;
  try {
    const result = await store.provision({ ...input, create });
    created = result.outcome === 'created';
    return result;
  } finally {
    if (!created) limit.giveBack();
  }
}

/** What stands in the records after syncing: of somebody who may still come in. */
async function readAgain(identity: UserIdentity, { store }: StorePolicy): Promise<StoredUser> {
  const known = foundUser(await store.find(identity));
  if (known === undefined) throw new ForbiddenError('user_not_registered');
  assertActive(known);
  return known;
}

/** The fixed order: identity, e-mail link, registration, refusal. */
async function decide(
  identity: UserIdentity,
  policy: StorePolicy,
  limit: RateLimit,
  granted: readonly string[] | undefined,
): Promise<ResolvedUser> {
  const found = foundUser(await policy.store.find(identity));
  // What refuses a token refuses it before anybody is registered for it.
  assertDomain(identity, policy, found);
  const { known, created } =
    found === undefined ? provisionedUser(await provision(identity, policy, limit)) : { known: found, created: false };
  assertActive(known);
  // Of somebody new, too: it is what keeps older tokens from undoing what this one said.
  const renamed = await syncProfile(identity, known, policy);
  const regrouped = await syncGroups(identity, known, policy, granted);
  const { user, groups, ...record } = renamed || regrouped ? await readAgain(identity, policy) : known;
  return { id: idOf(record), user, groups, created };
}

/** Only what the policy looks at: without syncing, all tokens of a person are the same to it. */
function variantOf(identity: UserIdentity, policy: StorePolicy): string {
  const { issuedAt, groups, email, emailVerified, username, name } = identity;
  const syncsProfile = policy.profileSync === 'every' || policy.profileSync === 'fill-blank';
  const syncsGroups = policy.groups.mode !== 'none';
  const looksAtEmail = syncsProfile || policy.allowedDomains !== undefined;
  if (!(looksAtEmail || syncsGroups)) return '';
  const looked = [
    syncsProfile || syncsGroups ? issuedAt : undefined,
    syncsGroups ? [groups, hasTooManyGroups(identity)] : undefined,
    looksAtEmail ? [email, emailVerified] : undefined,
    syncsProfile ? [username, name] : undefined,
  ];
  return createHash('sha256').update(JSON.stringify(looked)).digest('base64url');
}

/** A user store under a policy. */
export function storeSource(option: string, options: UsersStoreOptions): UserSource {
  const policy = resolveStorePolicy(option, options);
  const limit = new RateLimit(policy.perMinute);
  const { store } = policy;
  const place = { option: `${option}.store` };
  return {
    tenant: policy.tenant,
    variantOf: (identity) => variantOf(identity, policy),
    async resolve(identity) {
      const granted = groupsToSync(identity, policy);
      return withinTime(place, policy.timeout, () => decide(identity, policy, limit, granted));
    },
    ...(store.subscribe === undefined ? {} : { subscribe: store.subscribe.bind(store) }),
  };
}
