import { createHash } from 'node:crypto';
import { RateLimit } from '../clock/rate-limit.js';
import { ForbiddenError } from '../errors/auth-error.js';
import { RegistrationLimitError } from '../errors/rate-limit-errors.js';
import type { UserIdentity } from '../principal/user-identity.js';
import { resolveStorePolicy, type StorePolicy } from './resolve-users-options.js';
import type { ResolvedUser, UserSource } from './resolved-user.js';
import { foundUser, idOf } from './sound-user.js';
import { assertActive, assertDomain, believedEmail, creationOf, profileOf, provisionedUser } from './store-policy.js';
import { StoreReach } from './store-reach.js';
import { groupsToSync, hasTooManyGroups, syncGroups, syncProfile } from './store-sync.js';
import { withinTime } from './time-limit.js';
import type { ProvisionInput, ProvisionResult, StoredUser } from './user-store.js';
import type { UsersStoreOptions } from './users-options.js';

/** Policy of a store, with the state that it needs to decide. */
interface Provisioning {
  readonly policy: StorePolicy;
  readonly reach: StoreReach;
  readonly limit: RateLimit;
}

/** Which users an identity may be linked to by its address: none, one without identities, or any. */
function linkingOf(identity: UserIdentity, { policy, reach }: Provisioning): ProvisionInput['linkByEmail'] {
  const unsaid = reach.isShared && policy.emailDomains === undefined ? 'never' : 'unclaimed';
  const { linkByEmail = unsaid } = policy;
  if (linkByEmail === 'never' || believedEmail(identity, policy) === undefined) return false;
  return linkByEmail === 'unclaimed' ? 'unclaimed' : true;
}

/**
 * Links or registers an unknown identity. The policy decides what is allowed, and the store decides between concurrent
 * requests.
 */
async function provision(identity: UserIdentity, provisioning: Provisioning): Promise<ProvisionResult> {
  const { policy, limit } = provisioning;
  const { store, defaultGroups } = policy;
  const create = await creationOf(identity, policy);
  const linkByEmail = linkingOf(identity, provisioning);
  const input = { identity, profile: profileOf(identity, policy), linkByEmail, defaultGroups };
  if (create === false) return store.provision({ ...input, create });
  if (!limit.take()) {
    // Beyond the limit, an identity that can be found or linked is still admitted: it registers nobody.
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

/**
 * Reads a user again after syncing, and checks that they are still admitted.
 * @throws {ForbiddenError} when they are not.
 */
async function readAgain(identity: UserIdentity, { store }: StorePolicy): Promise<StoredUser> {
  const known = foundUser(await store.find(identity));
  if (known === undefined) throw new ForbiddenError('user_not_registered');
  assertActive(known);
  return known;
}

/** Decides about an identity in a fixed order: known identity, link by e-mail, registration, refusal. */
async function decide(
  identity: UserIdentity,
  provisioning: Provisioning,
  granted: readonly string[] | undefined,
): Promise<ResolvedUser> {
  const { policy } = provisioning;
  const found = foundUser(await policy.store.find(identity));
  // A token of a wrong domain is refused before it can register a user.
  assertDomain(identity, policy, found);
  const { known, created } =
    found === undefined ? provisionedUser(await provision(identity, provisioning)) : { known: found, created: false };
  assertActive(known);
  // New users are synced too, because that sets the watermark that keeps older tokens from undoing this one.
  const renamed = await syncProfile(identity, known, policy);
  const regrouped = await syncGroups(identity, known, policy, granted);
  return resolved(renamed || regrouped ? await readAgain(identity, policy) : known, created);
}

function resolved({ user, groups, ...record }: StoredUser, created: boolean | undefined): ResolvedUser {
  return { id: idOf(record), user, groups, created };
}

/**
 * Finds the active user of an identity; `undefined` when there is none.
 * @throws {ForbiddenError} when the user is disabled or pending.
 */
async function findActive(identity: UserIdentity, { store }: StorePolicy): Promise<ResolvedUser | undefined> {
  const found = foundUser(await store.find(identity));
  if (found === undefined) return undefined;
  assertActive(found);
  return resolved(found, undefined);
}

/** Digest of the claims that the policy reads. Tokens of one person with an equal digest share one cached answer. */
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

/**
 * Makes a user source out of a user store and its policy.
 * @throws {ConfigurationError} when an option is missing or wrong.
 */
export function storeSource(option: string, options: UsersStoreOptions): UserSource {
  const policy = resolveStorePolicy(option, options);
  const { store, timeout } = policy;
  const reach = new StoreReach(store, { option, trusts: policy.linkByEmail === 'trusted' });
  const provisioning = { policy, reach, limit: new RateLimit(policy.perMinute) };
  const place = { option: `${option}.store` };
  return {
    tenant: policy.tenant,
    placeOf({ user }) {
      const { key } = user;
      return { slot: key, variant: variantOf(user, policy), name: key, met: key, keeps: true };
    },
    async resolve(identity) {
      const granted = groupsToSync(identity, policy);
      return withinTime(place, timeout, () => decide(identity, provisioning, granted));
    },
    find: (identity) => withinTime(place, timeout, () => findActive(identity, policy)),
    reachedBy: (issuers) => reach.add(issuers),
    ...(store.subscribe === undefined ? {} : { subscribe: store.subscribe.bind(store) }),
    close: () => reach.leave(),
  };
}
