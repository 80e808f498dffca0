import { ConfigurationError } from '../errors/configuration-error.js';
import {
  assertFunction,
  assertImplements,
  assertNonEmptyString,
  assertNotUndefined,
  assertSeconds,
  assertStrings,
} from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import type { ClaimStore } from './claim-store.js';
import { asciiDomain } from './email.js';
import { type GroupPolicy, resolveGroupPolicy } from './group-options.js';
import type { UserStore } from './user-store.js';
import {
  CALLBACK_NAMES,
  STORE_NAMES,
  type UsersCallback,
  type UsersCallbackOptions,
  type UsersOption,
  type UsersStoreOptions,
} from './users-options.js';

/** Resolved {@link UsersCallbackOptions}. */
interface CallbackPolicy {
  readonly callback: UsersCallback;
  readonly timeout: number;
  readonly claims: ClaimStore | undefined;
}

/** Resolved {@link UsersStoreOptions}. */
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
  assertNotUndefined(option, options, ['allowedDomains', 'tenant']);
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
export function resolveCallbackOptions(option: string, given: UsersCallback | UsersCallbackOptions): CallbackPolicy {
  const options = typeof given === 'function' ? { callback: given } : given;
  checkOptionNames(option, options, CALLBACK_NAMES);
  assertFunction(`${option}.callback`, options.callback);
  if (options.claims !== undefined)
    assertImplements(`${option}.claims`, options.claims, ['acquire', 'complete', 'release']);
  return {
    callback: options.callback,
    timeout: resolveTimeout(`${option}.timeout`, options.timeout),
    claims: options.claims,
  };
}

/** Options that only the store form has. */
const STORE_ONLY: ReadonlySet<string> = new Set(STORE_NAMES.filter((name) => name !== 'timeout'));

/** Whether a value of the option `users` is the store form, be it one whose store was forgotten. */
export function isStoreForm(users: UsersOption): users is UsersStoreOptions {
  if (typeof users !== 'object' || users === null) return false;
  return 'store' in users || (!('callback' in users) && Object.keys(users).some((name) => STORE_ONLY.has(name)));
}
