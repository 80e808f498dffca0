import { ForbiddenError } from '../errors/auth-error.js';
import { invalidClaim } from '../errors/token-refusals.js';
import type { UserIdentity } from '../principal/user-identity.js';
import type { GroupPolicy } from './group-options.js';
import type { StorePolicy } from './resolve-users-options.js';
import { profileOf } from './store-decisions.js';
import { asProvisioningError } from './time-limit.js';
import type { StoredUser } from './user-store.js';

/** Longer names are no groups of anybody's, and no index takes them. */
const MAX_GROUP_LENGTH = 255;

/**
 * Whether a provider left the groups out because there are too many of them: Entra's `hasgroups`, and a distributed
 * claim that says where they are (OpenID Connect Core section 5.6.2).
 */
export function hasTooManyGroups({ claims }: UserIdentity): boolean {
  const { hasgroups, _claim_names: elsewhere } = claims;
  return hasgroups === true || (typeof elsewhere === 'object' && elsewhere !== null && 'groups' in elsewhere);
}

/** The application's own mapping may trip; the token is not to blame for it. */
function translated(wanted: readonly string[], policy: GroupPolicy): readonly string[] {
  try {
    return policy.translate(wanted);
  } catch (thrown) {
    throw asProvisioningError(policy, thrown);
  }
}

/**
 * The groups that a token grants in our terms; `undefined` where it says nothing about them. An absent claim is not
 * an empty one; what it means was configured.
 * @throws ForbiddenError `registration_denied` where a token without groups is not wanted
 */
export function groupsToSync(identity: UserIdentity, { groups }: StorePolicy): readonly string[] | undefined {
  if (groups.mode === 'none') return undefined;
  if (identity.groups !== undefined) {
    const wanted = translated(identity.groups, groups);
    if (wanted.some(({ length }) => length > MAX_GROUP_LENGTH))
      throw invalidClaim('groups', `has a name of more than ${MAX_GROUP_LENGTH} characters`);
    return wanted;
  }
  if (groups.absent === 'deny') throw new ForbiddenError('registration_denied');
  return groups.absent === 'clear' && !hasTooManyGroups(identity) ? [] : undefined;
}

/**
 * Brings memberships up to what the token says, unless a newer token was applied before. Answers whether anything
 * changed.
 */
export async function syncGroups(
  identity: UserIdentity,
  { id }: StoredUser,
  { store, groups: { mode } }: StorePolicy,
  groups: readonly string[] | undefined,
): Promise<boolean> {
  if (mode === 'none' || groups === undefined) return false;
  const { issuer: source, issuedAt: watermark = 0 } = identity;
  const change = await store.syncGroups(id, { identity, source, groups, mode, watermark });
  return change !== 'stale' && change.added.length + change.removed.length > 0;
}

/** Brings names and addresses up to what the token says, as far as that was asked for. Answers whether it did. */
export async function syncProfile(identity: UserIdentity, { id }: StoredUser, policy: StorePolicy): Promise<boolean> {
  const { profileSync, store } = policy;
  if (profileSync === 'create-only' || profileSync === 'never') return false;
  const { issuedAt: watermark = 0 } = identity;
  const onlyBlank = profileSync === 'fill-blank';
  const verdict = await store.syncProfile(id, profileOf(identity, policy), { identity, watermark, onlyBlank });
  return verdict !== 'stale';
}
