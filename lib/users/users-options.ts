import type { IncomingMessage } from 'node:http';
import { namesOf } from '../options/option-names.js';
import type { RegisteredUser } from '../principal/principal.js';
import type { UserIdentity } from '../principal/user-identity.js';
import type { ClaimStore } from './claim-store.js';
import type { GroupSyncOptions } from './group-options.js';
import type { UserStore } from './user-store.js';

/** What a users callback is told beside the identity. */
export interface UserCallbackContext {
  /**
   * `first-seen`: nobody has met the identity, as far as this process knows (with `claims`: as any process does).
   * `refresh`: somebody has, and the answer has aged.
   */
  readonly reason: 'first-seen' | 'refresh';
  /** Aborted when the time is up; the answer no longer counts then. */
  readonly signal: AbortSignal;
  /** The same for the same identity, always and everywhere: a unique column of it makes registration exactly-once. */
  readonly idempotencyKey: string;
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

/** The callback with more to say. */
export interface UsersCallbackOptions {
  callback: UsersCallback;
  /**
   * Seconds a call may take, more than 0, at most 60.
   * @default 5
   */
  timeout?: number | undefined;
  /**
   * Lets one process at a time meet an identity first, where several run. A process that dies meanwhile is followed by
   * another after twice the `timeout`.
   * @default undefined, processes do not wait for each other
   */
  claims?: ClaimStore | undefined;
  store?: never;
}

/** Whether somebody may register: at once, once an operator has approved, or not at all. */
type Registration = boolean | 'pending';

/** The store form. */
export interface UsersStoreOptions {
  store: UserStore;
  /**
   * Whether unknown people are registered. `false`: 403 `user_not_registered`.
   * @default false
   */
  autoRegister?: (boolean | 'pending' | ((identity: UserIdentity) => Registration | Promise<Registration>)) | undefined;
  /**
   * Whether an unknown identity is tied to the user who has its e-mail. `verified`: if token and record
   * both say that it is verified. `trusted`: this issuer is authoritative for its addresses although it does not
   * say so. `never`: for issuers that others run, whose word on an address proves nothing.
   * @default 'verified'
   */
  linkByEmail?: 'never' | 'verified' | 'trusted' | undefined;
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

/** What the option `users` accepts. */
export type UsersOption = UsersCallback | UsersCallbackOptions | UsersStoreOptions;

/** Options of the callback form. */
export const CALLBACK_NAMES = namesOf<Omit<UsersCallbackOptions, 'store'>>()({
  callback: true,
  timeout: true,
  claims: true,
});

/** Options of the store form. */
export const STORE_NAMES = namesOf<Omit<UsersStoreOptions, 'callback'>>()({
  store: true,
  autoRegister: true,
  linkByEmail: true,
  allowedDomains: true,
  defaultGroups: true,
  groups: true,
  profileSync: true,
  registrationLimit: true,
  tenant: true,
  timeout: true,
});
