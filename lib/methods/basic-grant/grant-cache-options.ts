import type { GrantCacheOptions } from '../../grants/grant-cache.js';
import type { SharedCache } from '../../grants/shared-cache.js';
import { assertImplements, assertSeconds } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf } from '../../options/option-names.js';

/** Options of the cache of granted tokens. */
export interface GrantCacheSettings {
  /**
   * Longest time in seconds that a token is used, 1 to 86400, and never past its end.
   * @default 86400
   */
  maxTtl?: number | undefined;
  /**
   * Cache shared with other processes: `redisCache()` of `sallyport/redis`.
   * @default undefined, each process has its own
   */
  shared?: SharedCache | undefined;
}

/** Resolved {@link GrantCacheSettings}: whether, how long and where granted tokens are kept. */
export type KeptGrants = Pick<GrantCacheOptions, 'keep' | 'maxTtl' | 'shared'>;

const DAY = 86_400;

const isSharedCache = (cache: object): cache is SharedCache => 'get' in cache;

function settingsOf(option: string, cache: boolean | SharedCache | GrantCacheSettings): GrantCacheSettings {
  if (typeof cache === 'boolean') return {};
  if (typeof cache === 'object' && cache !== null && isSharedCache(cache)) return { shared: cache };
  checkOptionNames(option, cache, namesOf<GrantCacheSettings>()({ maxTtl: true, shared: true }));
  return cache;
}

/**
 * Resolves the option `cache` of `basicGrant`.
 * @throws {ConfigurationError} when an option is unknown or wrong.
 */
export function resolveGrantCache(
  option: string,
  cache: boolean | SharedCache | GrantCacheSettings = true,
): KeptGrants {
  const { maxTtl = DAY, shared } = settingsOf(option, cache);
  assertSeconds(`${option}.maxTtl`, maxTtl, { min: 1, max: DAY });
  if (shared !== undefined) assertImplements(`${option}.shared`, shared, ['get', 'set', 'delete']);
  return { keep: cache !== false, maxTtl, shared };
}
