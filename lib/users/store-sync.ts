import { ForbiddenError } from '../errors/auth-error.js';
import { invalidClaim } from '../errors/token-refusals.js';
import type { UserIdentity } from '../principal/user-identity.js';
import type { GroupPolicy } from './group-options.js';
import type { StorePolicy } from './resolve-users-options.js';
import { profileOf } from './store-policy.js';
import { asProvisioningError } from './time-limit.js';
import type { StoredUser } from './user-store.js';

/** Longest group name in characters; database indexes take little more. */
const MAX_GROUP_LENGTH = 255;

/**
 * Whether the provider left the groups out because there are too many: Entra's `hasgroups`, or a distributed claim that
 * tells where they are (OpenID Connect Core section 5.6.2).
 */
export function hasTooManyGroups({ claims }: UserIdentity): boolean {
  const { hasgroups, _claim_names: elsewhere } = claims;
  return hasgroups === true || (typeof elsewhere === 'object' && elsewhere !== null && 'groups' in elsewhere);
}

/** Maps groups with the application's function, whose exception is an outage and not the token's fault. */
function translated(wanted: readonly string[], policy: GroupPolicy): readonly string[] {
  try {
    return policy.translate(wanted);
  } catch (thrown) {
    throw asProvisioningError(policy, thrown);
  }
}

/**
 * Returns the groups that a token grants, mapped; `undefined` where it says nothing about them. An absent claim is not
 * an empty one; `groups.absent` says what it means.
 * @throws {ForbiddenError} `registration_denied` when the claim is absent under `absent: 'deny'`.
 * @throws {InvalidTokenError} `claim_invalid` when a group name is too long.
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

/** Updates memberships from a token, unless a newer token was applied before. Returns whether anything changed. */
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

/** Updates names and addresses from a token, if `profileSync` asks for it. Returns whether it did. */
export async function syncProfile(identity: UserIdentity, { id }: StoredUser, policy: StorePolicy): Promise<boolean> {
  const { profileSync, store } = policy;
  if (profileSync === 'create-only' || profileSync === 'never') return false;
  const { issuedAt: watermark = 0 } = identity;
  const onlyBlank = profileSync === 'fill-blank';
  const verdict = await store.syncProfile(id, profileOf(identity, policy), { identity, watermark, onlyBlank });
  return verdict !== 'stale';
}
