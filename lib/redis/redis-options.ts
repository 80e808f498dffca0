import { ServiceUnavailableError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertNonEmptyString, assertSeconds } from '../options/assertions.js';
import { type Command, commandsOf, type RedisClient } from './redis-client.js';

/** `refuse`: what cannot be told now is a 503. `allow`: the request goes on without. */
export type OnOutage = 'refuse' | 'allow';

/** What everything that is kept in Redis has in common. */
export interface RedisOptions {
  /** A connected client of `redis`, `iovalkey` or `ioredis`. */
  client: RedisClient;
  /** What an outage of Redis means for a request. */
  onOutage?: OnOutage;
  /** Begins every key. Default `sallyport:`. */
  prefix?: string;
  /** Seconds after which a command without an answer counts as an outage, 0.01 to 30. Default 1. */
  timeout?: number;
}

export const REDIS_OPTION_NAMES = ['client', 'onOutage', 'prefix', 'timeout'] as const;

/** The same, checked. */
export interface RedisConfig {
  readonly send: Command;
  readonly prefix: string;
  /** Runs a command; during an outage answers `instead`, where the policy is to allow. */
  during<T>(run: () => Promise<T>, instead: T): Promise<T>;
}

function assertClient(option: string, client: unknown): void {
  const verbs = client as Record<string, unknown> | null | undefined;
  if (typeof verbs?.call !== 'function' && typeof verbs?.sendCommand !== 'function') {
    throw new ConfigurationError(option, 'expects a client of redis, iovalkey or ioredis');
  }
}

/** Checks the common options. @throws ConfigurationError */
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
    async during(run, instead) {
      try {
        return await run();
      } catch (thrown) {
        if (onOutage === 'allow' && ServiceUnavailableError.is(thrown)) return instead;
        throw thrown;
      }
    },
  };
}

/** An answer that the command never has is an outage too, and nothing to go by. */
export function strangeAnswer(): ServiceUnavailableError {
  return new ServiceUnavailableError('store_unavailable', { cause: new Error('Redis gave an answer of another form') });
}

/** A time to live in whole milliseconds, as `PX` takes it. */
export function milliseconds(seconds: number): string {
  return String(Math.max(1, Math.ceil(seconds * 1000)));
}
