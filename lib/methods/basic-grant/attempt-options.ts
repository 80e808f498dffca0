import { ConfigurationError } from '../../errors/configuration-error.js';
import type { AttemptLimits, AttemptStore } from '../../grants/attempt-limit.js';
import { assertImplements } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf } from '../../options/option-names.js';

/**
 * Most failed secrets per minute. A peer is the client's address, or the /64 network of an IPv6 address: of the socket,
 * or Express' `req.ip` where `trust proxy` names hops or addresses. `trust proxy: true` lets clients write their own
 * address, so the socket's counts then.
 */
export interface AttemptLimitOptions {
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
  /**
   * Shares the counts between processes: `redisAttempts()` of `sallyport/redis`.
   * @default undefined, each process counts for itself
   */
  store?: AttemptStore | undefined;
}

const NAMES = namesOf<AttemptLimitOptions>()({
  perMinute: true,
  perPeer: true,
  perId: true,
  overall: true,
  store: true,
});

/** Resolved {@link AttemptLimitOptions}. */
export interface Attempts {
  readonly limits: AttemptLimits;
  readonly store: AttemptStore | undefined;
}

/**
 * Resolves the option `attemptLimit`; `undefined`: no limit.
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
    perPeer = Math.max(60, 2 * perMinute),
    perId = Math.max(60, 2 * perMinute),
    overall = Math.max(600, 20 * perMinute),
  } = attemptLimit;
  const limits = { perMinute, perPeer, perId, overall };
  for (const [name, limit] of Object.entries(limits)) {
    if (typeof limit !== 'number' || !Number.isFinite(limit) || limit <= 0)
      throw new ConfigurationError(`${option}.${name}`, 'expects a number above 0, or attemptLimit: false');
  }
  if (store !== undefined) assertImplements(`${option}.store`, store, ['take', 'giveBack']);
  return { limits, store };
}
