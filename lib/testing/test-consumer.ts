import { randomBytes, randomUUID } from 'node:crypto';
import type { ManagedConsumerStore, NewConsumer } from '../consumers/consumer-store.js';
import { memoryConsumers } from '../consumers/memory-consumers.js';
import { mintToken, type TokenClaims, type TokenShape } from './mint-token.js';

/** Options of {@link testConsumer}: who the consumer is, and how it signs. */
export interface TestConsumerOptions extends NewConsumer {
  /** What its tokens name. Default: random. */
  key?: string;
  /** Default: random, long enough for every `HS*`. */
  secret?: string;
  /** Default `HS256`. */
  algorithm?: 'HS256' | 'HS384' | 'HS512';
}

/** A consumer with one credential, in a store of its own. */
export interface TestConsumer {
  /** The store to give to `consumerJwt`; further consumers can be created in it. */
  readonly consumers: ManagedConsumerStore;
  readonly username: string;
  readonly key: string;
  readonly secret: string;
  /** A token that the consumer signed: `iss` is its key, it lives for five minutes, and `claims` add to that or replace it. */
  token(claims?: TokenClaims, shape?: TokenShape): Promise<string>;
}

/**
 * An API client for tests of routes behind `consumerJwt`.
 *
 * ```ts
 * const { consumers, token } = testConsumer({ username: 'jsmith', groups: ['partners'] });
 * app.use(consumerJwt({ consumers }));
 * await request(app).get('/').set('Authorization', `Bearer ${await token()}`);
 * ```
 *
 * @throws ConfigurationError for what `memoryConsumers` would refuse.
 */
export function testConsumer(options: TestConsumerOptions = {}): TestConsumer {
  const {
    key = randomUUID(),
    secret = randomBytes(64).toString('base64url'),
    algorithm = 'HS256',
    username = 'test-consumer',
    ...consumer
  } = options;
  return {
    consumers: memoryConsumers([{ ...consumer, username, credentials: [{ key, secret, algorithm }] }]),
    username,
    key,
    secret,
    token: (claims = {}, shape = {}) => mintToken({ iss: key, ...claims }, { algorithm, secret, ...shape }),
  };
}
