import { ServiceUnavailableError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertNonEmptyString, assertSeconds } from '../options/assertions.js';
import { described } from '../options/described.js';
import { namesOf } from '../options/option-names.js';
import { type Command, commandsOf, type RedisClient } from './redis-client.js';

/** What an outage means for a request: `refuse` answers it with 503, `allow` lets it go on without Redis. */
export type OnOutage = 'refuse' | 'allow';

/** Options that all stores in Redis have in common. */
export interface RedisOptions {
  /** A connected client of `redis`, `iovalkey` or `ioredis`. */
  client: RedisClient;
  /**
   * What an outage of Redis means for a request.
   * @default 'allow' for `redisAttempts` and `redisCache`, 'refuse' for `redisRevocations` and `redisStates`
   */
  onOutage?: OnOutage | undefined;
  /**
   * First characters of every key.
   * @default 'sallyport:'
   */
  prefix?: string | undefined;
  /**
   * Seconds after which a command without an answer counts as an outage, 0.01 to 30.
   * @default 1
   */
  timeout?: number | undefined;
}

export const REDIS_OPTION_NAMES = namesOf<RedisOptions>()({
  client: true,
  onOutage: true,
  prefix: true,
  timeout: true,
});

/** Resolved {@link RedisOptions}. */
export interface RedisConfig {
  readonly send: Command;
  readonly prefix: string;
  readonly onOutage: OnOutage;
  /** Runs a command. In an outage it resolves to `fallback` with `onOutage: 'allow'`, and rejects with `'refuse'`. */
  withFallback<T>(run: () => Promise<T>, fallback: T): Promise<T>;
}

function assertClient(option: string, client: unknown): void {
  const verbs = client as Record<string, unknown> | null | undefined;
  if (typeof verbs?.call !== 'function' && typeof verbs?.sendCommand !== 'function') {
    throw new ConfigurationError(
      option,
      `expects a connected client of redis, iovalkey or ioredis, and this is ${described(client)}`,
    );
  }
}

/**
 * Resolves the common options.
 * @throws {ConfigurationError} when one is missing or of the wrong kind.
 */
export function resolveRedis(factory: string, options: RedisOptions, policy: OnOutage): RedisConfig {
  const { client, onOutage = policy, prefix = 'sallyport:', timeout = 1 } = options;
  assertClient(`${factory}.client`, client);
  if (onOutage !== 'refuse' && onOutage !== 'allow') {
    throw new ConfigurationError(`${factory}.onOutage`, 'expects "refuse" or "allow"');
  }
  assertNonEmptyString(`${factory}.prefix`, prefix);
  assertSeconds(`${factory}.timeout`, timeout, { min: 0.01, max: 30 });
  return {
    send: commandsOf(client, timeout),
    prefix,
    onOutage,
    async withFallback(run, fallback) {
      try {
        return await run();
      } catch (thrown) {
        if (onOutage === 'allow' && ServiceUnavailableError.is(thrown)) return fallback;
        throw thrown;
      }
    },
  };
}

/** Error for an answer that Redis never gives to this command: it counts as an outage. */
export function unexpectedAnswer(): ServiceUnavailableError {
  return new ServiceUnavailableError('store_unavailable', { cause: new Error('Redis gave an answer of another form') });
}

/** Converts a time to live from seconds into whole milliseconds, for `PX`. */
export function milliseconds(seconds: number): string {
  return String(Math.max(1, Math.ceil(seconds * 1000)));
}
