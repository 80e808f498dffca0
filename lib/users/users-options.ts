import type { IncomingMessage } from 'node:http';
import { namesOf } from '../options/option-names.js';
import type { RegisteredUser } from '../principal/principal.js';
import type { UserIdentity } from '../principal/user-identity.js';
import type { ClaimStore } from './claim-store.js';
import type { GroupSyncOptions } from './group-options.js';
import type { UserStore } from './user-store.js';

/** Context of a call of a {@link UsersCallback}, beside the identity. */
export interface UserCallbackContext {
  /**
   * `first-seen`: the identity has not been resolved before, as far as this process knows (with `claims`: as any process
   * knows; with `cache: false` and no `claims`: at every call). `refresh`: it has, and the answer has aged.
   */
  readonly reason: 'first-seen' | 'refresh';
  /** Signal that is aborted when the `timeout` has passed; the answer no longer counts then. */
  readonly signal: AbortSignal;
  /** Stable key of the identity, in all processes and for ever: a unique column of it makes registration exactly-once. */
  readonly idempotencyKey: string;
  /** The request. Where the answer depends on it, say so by `variant` or `cache: false`. */
  readonly req: IncomingMessage;
}

/**
 * Finds or registers the application's user for an identity. `null` means that there is none: 403. A rejection is
 * an outage: 503.
 */
export type UsersCallback<U = RegisteredUser> = (
  identity: UserIdentity,
  context: UserCallbackContext,
) => Promise<U | null> | U | null;

/** Users by a callback, with options. */
export interface UsersCallbackOptions {
  /** Finds or registers the application's user. */
  callback: UsersCallback;
  /**
   * Whether an answer is kept, for a minute at most, for requests with equal claims (times and `jti` aside). `false`: the
   * callback is called for every request, one call at a time per identity.
   * @default true
   */
  cache?: boolean | undefined;
  /**
   * Names what an answer depends on beside the identity, such as the host of the request: answers are kept, and people
   * are met for the first time, for each name by itself.
   * @default undefined, answers depend on the identity alone
   */
  variant?: ((identity: UserIdentity, req: IncomingMessage) => string) | undefined;
  /**
   * Seconds a call may take, more than 0, at most 60.
   * @default 5
   */
  timeout?: number | undefined;
  /**
   * Lets one process at a time resolve an identity for the first time, where several run. A process that dies meanwhile
   * is followed by another after twice the `timeout`. With `cache: false` it needs a `variant`.
   * @default undefined, processes do not wait for each other
   */
  claims?: ClaimStore | undefined;
  store?: never;
}

/** Whether somebody may register: at once, after an operator's approval, or not at all. */
type Registration = boolean | 'pending';

/** Users in a store, under a policy. */
export interface UsersStoreOptions {
  /** Store of the users, such as `memoryUsers()` or `postgresUsers()`. */
  store: UserStore;
  /**
   * Whether unknown people are registered. `false`: 403 `user_not_registered`.
   * @default false
   */
  autoRegister?: (boolean | 'pending' | ((identity: UserIdentity) => Registration | Promise<Registration>)) | undefined;
  /**
   * Whether an unknown identity is tied to the user who has its e-mail, where token and record both call it verified.
   * `unclaimed`: only to a user to whom no identity is tied yet, such as somebody who was invited. `verified`: also to a
   * user of other issuers, which trusts each issuer for every address. `trusted`: as `verified`, also where the token
   * says nothing of `email_verified`; refused unless exactly one issuer reaches the store. `never`: not at all.
   * @default 'unclaimed', or 'never' where several issuers reach the store and no `emailDomains` are given
   */
  linkByEmail?: 'never' | 'unclaimed' | 'verified' | 'trusted' | undefined;
  /**
   * Domains, by issuer, for whose addresses the issuer is trusted; exact, or `*.example.com` for all below it. An address
   * of another domain, or of an issuer that is not listed, counts as unverified.
   * @default undefined, each issuer is trusted for every address that it calls verified
   */
  emailDomains?: Readonly<Record<string, readonly string[]>> | undefined;
  /**
   * Domains, exact or `*.example.com` (which stands for all below it), in one of which a verified e-mail is asked of
   * everybody, registered or not.
   * @default undefined, no e-mail is asked
   */
  allowedDomains?: readonly string[] | undefined;
  /**
   * Groups of newly registered users.
   * @default []
   */
  defaultGroups?: readonly string[] | undefined;
  /**
   * How groups in tokens become memberships.
   * @default { mode: 'none' }
   */
  groups?: GroupSyncOptions | undefined;
  /**
   * When names and addresses of a token reach the record: at registration (`create-only`), afterwards too where
   * something is missing (`fill-blank`), with every newer token (`every`), or never. A verified address is kept at
   * registration in any case, so that nobody registers twice.
   * @default 'create-only'
   */
  profileSync?: 'create-only' | 'fill-blank' | 'every' | 'never' | undefined;
  /**
   * Registrations per minute and process; beyond it 429.
   * @default { perMinute: 60 }
   */
  registrationLimit?: { perMinute: number } | undefined;
  /**
   * Keeps the users of several tenants apart.
   * @default '', one tenant
   */
  tenant?: string | undefined;
  /**
   * Seconds a decision may take, more than 0, at most 60.
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
