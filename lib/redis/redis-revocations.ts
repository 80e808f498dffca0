import { checkOptionNames } from '../options/check-options.js';
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
  strangeAnswer,
} from './redis-options.js';

/** Options of {@link redisRevocations}. */
export interface RedisRevocationsOptions extends RedisOptions {
  /**
   * What a check answers while Redis cannot be asked: `refuse` (default) is a 503, `allow` takes the token as not
   * revoked. Revoking itself always rejects then.
   */
  onOutage?: OnOutage;
  /** Seconds that tokens live at most, up to a year: how long revocations by person and session are kept. Default 2592000, 30 days. */
  maxLifetime?: number;
}

/** The later time and the longer life win, so that no two revocations undo each other. */
const RAISE = `
local since, ttl = ARGV[1], tonumber(ARGV[2])
local held = redis.call('GET', KEYS[1])
if held then
  if (tonumber(held) or 0) > tonumber(since) then since = held end
  ttl = math.max(ttl, redis.call('PTTL', KEYS[1]))
end
redis.call('SET', KEYS[1], since, 'PX', string.format('%.0f', ttl))
return 'OK'`;

function redisRecords({ send, prefix, during }: RedisConfig): RevocationRecords {
  const keyOf = (name: string) => `${prefix}revoked:${name}`;
  return {
    async raise(name, since, ttl) {
      const answer = await send('EVAL', RAISE, '1', keyOf(name), String(since), milliseconds(ttl));
      if (String(answer) !== 'OK') throw strangeAnswer();
    },
    read: (names) =>
      during(async () => {
        const held = await send('MGET', ...names.map(keyOf));
        if (!Array.isArray(held) || held.length !== names.length) throw strangeAnswer();
        return held.map((since: unknown) => (since === null ? undefined : Number(since)));
      }, []),
  };
}

/**
 * Revocations that all processes share: one round trip per check, and a token that one process revokes is refused by
 * every other from its next request on. Keys hold digests and values times, so Redis learns no token and no person;
 * entries expire by themselves.
 *
 * Redis has to keep what it was told: switch on its append-only file and `maxmemory-policy noeviction`, because a
 * Redis that comes back empty has forgotten whom it should refuse.
 *
 * ```ts
 * const revocations = redisRevocations({ client: await createClient({ url }).on('error', log).connect() });
 * app.use(oidcBearer({ issuer, audience, isRevoked: revocations.check }));
 * ```
 *
 * @throws ConfigurationError at creation. What it returns rejects with ServiceUnavailableError `store_unavailable`.
 */
export function redisRevocations(options: RedisRevocationsOptions): Revocations {
  const factory = 'redisRevocations';
  checkOptionNames(factory, options, [...REDIS_OPTION_NAMES, 'maxLifetime']);
  const maxLifetime = resolveMaxLifetime(`${factory}.maxLifetime`, options.maxLifetime);
  return revocationsOver(redisRecords(resolveRedis(factory, options, 'refuse')), { factory, maxLifetime });
}
