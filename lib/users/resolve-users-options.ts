import { ConfigurationError } from '../errors/configuration-error.js';
import {
  assertBoolean,
  assertFunction,
  assertImplements,
  assertNonEmptyString,
  assertNotUndefined,
  assertSeconds,
  assertStrings,
} from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { described } from '../options/described.js';
import { asciiDomain } from './email.js';
import { type GroupPolicy, resolveGroupPolicy } from './group-options.js';
import type { ClaimStore } from './provisioning-lease.js';
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
  readonly cache: boolean;
  readonly variant: UsersCallbackOptions['variant'];
  readonly timeout: number;
  readonly claims: ClaimStore | undefined;
}

/** Resolved {@link UsersStoreOptions}. */
export interface StorePolicy {
  readonly store: UserStore;
  readonly autoRegister: NonNullable<UsersStoreOptions['autoRegister']>;
  /** `undefined`: depends on how many issuers reach the store. */
  readonly linkByEmail: UsersStoreOptions['linkByEmail'];
  /** Domains by issuer; `undefined`: every issuer is trusted for every address. */
  readonly emailDomains: ReadonlyMap<string, readonly string[]> | undefined;
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
    throw new ConfigurationError(
      option,
      `expects one of ${allowed.map((item) => JSON.stringify(item)).join(', ')}, and this is ${described(value)}`,
    );
}

/**
 * Checks a timeout in seconds; 5 by default.
 * @throws {ConfigurationError} when it is out of bounds.
 */
export function resolveTimeout(option: string, timeout = 5): number {
  assertSeconds(option, timeout, { min: 0.001, max: 60 });
  return timeout;
}

/**
 * Normalizes domains to the form in which addresses are compared.
 * @throws {ConfigurationError} when the list is empty, or an entry is no domain.
 */
function resolveDomains(option: string, domains: unknown): readonly string[] {
  assertStrings(option, domains);
  if (domains.length === 0) throw new ConfigurationError(option, 'names nobody, so nobody could ever come in');
  return domains.map((entry) => {
    const [, wildcard = '', written = ''] = /^(\*\.)?(.*)$/.exec(entry) ?? [];
    const domain = asciiDomain(written);
    if (domain === undefined)
      throw new ConfigurationError(option, 'expects domains such as "example.com" or "*.example.com", without an @');
    return `${wildcard}${domain}`;
  });
}

/**
 * Resolves {@link UsersStoreOptions.emailDomains}.
 * @throws {ConfigurationError} when an issuer has no list of domains.
 */
function resolveEmailDomains(option: string, given: unknown): StorePolicy['emailDomains'] {
  if (given === undefined) return undefined;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new ConfigurationError(option, 'expects an object of domains by issuer');
  const entries = Object.entries(given);
  if (entries.length === 0) throw new ConfigurationError(option, 'names no issuer');
  return new Map(
    entries.map(([issuer, domains]) => [issuer, resolveDomains(`${option}[${JSON.stringify(issuer)}]`, domains)]),
  );
}

/**
 * Resolves {@link UsersStoreOptions}.
 * @throws {ConfigurationError} when an option is missing, unknown or wrong.
 */
export function resolveStorePolicy(option: string, options: UsersStoreOptions): StorePolicy {
  checkOptionNames(option, options, STORE_NAMES);
  assertNotUndefined(option, options, ['allowedDomains', 'tenant']);
  const {
    store,
    autoRegister = false,
    linkByEmail,
    allowedDomains,
    defaultGroups = [],
    profileSync = 'create-only',
  } = options;
  assertImplements(`${option}.store`, store, STORE_VERBS, 'memoryUsers() or postgresUsers({ client })');
  if (typeof autoRegister !== 'function') assertOneOf(`${option}.autoRegister`, autoRegister, [true, false, 'pending']);
  assertOneOf(`${option}.linkByEmail`, linkByEmail ?? 'never', ['never', 'unclaimed', 'verified', 'trusted']);
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
    emailDomains: resolveEmailDomains(`${option}.emailDomains`, options.emailDomains),
    allowedDomains: allowedDomains && resolveDomains(`${option}.allowedDomains`, allowedDomains),
    defaultGroups: [...defaultGroups],
    groups: resolveGroupPolicy(`${option}.groups`, options.groups),
    timeout: resolveTimeout(`${option}.timeout`, options.timeout),
  };
}

/** Refuses a store in place of the options that it stands in, and options that name neither store nor callback. */
function assertNoBareStore(option: string, given: unknown): void {
  if (typeof given !== 'object' || given === null || 'callback' in given) return;
  const isStore = 'find' in given && 'provision' in given;
  if (isStore) throw new ConfigurationError(option, `is the store itself; write { store: … } around it`);
  if (Object.keys(given).length === 0)
    throw new ConfigurationError(
      `${option}.callback`,
      'expects a function, or store in its place, and there is neither',
    );
}

/**
 * Resolves {@link UsersCallbackOptions}.
 * @throws {ConfigurationError} when an option is missing, unknown or wrong.
 */
export function resolveCallbackOptions(option: string, given: UsersCallback | UsersCallbackOptions): CallbackPolicy {
  const options = typeof given === 'function' ? { callback: given } : given;
  assertNoBareStore(option, options);
  checkOptionNames(option, options, CALLBACK_NAMES);
  const { callback, cache = true, variant, claims } = options;
  assertFunction(`${option}.callback`, callback);
  assertBoolean(`${option}.cache`, cache);
  if (variant !== undefined) assertFunction(`${option}.variant`, variant);
  if (claims !== undefined) assertImplements(`${option}.claims`, claims, ['acquire', 'complete', 'release']);
  if (claims !== undefined && !cache && variant === undefined)
    throw new ConfigurationError(
      `${option}.claims`,
      'needs a variant beside cache: false: what was met before, and where?',
    );
  return { callback, cache, variant, claims, timeout: resolveTimeout(`${option}.timeout`, options.timeout) };
}

/** Names of options that only the store form has. */
const STORE_ONLY: ReadonlySet<string> = new Set(STORE_NAMES.filter((name) => name !== 'timeout'));

/**
 * Whether the option `users` has the store form, including one without its `store`, so that the error names the right
 * options.
 */
export function isStoreForm(users: UsersOption): users is UsersStoreOptions {
  if (typeof users !== 'object' || users === null) return false;
  return 'store' in users || (!('callback' in users) && Object.keys(users).some((name) => STORE_ONLY.has(name)));
}
