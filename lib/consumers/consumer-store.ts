import type { Consumer, ConsumerCredential, CreatedCredential, CredentialInfo } from './consumer.js';

/** All that `consumerJwt` needs: the record that a key names. */
export interface ConsumerStore {
  /**
   * Finds a credential by its key, exactly as written. `undefined` if nobody owns it. A rejection is an outage:
   * the request is answered with 503.
   */
  findCredential(key: string): Promise<{ credential: ConsumerCredential; consumer: Consumer } | undefined>;
}

/** What a new consumer may say of itself. One of `username` and `customId` is needed; both are unique. */
export interface NewConsumer {
  id?: string;
  username?: string;
  customId?: string;
  groups?: readonly string[];
  roles?: readonly string[];
  tags?: readonly string[];
}

/** A credential without its owner; `key` and, for `HS*`, `secret` are generated if absent. */
export interface NewCredential extends Omit<ConsumerCredential, 'key' | 'secret'> {
  key?: string;
  secret?: string;
}

/** One page of a listing. `next` goes into `after` of the next call; the last page has none. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly next?: string;
}

/** Which part of a listing is wanted. */
export interface ListOptions {
  /** Items per page, 1 to 1000. Default 100. */
  size?: number;
  /** `next` of the page before. */
  after?: string;
  /** Only what carries all of these tags. */
  tags?: readonly string[];
}

/** How a consumer is named: by its id or username, or by its record. */
export type ConsumerName = string | Pick<Consumer, 'id'>;

/** The text that names a consumer. */
export function textOfName(consumer: ConsumerName): string {
  return typeof consumer === 'object' && consumer !== null ? consumer.id : consumer;
}

/** A store that also manages what it holds. */
export interface ManagedConsumerStore extends ConsumerStore {
  createConsumer(consumer: NewConsumer): Promise<Consumer>;
  getConsumer(consumer: ConsumerName): Promise<Consumer | undefined>;
  listConsumers(options?: ListOptions): Promise<Page<Consumer>>;
  /** Changes what is given and leaves the rest. @throws ConfigurationError if the consumer does not exist. */
  updateConsumer(consumer: ConsumerName, changes: Omit<NewConsumer, 'id'>): Promise<Consumer>;
  /** Deletes the consumer with all its credentials; false if there was none. */
  deleteConsumer(consumer: ConsumerName): Promise<boolean>;
  /** @throws ConfigurationError if the key is taken (it names the key), or the secret or key is unusable. */
  createCredential(credential: NewCredential & { consumer: ConsumerName }): Promise<CreatedCredential>;
  listCredentials(options?: ListOptions & { consumer?: ConsumerName }): Promise<Page<CredentialInfo>>;
  /**
   * Creates a successor with a key of its own and lets the old credential live for `grace` seconds (default one
   * day). Asymmetric credentials need the new `publicKey`.
   */
  rotateCredential(key: string, options?: { grace?: number } & NewCredential): Promise<CreatedCredential>;
  /** Deletes a credential at once; false if there was none. */
  revokeCredential(key: string): Promise<boolean>;
}
