import { ServiceUnavailableError } from '../errors/auth-error.js';
import type { AttemptCount, AttemptStore } from '../grants/attempt-limit.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import {
  type OnOutage,
  REDIS_OPTION_NAMES,
  type RedisOptions,
  resolveRedis,
  unexpectedAnswer,
} from './redis-options.js';

/** Options of {@link redisAttempts}. */
export interface RedisAttemptsOptions extends RedisOptions {
  /**
   * What an outage of Redis means: `allow` lets each process count for itself meanwhile, `refuse` answers attempts with
   * 503.
   * @default 'allow'
   */
  onOutage?: OnOutage | undefined;
}

// Both scripts keep under each name the time in milliseconds at which its attempts are forgotten (the generic cell rate
// algorithm), by the clock of Redis. A minute's attempts may be made at once, as in each process.

/** Counts under all names, or under none. Returns the milliseconds until the next attempt; below 1 is rounding. */
const TAKE = `
local time = redis.call('TIME')
local now, wait, ends = time[1] * 1000 + time[2] / 1000, 0, {}
for i, key in ipairs(KEYS) do
  local step = 60000 / tonumber(ARGV[i])
  ends[i] = math.max(tonumber(redis.call('GET', key) or 0) or 0, now) + step
  wait = math.max(wait, ends[i] - math.max(60000, step) - now)
end
if wait >= 1 then return string.format('%.0f', math.ceil(wait)) end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.3f', ends[i]), 'PX', string.format('%.0f', math.ceil(ends[i] - now)))
end
return '0'`;

const GIVE_BACK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
for i, key in ipairs(KEYS) do
  local left = (tonumber(redis.call('GET', key) or 0) or 0) - 60000 / tonumber(ARGV[i]) - now
  if left >= 1 then
    redis.call('SET', key, string.format('%.3f', now + left), 'PX', string.format('%.0f', math.ceil(left)))
  else
    redis.call('DEL', key)
  end
end
return '0'`;

/**
 * Counts attempts in Redis, so that all processes share the limits of `attemptLimit`. An attempt takes one round trip,
 * and is made only where the process's own counts allow it too. Keys hold digests and expire within a minute, or once
 * the next attempt is possible where a limit is below one per minute.
 *
 * ```ts
 * basicGrant({ issuer, verify, attemptLimit: { perMinute: 30, store: redisAttempts({ client }) } });
 * ```
 *
 * An outage of Redis opens no door and locks nobody out: each process counts for itself meanwhile, and a warning of the
 * process says so once.
 * @throws {ConfigurationError} when an option is missing, unknown or of the wrong kind.
 */
export function redisAttempts(options: RedisAttemptsOptions): AttemptStore {
  checkOptionNames('redisAttempts', options, namesOf<RedisAttemptsOptions>()({}, REDIS_OPTION_NAMES));
  const { send, prefix, onOutage } = resolveRedis('redisAttempts', options, 'allow');
  const run = async (script: string, counts: readonly AttemptCount[]): Promise<number> => {
    const names = counts.map(({ name }) => `${prefix}attempts:${name}`);
    const limits = counts.map(({ limit }) => String(limit));
    try {
      const answer = String(await send('EVAL', script, String(names.length), ...names, ...limits));
      if (!/^\d+$/.test(answer)) throw unexpectedAnswer();
      return Number(answer) / 1000;
    } catch (thrown) {
      // Only an outage that is no AuthError leaves the decision to the process's own counts.
      throw onOutage === 'allow' && ServiceUnavailableError.is(thrown) ? thrown.cause : thrown;
    }
  };
  return {
    isBounded: true,
    take: (counts) => run(TAKE, counts),
    async giveBack(counts) {
      await run(GIVE_BACK, counts);
    },
  };
}
