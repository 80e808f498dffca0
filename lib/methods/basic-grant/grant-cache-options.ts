import type { GrantCacheOptions } from '../../grants/grant-cache.js';
import type { SharedCache } from '../../grants/shared-cache.js';
import { assertImplements, assertSeconds } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf } from '../../options/option-names.js';

/** How tokens are kept that credentials were swapped for. */
export interface GrantCacheSettings {
  /**
   * Seconds for which a token is used at most, 1 to 86400; never longer than it lives.
   * @default 86400
   */
  maxTtl?: number | undefined;
  /**
   * Shares tokens with other processes: `redisCache()` of `sallyport/redis`.
   * @default each process has its own
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

/** @throws ConfigurationError */
export function resolveGrantCache(
  option: string,
  cache: boolean | SharedCache | GrantCacheSettings = true,
): KeptGrants {
  const { maxTtl = DAY, shared } = settingsOf(option, cache);
  assertSeconds(`${option}.maxTtl`, maxTtl, { min: 1, max: DAY });
  if (shared !== undefined) assertImplements(`${option}.shared`, shared, ['get', 'set', 'delete']);
  return { keep: cache !== false, maxTtl, shared };
}
