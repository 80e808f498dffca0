import type { IncomingMessage } from 'node:http';
import { ConfigurationError } from '../errors/configuration-error.js';
import {
  assertFunction,
  assertImplements,
  assertNonEmptyString,
  assertSeconds,
  assertStrings,
} from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import type { RegisteredUser } from '../principal/principal.js';
import type { UserIdentity } from '../principal/user-identity.js';
import type { ClaimStore } from './claim-store.js';
import { asciiDomain } from './email.js';
import { type GroupPolicy, type GroupSyncOptions, resolveGroupPolicy } from './group-options.js';
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
  /** Seconds a call may take, more than 0, at most 60. Default 5. */
  timeout?: number;
  /**
   * Lets one process at a time meet an identity first, where several run. A process that dies meanwhile is followed
   * by another after twice the `timeout`.
   */
  claims?: ClaimStore;
}

/** Whether somebody may register: at once, once an operator has approved, or not at all. */
type Registration = boolean | 'pending';

/** The store form. */
export interface UsersStoreOptions {
  store: UserStore;
  /** Whether unknown people are registered. Default false: 403 `user_not_registered`. */
  autoRegister?: boolean | 'pending' | ((identity: UserIdentity) => Registration | Promise<Registration>);
  /**
   * Whether an unknown identity is tied to the user who has its e-mail. `verified` (default): if token and record
   * both say that it is verified. `trusted`: this issuer is authoritative for its addresses although it does not
   * say so. `never`: for issuers that others run, whose word on an address proves nothing.
   */
  linkByEmail?: 'never' | 'verified' | 'trusted';
  /**
   * Domains, exact or `*.example.com` (which stands for all below it), in one of which a verified e-mail is asked of
   * everybody, registered or not. Default: no e-mail is asked.
   */
  allowedDomains?: readonly string[];
  /** Groups of newly registered users. Default none. */
  defaultGroups?: readonly string[];
  /** How groups in tokens become memberships. Default: not at all. */
  groups?: GroupSyncOptions;
  /**
   * When names and addresses of a token reach the record: at registration (`create-only`, the default), afterwards
   * too where something is missing (`fill-blank`), with every newer token (`every`), or never. A verified address is
   * kept at registration in any case, so that nobody registers twice.
   */
  profileSync?: 'create-only' | 'fill-blank' | 'every' | 'never';
  /** Registrations per minute and process; beyond it 429. Default 60. */
  registrationLimit?: { perMinute: number };
  /** Keeps the users of several tenants apart. Default: one tenant. */
  tenant?: string;
  /** Seconds a decision may take, more than 0, at most 60. Default 5. */
  timeout?: number;
}

/** What the option `users` accepts. */
export type UsersOption = UsersCallback | UsersCallbackOptions | UsersStoreOptions;

/** A resolved store form. */
export interface StorePolicy {
  readonly store: UserStore;
  readonly autoRegister: NonNullable<UsersStoreOptions['autoRegister']>;
  readonly linkByEmail: NonNullable<UsersStoreOptions['linkByEmail']>;
  readonly allowedDomains: readonly string[] | undefined;
  readonly defaultGroups: readonly string[];
  readonly groups: GroupPolicy;
  readonly profileSync: NonNullable<UsersStoreOptions['profileSync']>;
  readonly perMinute: number;
  readonly tenant: string;
  readonly timeout: number;
}

const STORE_VERBS = ['find', 'provision', 'link', 'unlink', 'syncProfile', 'syncGroups', 'setStatus'] as const;
const STORE_NAMES = [
  'store',
  'autoRegister',
  'linkByEmail',
  'allowedDomains',
  'defaultGroups',
  'groups',
  'profileSync',
  'registrationLimit',
  'tenant',
  'timeout',
] as const;

function assertOneOf(option: string, value: unknown, allowed: readonly unknown[]): void {
  if (!allowed.includes(value))
    throw new ConfigurationError(option, `expects ${allowed.map((item) => JSON.stringify(item)).join(', ')}`);
}

export function resolveTimeout(option: string, timeout = 5): number {
  assertSeconds(option, timeout, { min: 0.001, max: 60 });
  return timeout;
}

/** Domains as addresses are compared. @throws ConfigurationError */
function resolveDomains(option: string, domains: unknown): readonly string[] {
  assertStrings(option, domains);
  if (domains.length === 0) throw new ConfigurationError(option, 'names nobody, so nobody could ever come in');
  return domains.map((entry) => {
    const [, wildcard = '', written = ''] = /^(\*\.)?(.*)$/.exec(entry) ?? [];
    const domain = asciiDomain(written);
    if (domain === undefined)
      throw new ConfigurationError(option, 'expects domains such as "example.com" or "*.example.com"');
    return `${wildcard}${domain}`;
  });
}

/** @throws ConfigurationError */
export function resolveStorePolicy(option: string, options: UsersStoreOptions): StorePolicy {
  checkOptionNames(option, options, STORE_NAMES);
  const {
    store,
    autoRegister = false,
    linkByEmail = 'verified',
    allowedDomains,
    defaultGroups = [],
    profileSync = 'create-only',
  } = options;
  assertImplements(`${option}.store`, store, STORE_VERBS);
  if (typeof autoRegister !== 'function') assertOneOf(`${option}.autoRegister`, autoRegister, [true, false, 'pending']);
  assertOneOf(`${option}.linkByEmail`, linkByEmail, ['never', 'verified', 'trusted']);
  assertOneOf(`${option}.profileSync`, profileSync, ['create-only', 'fill-blank', 'every', 'never']);
  assertStrings(`${option}.defaultGroups`, defaultGroups);
  const { tenant = '', registrationLimit = { perMinute: 60 } } = options;
  if (tenant !== '') assertNonEmptyString(`${option}.tenant`, tenant);
  checkOptionNames(`${option}.registrationLimit`, registrationLimit, ['perMinute']);
  const { perMinute } = registrationLimit;
  if (!(Number.isFinite(perMinute) && perMinute > 0))
    throw new ConfigurationError(`${option}.registrationLimit.perMinute`, 'expects a number above 0');
  return {
    store,
    autoRegister,
    linkByEmail,
    profileSync,
    tenant,
    perMinute,
    allowedDomains: allowedDomains && resolveDomains(`${option}.allowedDomains`, allowedDomains),
    defaultGroups: [...defaultGroups],
    groups: resolveGroupPolicy(`${option}.groups`, options.groups),
    timeout: resolveTimeout(`${option}.timeout`, options.timeout),
  };
}

/** @throws ConfigurationError */
export function resolveCallbackOptions(
  option: string,
  given: UsersCallback | UsersCallbackOptions,
): Required<Omit<UsersCallbackOptions, 'claims'>> & { claims: ClaimStore | undefined } {
  const options = typeof given === 'function' ? { callback: given } : given;
  checkOptionNames(option, options, ['callback', 'timeout', 'claims']);
  assertFunction(`${option}.callback`, options.callback);
  if (options.claims !== undefined)
    assertImplements(`${option}.claims`, options.claims, ['acquire', 'complete', 'release']);
  return {
    callback: options.callback,
    timeout: resolveTimeout(`${option}.timeout`, options.timeout),
    claims: options.claims,
  };
}
