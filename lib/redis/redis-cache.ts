import type { SharedCache } from '../grants/shared-cache.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import { milliseconds, type OnOutage, REDIS_OPTION_NAMES, type RedisOptions, resolveRedis } from './redis-options.js';
import { textSealing } from './sealed-text.js';

/** Options of {@link redisCache}. */
export interface RedisCacheOptions extends RedisOptions {
  /**
   * Key of 32 bytes, as bytes or in base64, that seals the cached values. Every process needs the same one; after a
   * change of the key, nothing that was cached before is found.
   */
  encryptionKey: Uint8Array | string;
  /**
   * What an outage of Redis means: `allow` makes it a cache miss, and the provider is asked; `refuse` makes it a 503.
   * @default 'allow'
   */
  onOutage?: OnOutage | undefined;
}

/**
 * Caches answers of the identity provider in Redis, for all processes. Values are sealed with AES-256-GCM and bound to
 * their key, and keys are keyed digests: Redis learns neither token nor person, and an entry that was moved or changed
 * is a cache miss.
 * @throws {ConfigurationError} when an option is missing, unknown or of the wrong kind.
 */
export function redisCache(options: RedisCacheOptions): SharedCache {
  checkOptionNames('redisCache', options, namesOf<RedisCacheOptions>()({ encryptionKey: true }, REDIS_OPTION_NAMES));
  const { send, prefix, withFallback } = resolveRedis('redisCache', options, 'allow');
  const { nameOf, seal, open } = textSealing('redisCache.encryptionKey', options.encryptionKey);
  const keyOf = (name: string) => `${prefix}cache:${name}`;
  return {
    isBounded: true,
    get: (key) =>
      withFallback(async () => {
        const name = nameOf(key);
        const sealed = await send('GET', keyOf(name));
        return sealed === null || sealed === undefined ? undefined : open(name, String(sealed));
      }, undefined),
    set: (key, value, ttl) =>
      withFallback(async () => {
        if (!(ttl > 0)) return;
        const name = nameOf(key);
        await send('SET', keyOf(name), seal(name, value), 'PX', milliseconds(ttl));
      }, undefined),
    delete: (key) =>
      withFallback(async () => {
        await send('DEL', keyOf(nameOf(key)));
      }, undefined),
  };
}
