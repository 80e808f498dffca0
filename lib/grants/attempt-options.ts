import { ConfigurationError } from '../errors/configuration-error.js';
import { assertImplements } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import type { AttemptLimits, AttemptStore } from './attempt-limit.js';

/**
 * Most failed logins per minute. A peer is the client's address, or the /64 network of an IPv6 address: of the socket,
 * or Express' `req.ip` where `trust proxy` names hops or addresses. `trust proxy: true` lets clients write their own
 * address, so the socket's counts then.
 */
export interface LoginLimitOptions {
  /**
   * By one peer.
   * @default 60
   */
  perPeer?: number | undefined;
  /**
   * In all.
   * @default 600
   */
  overall?: number | undefined;
  /**
   * Shares the counts between processes: `redisAttempts()` of `sallyport/redis`. While it cannot be reached, each
   * process counts for itself, and a warning of the process says so once.
   * @default undefined, each process counts for itself
   */
  store?: AttemptStore | undefined;
}

/** Most failed secrets per minute. A peer is what {@link LoginLimitOptions} takes for one. */
export interface AttemptLimitOptions extends LoginLimitOptions {
  /** By one peer for one credential id. */
  perMinute: number;
  /**
   * By one peer, whatever the ids.
   * @default 60, or twice `perMinute` if that is more
   */
  perPeer?: number | undefined;
  /**
   * For one credential id, whoever the peers.
   * @default 60, or twice `perMinute` if that is more
   */
  perId?: number | undefined;
  /**
   * In all.
   * @default 600, or twenty times `perMinute` if that is more
   */
  overall?: number | undefined;
}

const LOGIN_NAMES = namesOf<LoginLimitOptions>()({ perPeer: true, overall: true, store: true });
const NAMES = namesOf<AttemptLimitOptions>()({ perMinute: true, perId: true }, LOGIN_NAMES);

/** Resolved {@link AttemptLimitOptions}. */
export interface Attempts {
  readonly limits: AttemptLimits;
  readonly store: AttemptStore | undefined;
}

const PER_PEER = 60;
const PER_ID = 60;
const OVERALL = 600;

function checked(option: string, limits: AttemptLimits, store: AttemptStore | undefined): Attempts {
  for (const [name, limit] of Object.entries(limits)) {
    if (typeof limit !== 'number' || !Number.isFinite(limit) || limit <= 0)
      throw new ConfigurationError(`${option}.${name}`, 'expects a number above 0, or attemptLimit: false');
  }
  if (store !== undefined)
    assertImplements(`${option}.store`, store, ['take', 'giveBack'], 'redisAttempts({ client })');
  return { limits, store };
}

/**
 * Resolves the option `attemptLimit` where secrets are guessed for an id; `undefined`: no limit.
 * @throws {ConfigurationError} when it is wrong.
 */
export function resolveAttempts(
  option: string,
  attemptLimit: false | AttemptLimitOptions = { perMinute: 30 },
): Attempts | undefined {
  if (attemptLimit === false) return undefined;
  checkOptionNames(option, attemptLimit, NAMES);
  const { perMinute, store } = attemptLimit;
  const {
    perPeer = Math.max(PER_PEER, 2 * perMinute),
    perId = Math.max(PER_ID, 2 * perMinute),
    overall = Math.max(OVERALL, 20 * perMinute),
  } = attemptLimit;
  return checked(option, { perMinute, perPeer, perId, overall }, store);
}

/**
 * Resolves the option `attemptLimit` where whole credentials are guessed; `undefined`: no limit.
 * @throws {ConfigurationError} when it is wrong.
 */
export function resolveLoginAttempts(
  option: string,
  attemptLimit: false | LoginLimitOptions = {},
): Attempts | undefined {
  if (attemptLimit === false) return undefined;
  checkOptionNames(option, attemptLimit, LOGIN_NAMES);
  const { perPeer = PER_PEER, overall = OVERALL, store } = attemptLimit;
  return checked(option, { perPeer, overall }, store);
}
