import { randomBytes, randomUUID } from 'node:crypto';
import type { ManagedConsumerStore, NewConsumer } from '../consumers/consumer-store.js';
import { memoryConsumers } from '../consumers/memory-consumers.js';
import { mintToken, type TokenClaims, type TokenShape } from './mint-token.js';

/** Options of {@link testConsumer}: the consumer and its credential. */
export interface TestConsumerOptions extends NewConsumer {
  /**
   * Key of the credential, which its tokens have in `iss`.
   * @default a random UUID
   */
  key?: string;
  /**
   * Shared secret.
   * @default 64 random bytes in base64url
   */
  secret?: string;
  /**
   * Signature algorithm.
   * @default 'HS256'
   */
  algorithm?: 'HS256' | 'HS384' | 'HS512';
}

/** Consumer with one credential, in a store of its own. */
export interface TestConsumer {
  /** Store for `consumerJwt`. Further consumers can be created in it. */
  readonly consumers: ManagedConsumerStore;
  readonly username: string;
  readonly key: string;
  readonly secret: string;
  /**
   * Signs a token of the consumer, with its key as `iss` and a lifetime of 300 seconds. `claims` are added or replaced;
   * `undefined` removes one.
   */
  token(claims?: TokenClaims, shape?: TokenShape): Promise<string>;
}

/**
 * Creates a consumer, with a store of its own, for tests of routes behind `consumerJwt`.
 *
 * ```ts
 * const { consumers, token } = testConsumer({ username: 'jsmith', groups: ['partners'] });
 * app.use(consumerJwt({ consumers }));
 * await request(app).get('/').set('Authorization', `Bearer ${await token()}`);
 * ```
 *
 * @throws {ConfigurationError} when an option is invalid, as for `memoryConsumers`.
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
