import { ForbiddenError } from '../errors/auth-error.js';
import type { UserIdentity } from '../principal/user-identity.js';
import { type Email, isAllowedDomain, normalizeEmail } from './email.js';
import type { StorePolicy } from './resolve-users-options.js';
import { soundUser } from './sound-user.js';
import type { ProvisionResult, StoredUser, UserProfile } from './user-store.js';

/**
 * Returns the verified address of an identity. It is verified if the token says `email_verified: true`, or says nothing
 * under `linkByEmail: 'trusted'`, and if its issuer is trusted for the domain.
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
 * Returns the profile that may be stored. An unverified address never reaches the unique column. A verified one does
 * even if nothing is synced, because it keeps a person from registering twice.
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

/**
 * Checks `allowedDomains`. The check is an authorisation, so it applies to registered users as well as to new ones.
 * @throws {ForbiddenError} `registration_denied` when the address is of another domain, or unverified.
 */
export function assertDomain(identity: UserIdentity, policy: StorePolicy, known?: StoredUser): void {
  if (policy.allowedDomains === undefined) return;
  const domain = believedEmail(identity, policy)?.domain ?? normalizeEmail(known?.email)?.domain;
  if (domain === undefined || !isAllowedDomain(domain, policy.allowedDomains)) {
    throw new ForbiddenError('registration_denied');
  }
}

/**
 * Checks that a user is active. No sign-in and no link activates a disabled user.
 * @throws {ForbiddenError} `user_disabled` or `user_pending`.
 */
export function assertActive({ status }: StoredUser): void {
  if (status === 'disabled') throw new ForbiddenError('user_disabled');
  if (status === 'pending') throw new ForbiddenError('user_pending');
}

/** Returns the status that an unknown identity is registered with; `false`: it may not register. */
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

/**
 * Returns the user out of the result of `provision`.
 * @throws {ForbiddenError} when the store denied.
 * @throws {TypeError} when the store gave an unknown reason.
 */
export function provisionedUser(result: ProvisionResult): { known: StoredUser; created: boolean } {
  if (result.outcome === 'denied') {
    if (!Object.hasOwn(DENIALS, result.reason)) throw new TypeError('the store denied with a reason that nobody knows');
    throw new ForbiddenError(DENIALS[result.reason]);
  }
  return { known: soundUser(result.user), created: result.outcome === 'created' };
}
