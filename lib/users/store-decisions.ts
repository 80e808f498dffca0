import { ForbiddenError } from '../errors/auth-error.js';
import type { UserIdentity } from '../principal/user-identity.js';
import { type Email, isAllowedDomain, normalizeEmail } from './email.js';
import type { StorePolicy } from './resolve-users-options.js';
import { soundUser } from './sound-user.js';
import type { ProvisionResult, StoredUser, UserProfile } from './user-store.js';

/**
 * The address of an identity, if it may be believed: JSON `true` in the token, or an issuer that was declared
 * authoritative and does not say `false`; and an address for which the issuer is trusted.
 */
export function believedEmail(
  { issuer, email, emailVerified }: UserIdentity,
  { linkByEmail, emailDomains }: StorePolicy,
): Email | undefined {
  const isVerified = emailVerified === true || (linkByEmail === 'trusted' && emailVerified === undefined);
  const address = isVerified ? normalizeEmail(email) : undefined;
  if (address === undefined || emailDomains === undefined) return address;
  return isAllowedDomain(address.domain, emailDomains.get(issuer) ?? []) ? address : undefined;
}

/**
 * What may be written about a person; an address that is not believed never reaches the unique column. One that is
 * does even where nothing is to be synced, because it is what keeps a person from being registered twice.
 */
export function profileOf(identity: UserIdentity, policy: StorePolicy): UserProfile {
  const believed = believedEmail(identity, policy);
  if (policy.profileSync === 'never') return believed === undefined ? {} : { email: believed.normalized };
  const { username, name, email } = identity;
  return {
    ...(username === undefined ? {} : { username }),
    ...(name === undefined ? {} : { name }),
    ...(believed === undefined ? {} : { email: believed.normalized }),
    ...(believed === undefined && email !== undefined ? { unverifiedEmail: email } : {}),
  };
}

/** Domains are an authorisation: they hold for those who register and for those who are registered. */
export function assertDomain(identity: UserIdentity, policy: StorePolicy, known?: StoredUser): void {
  if (policy.allowedDomains === undefined) return;
  const domain = believedEmail(identity, policy)?.domain ?? normalizeEmail(known?.email)?.domain;
  if (domain === undefined || !isAllowedDomain(domain, policy.allowedDomains)) {
    throw new ForbiddenError('registration_denied');
  }
}

/** Disabled is terminal: no sign-in and no link revives it. */
export function assertActive({ status }: StoredUser): void {
  if (status === 'disabled') throw new ForbiddenError('user_disabled');
  if (status === 'pending') throw new ForbiddenError('user_pending');
}

/** Whether, and how, an unknown identity may register. */
export async function creationOf(
  identity: UserIdentity,
  { autoRegister }: StorePolicy,
): Promise<'active' | 'pending' | false> {
  const answer = typeof autoRegister === 'function' ? await autoRegister(identity) : autoRegister;
  if (answer === 'pending') return 'pending';
  return answer === true ? 'active' : false;
}

const DENIALS = {
  not_registered: 'user_not_registered',
  link_required: 'account_link_required',
  tombstoned: 'registration_denied',
} as const;

/** The user of a provisioning that succeeded. @throws ForbiddenError */
export function provisionedUser(result: ProvisionResult): { known: StoredUser; created: boolean } {
  if (result.outcome === 'denied') {
    if (!Object.hasOwn(DENIALS, result.reason)) throw new TypeError('the store denied with a reason that nobody knows');
    throw new ForbiddenError(DENIALS[result.reason]);
  }
  return { known: soundUser(result.user), created: result.outcome === 'created' };
}
