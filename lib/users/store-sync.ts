import { ForbiddenError } from '../errors/auth-error.js';
import { profileOf } from './store-decisions.js';
import type { UserIdentity } from './user-identity.js';
import type { StoredUser } from './user-store.js';
import type { StorePolicy } from './users-options.js';

/** An absent claim is not an empty one; what it means was configured. */
function groupsToSync(identity: UserIdentity, { groups }: StorePolicy): readonly string[] | undefined {
  if (groups.mode === 'none') return undefined;
  if (identity.groups !== undefined) return groups.translate(identity.groups);
  if (groups.absent === 'deny') throw new ForbiddenError('registration_denied');
  return groups.absent === 'clear' ? [] : undefined;
}

/**
 * Brings memberships up to what the token says, unless a newer token was applied before. Answers the memberships
 * that stand afterwards.
 */
export async function syncGroups(
  identity: UserIdentity,
  known: StoredUser,
  policy: StorePolicy,
): Promise<readonly string[] | undefined> {
  const wanted = groupsToSync(identity, policy);
  const { mode } = policy.groups;
  if (wanted === undefined || mode === 'none') return known.groups;
  const { issuer: source, issuedAt: watermark = 0 } = identity;
  const change = await policy.store.syncGroups(known.id, { identity, source, groups: wanted, mode, watermark });
  if (change === 'stale' || known.groups === undefined) return known.groups;
  // What another source grants as well is still there after this one took it away, so the store is asked.
  if (change.removed.length > 0) return (await policy.store.find(identity))?.groups;
  return [...new Set([...known.groups, ...change.added])];
}

/** Brings names and addresses up to what the token says, as far as that was asked for. */
export async function syncProfile(identity: UserIdentity, known: StoredUser, policy: StorePolicy): Promise<void> {
  if (policy.profileSync === 'create-only' || policy.profileSync === 'never') return;
  const { email, ...names } = profileOf(identity, policy);
  const { issuedAt: watermark = 0 } = identity;
  const fill = policy.profileSync === 'fill-blank';
  const patch = { ...names, ...(email === undefined || (fill && known.email !== undefined) ? {} : { email }) };
  await policy.store.syncProfile(known.id, patch, { identity, watermark, onlyBlank: fill });
}
