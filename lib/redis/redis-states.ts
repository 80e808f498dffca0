import { createHash } from 'node:crypto';
import { checkOptionNames } from '../options/check-options.js';
import type { StateStore } from '../sign-in/state-store.js';
import {
  milliseconds,
  type OnOutage,
  REDIS_OPTION_NAMES,
  type RedisOptions,
  resolveRedis,
  unexpectedAnswer,
} from './redis-options.js';

/** Options of {@link redisStates}. */
export interface RedisStatesOptions extends RedisOptions {
  /**
   * What an outage of Redis means: `refuse` answers sign-ins with 503, `allow` counts every state as unused.
   * @default 'refuse'
   */
  onOutage?: OnOutage | undefined;
}

/**
 * Keeps used states in Redis, so that a sign-in can be completed once among all processes. Keys hold digests. `claim`
 * rejects with `ServiceUnavailableError` (`store_unavailable`) in an outage.
 * @throws {ConfigurationError} when an option is missing, unknown or of the wrong kind.
 */
export function redisStates(options: RedisStatesOptions): StateStore {
  checkOptionNames('redisStates', options, REDIS_OPTION_NAMES);
  const { send, prefix, withFallback } = resolveRedis('redisStates', options, 'refuse');
  return {
    claim: (id, ttl) =>
      withFallback(async () => {
        const key = `${prefix}state:${createHash('sha256').update(id).digest('base64url')}`;
        const answer = await send('SET', key, '1', 'NX', 'PX', milliseconds(ttl));
        if (answer !== null && String(answer) !== 'OK') throw unexpectedAnswer();
        return answer !== null;
      }, true),
  };
}
