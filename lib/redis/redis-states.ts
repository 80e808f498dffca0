import { createHash } from 'node:crypto';
import { checkOptionNames } from '../options/check-options.js';
import type { StateStore } from '../sign-in/state-store.js';
import {
  milliseconds,
  type OnOutage,
  REDIS_OPTION_NAMES,
  type RedisOptions,
  resolveRedis,
  strangeAnswer,
} from './redis-options.js';

/** Options of {@link redisStates}. */
export interface RedisStatesOptions extends RedisOptions {
  /** `refuse` (default): no sign-in while Redis cannot be asked. `allow`: states count as unused then. */
  onOutage?: OnOutage;
}

/**
 * States that are single-use across all processes: the first to claim one gets it. Keys hold digests.
 * @throws ConfigurationError at creation. What it returns rejects with ServiceUnavailableError `store_unavailable`.
 */
export function redisStates(options: RedisStatesOptions): StateStore {
  checkOptionNames('redisStates', options, REDIS_OPTION_NAMES);
  const { send, prefix, during } = resolveRedis('redisStates', options, 'refuse');
  return {
    claim: (id, ttl) =>
      during(async () => {
        const key = `${prefix}state:${createHash('sha256').update(id).digest('base64url')}`;
        const answer = await send('SET', key, '1', 'NX', 'PX', milliseconds(ttl));
        if (answer !== null && String(answer) !== 'OK') throw strangeAnswer();
        return answer !== null;
      }, true),
  };
}
