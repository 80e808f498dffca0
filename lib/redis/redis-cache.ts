import type { SharedCache } from '../grants/shared-cache.js';
import { checkOptionNames } from '../options/check-options.js';
import { milliseconds, type OnOutage, REDIS_OPTION_NAMES, type RedisOptions, resolveRedis } from './redis-options.js';
import { textSealing } from './sealed-text.js';

/** Options of {@link redisCache}. */
export interface RedisCacheOptions extends RedisOptions {
  /** 32 bytes, or the same in base64; the same in every process. With another key nothing that was kept is found. */
  encryptionKey: Uint8Array | string;
  /** `allow` (default): an outage is a miss, and the provider is asked. `refuse`: it is a 503. */
  onOutage?: OnOutage;
}

/**
 * A cache that all processes share for what the identity provider answered. Values are sealed with AES-256-GCM and
 * bound to their key, names are keyed digests: Redis learns nothing, and what was moved or changed in it is a miss.
 * @throws ConfigurationError at creation.
 */
export function redisCache(options: RedisCacheOptions): SharedCache {
  checkOptionNames('redisCache', options, [...REDIS_OPTION_NAMES, 'encryptionKey']);
  const { send, prefix, during } = resolveRedis('redisCache', options, 'allow');
  const { nameOf, seal, open } = textSealing('redisCache.encryptionKey', options.encryptionKey);
  const keyOf = (name: string) => `${prefix}cache:${name}`;
  return {
    isBounded: true,
    get: (key) =>
      during(async () => {
        const name = nameOf(key);
        const sealed = await send('GET', keyOf(name));
        return sealed === null || sealed === undefined ? undefined : open(name, String(sealed));
      }, undefined),
    set: (key, value, ttl) =>
      during(async () => {
        if (!(ttl > 0)) return;
        const name = nameOf(key);
        await send('SET', keyOf(name), seal(name, value), 'PX', milliseconds(ttl));
      }, undefined),
    delete: (key) =>
      during(async () => {
        await send('DEL', keyOf(nameOf(key)));
      }, undefined),
  };
}
