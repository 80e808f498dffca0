// Public API of `sallyport/redis`.

export { type RedisAttemptsOptions, redisAttempts } from './redis-attempts.js';
export { type RedisCacheOptions, redisCache } from './redis-cache.js';
export type { CallingClient, RedisClient, SendingClient } from './redis-client.js';
export type { OnOutage, RedisOptions } from './redis-options.js';
export { type RedisRevocationsOptions, redisRevocations } from './redis-revocations.js';
export { type RedisStatesOptions, redisStates } from './redis-states.js';
