import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import {
  type RevocationRecords,
  type Revocations,
  resolveMaxLifetime,
  revocationsOver,
} from '../verification/revocations.js';
import {
  milliseconds,
  type OnOutage,
  REDIS_OPTION_NAMES,
  type RedisConfig,
  type RedisOptions,
  resolveRedis,
  unexpectedAnswer,
} from './redis-options.js';

/** Options of {@link redisRevocations}. */
export interface RedisRevocationsOptions extends RedisOptions {
  /**
   * What a check does in an outage of Redis: `refuse` answers the request with 503, `allow` counts the token as not
   * revoked. Revoking itself rejects in either case.
   * @default 'refuse'
   */
  onOutage?: OnOutage | undefined;
  /**
   * Longest lifetime of a token in seconds, at most 31536000. Revocations by person and session are kept as long.
   * @default 2592000 (30 days)
   */
  maxLifetime?: number | undefined;
}

/** Stores the later of two times with the longer of two lives, so that concurrent revocations never undo each other. */
const RAISE = `
local since, ttl = ARGV[1], tonumber(ARGV[2])
local held = redis.call('GET', KEYS[1])
if held then
  if (tonumber(held) or 0) > tonumber(since) then since = held end
  ttl = math.max(ttl, redis.call('PTTL', KEYS[1]))
end
redis.call('SET', KEYS[1], since, 'PX', string.format('%.0f', ttl))
return 'OK'`;

function redisRecords({ send, prefix, withFallback }: RedisConfig): RevocationRecords {
  const keyOf = (name: string) => `${prefix}revoked:${name}`;
  return {
    async raise(name, since, ttl) {
      const answer = await send('EVAL', RAISE, '1', keyOf(name), String(since), milliseconds(ttl));
      if (String(answer) !== 'OK') throw unexpectedAnswer();
    },
    read: (names) =>
      withFallback(async () => {
        const held = await send('MGET', ...names.map(keyOf));
        if (!Array.isArray(held) || held.length !== names.length) throw unexpectedAnswer();
        return held.map((since: unknown) => (since === null ? undefined : Number(since)));
      }, []),
  };
}

/**
 * Keeps revocations in Redis, for all processes: a token that one of them revokes is refused by all others from the
 * next request on. A check takes one round trip. Keys hold digests and values hold times, so Redis learns neither token
 * nor person; entries expire by themselves.
 *
 * Redis must not lose entries: switch on its append-only file and `maxmemory-policy noeviction`, because a Redis that
 * restarts empty would let revoked tokens pass.
 *
 * ```ts
 * const revocations = redisRevocations({ client: await createClient({ url }).on('error', log).connect() });
 * app.use(oidcBearer({ issuer, audience, isRevoked: revocations.check }));
 * ```
 *
 * The functions of the returned object reject with `ServiceUnavailableError` (`store_unavailable`) in an outage.
 * @throws {ConfigurationError} when an option is missing, unknown or of the wrong kind.
 */
export function redisRevocations(options: RedisRevocationsOptions): Revocations {
  const factory = 'redisRevocations';
  checkOptionNames(factory, options, namesOf<RedisRevocationsOptions>()({ maxLifetime: true }, REDIS_OPTION_NAMES));
  const maxLifetime = resolveMaxLifetime(`${factory}.maxLifetime`, options.maxLifetime);
  return revocationsOver(redisRecords(resolveRedis(factory, options, 'refuse')), { factory, maxLifetime });
}
