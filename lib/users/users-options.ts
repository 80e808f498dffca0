import type { IncomingMessage } from 'node:http';
import { namesOf } from '../options/option-names.js';
import type { RegisteredUser } from '../principal/principal.js';
import type { UserIdentity } from '../principal/user-identity.js';
import type { GroupSyncOptions } from './group-options.js';
import type { ClaimStore } from './provisioning-lease.js';
import type { UserStore } from './user-store.js';

/** Context of a call of a {@link UsersCallback}, passed beside the identity. */
export interface UserCallbackContext {
  /**
   * Why the callback is called. `first-seen`: this process has not resolved the identity before (with `claims`: no
   * process has; with `cache: false` and no `claims`: at every call). `refresh`: it has, and the cached answer has
   * expired.
   */
  readonly reason: 'first-seen' | 'refresh';
  /** Signal that is aborted when the `timeout` has passed; the answer no longer counts then. */
  readonly signal: AbortSignal;
  /** Stable key of the identity, in all processes and for ever: a unique column of it makes registration exactly-once. */
  readonly idempotencyKey: string;
  /** Request that the token came with. An answer that depends on it needs `variant` or `cache: false`. */
  readonly req: IncomingMessage;
}

/**
 * Finds or registers the application's user for an identity. `null`: there is none, and the request is a 403. An
 * exception is an outage: 503.
 */
export type UsersCallback<U = RegisteredUser> = (
  identity: UserIdentity,
  context: UserCallbackContext,
) => Promise<U | null> | U | null;

/** Options of users that a callback finds or registers. */
export interface UsersCallbackOptions {
  /** Function that finds or registers the application's user. */
  callback: UsersCallback;
  /**
   * Whether answers are cached, for at most 60 seconds, for requests with equal claims (times and `jti` aside).
   * `false`: the callback is called for every request, one call at a time per identity.
   * @default true
   */
  cache?: boolean | undefined;
  /**
   * Function that names what an answer depends on beside the identity, such as the host of the request. Answers are
   * cached, and identities count as first seen, for each name separately.
   * @default undefined, answers depend on the identity alone
   */
  variant?: ((identity: UserIdentity, req: IncomingMessage) => string) | undefined;
  /**
   * Time limit of one call in seconds: more than 0, at most 60.
   * @default 5
   */
  timeout?: number | undefined;
  /**
   * Store of claims by which one process at a time resolves an identity for the first time, where several run. Another
   * process takes over from one that dies after twice the `timeout`. Beside `cache: false` it needs a `variant`.
   * @default undefined, processes do not wait for each other
   */
  claims?: ClaimStore | undefined;
  store?: never;
}

/**
 * Whether a person may register: at once (`true`), after an operator's approval (`'pending'`), or not at all (`false`).
 */
type Registration = boolean | 'pending';

/** Options of users in a store: the policy by which identities become users. */
export interface UsersStoreOptions {
  /** Store of the users, such as `memoryUsers()` or `postgresUsers()`. */
  store: UserStore;
  /**
   * Whether unknown people are registered: at once (`true`), after an operator's approval (`'pending'`), or as a
   * function of the identity decides. `false`: 403 `user_not_registered`.
   * @default false
   */
  autoRegister?: (boolean | 'pending' | ((identity: UserIdentity) => Registration | Promise<Registration>)) | undefined;
  /**
   * Whether an unknown identity is linked to the user who has its e-mail address, where token and record both call it
   * verified. `unclaimed`: only to a user without identities, such as an invited one. `verified`: also to a user with
   * identities of other issuers, which trusts each issuer for every address. `trusted`: as `verified`, also for tokens
   * without `email_verified`; refused unless exactly one issuer reaches the store. `never`: not at all.
   * @default 'unclaimed', or 'never' where several issuers reach the store and no `emailDomains` are given
   */
  linkByEmail?: 'never' | 'unclaimed' | 'verified' | 'trusted' | undefined;
  /**
   * Domains, by issuer, for whose addresses the issuer is trusted: exact, or `*.example.com` for every domain below. An
   * address of another domain, or of an issuer that is not listed, counts as unverified.
   * @default undefined, each issuer is trusted for every address that it calls verified
   */
  emailDomains?: Readonly<Record<string, readonly string[]>> | undefined;
  /**
   * Domains of which everybody, registered or not, must have a verified e-mail address: exact, or `*.example.com` for
   * every domain below.
   * @default undefined, no address is required
   */
  allowedDomains?: readonly string[] | undefined;
  /**
   * Groups that newly registered users get.
   * @default []
   */
  defaultGroups?: readonly string[] | undefined;
  /**
   * How groups in tokens become stored memberships.
   * @default { mode: 'none' }
   */
  groups?: GroupSyncOptions | undefined;
  /**
   * When names and addresses of a token are stored: at registration (`create-only`), later too where something is
   * missing (`fill-blank`), with every newer token (`every`), or never (`never`). A verified address is stored at
   * registration in any case, so that nobody registers twice.
   * @default 'create-only'
   */
  profileSync?: 'create-only' | 'fill-blank' | 'every' | 'never' | undefined;
  /**
   * Most registrations per minute and process; further ones are a 429.
   * @default { perMinute: 60 }
   */
  registrationLimit?: { /** Most registrations per minute. */ perMinute: number } | undefined;
  /**
   * Name of the tenant whose users these are; the users of other tenants are separate.
   * @default '', one tenant
   */
  tenant?: string | undefined;
  /**
   * Time limit of one decision in seconds: more than 0, at most 60.
   * @default 5
   */
  timeout?: number | undefined;
  callback?: never;
}

/** Value of the option `users`: a callback, a callback with options, or a store with a policy. */
export type UsersOption = UsersCallback | UsersCallbackOptions | UsersStoreOptions;

/** Names of {@link UsersCallbackOptions}. */
export const CALLBACK_NAMES = namesOf<Omit<UsersCallbackOptions, 'store'>>()({
  callback: true,
  cache: true,
  variant: true,
  timeout: true,
  claims: true,
});

/** Names of {@link UsersStoreOptions}. */
export const STORE_NAMES = namesOf<Omit<UsersStoreOptions, 'callback'>>()({
  store: true,
  autoRegister: true,
  linkByEmail: true,
  emailDomains: true,
  allowedDomains: true,
  defaultGroups: true,
  groups: true,
  profileSync: true,
  registrationLimit: true,
  tenant: true,
  timeout: true,
});
