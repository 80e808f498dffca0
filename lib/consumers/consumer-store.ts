import type { Consumer, ConsumerCredential, CreatedCredential, CredentialInfo } from './consumer.js';

/** A source of consumers and their credentials: all that `consumerJwt` needs. */
export interface ConsumerStore {
  /**
   * Finds a credential, and its consumer, by the exact text of its key. Resolves to `undefined` for an unknown key. A
   * rejection counts as an outage, and the request is answered with 503.
   */
  findCredential(key: string): Promise<{ credential: ConsumerCredential; consumer: Consumer } | undefined>;
}

/** A consumer to be created. One of `username` and `customId` is required; each is unique in the store. */
export interface NewConsumer {
  /**
   * Unique id.
   * @default a random UUID
   */
  id?: string | undefined;
  /**
   * Unique name.
   * @default undefined
   */
  username?: string | undefined;
  /**
   * Unique id of the client in another system of the application.
   * @default undefined
   */
  customId?: string | undefined;
  /**
   * Groups of the consumer's requests.
   * @default []
   */
  groups?: readonly string[] | undefined;
  /**
   * Roles of the consumer's requests.
   * @default []
   */
  roles?: readonly string[] | undefined;
  /**
   * Labels for listings.
   * @default []
   */
  tags?: readonly string[] | undefined;
}

/** A credential to be created. The store knows its consumer from the call. */
export interface NewCredential extends Omit<ConsumerCredential, 'key' | 'secret'> {
  /**
   * Unique name of the credential, which its tokens carry.
   * @default 32 random letters and digits
   */
  key?: string | undefined;
  /**
   * Shared secret, for `HS*` algorithms only.
   * @default random bytes, as many as the algorithm's hash has, in base64url
   */
  secret?: string | undefined;
}

/** One page of a listing. Pass `next` as `after` to get the following page; the last page has no `next`. */
export interface Page<T> {
  /** Items of the page. */
  readonly data: readonly T[];
  /** Cursor of the next page; `undefined` on the last one. */
  readonly next?: string;
}

/** Options of listings: page size, position and filter. */
export interface ListOptions {
  /**
   * Items per page, 1 to 1000.
   * @default 100
   */
  size?: number | undefined;
  /**
   * The `next` of the previous page.
   * @default undefined (the first page)
   */
  after?: string | undefined;
  /**
   * Lists only items that have all of these tags.
   * @default []
   */
  tags?: readonly string[] | undefined;
}

/** Names a consumer: its id, its username, or its record. */
export type ConsumerName = string | Pick<Consumer, 'id'>;

/** Id or username in a {@link ConsumerName}. */
export function textOfName(consumer: ConsumerName): string {
  return typeof consumer === 'object' && consumer !== null ? consumer.id : consumer;
}

/** A consumer store that also creates, lists, changes and deletes consumers and credentials. */
export interface ManagedConsumerStore extends ConsumerStore {
  /**
   * Creates a consumer.
   * @throws {ConfigurationError} when a field is unknown or invalid, or its id, username or customId is taken.
   */
  createConsumer(consumer: NewConsumer): Promise<Consumer>;
  /** Finds a consumer. Resolves to `undefined` when there is none. */
  getConsumer(consumer: ConsumerName): Promise<Consumer | undefined>;
  /**
   * Lists consumers in order of creation.
   * @throws {ConfigurationError} when an option is invalid.
   */
  listConsumers(options?: ListOptions): Promise<Page<Consumer>>;
  /**
   * Changes the given fields of a consumer and keeps all others.
   * @throws {ConfigurationError} when there is no such consumer, or a new username or customId is taken.
   */
  updateConsumer(consumer: ConsumerName, changes: Omit<NewConsumer, 'id'>): Promise<Consumer>;
  /** Deletes a consumer with all its credentials. Resolves to false when there is none. */
  deleteConsumer(consumer: ConsumerName): Promise<boolean>;
  /**
   * Creates a credential of a consumer. Only this answer contains its secret.
   * @throws {ConfigurationError} when there is no such consumer, the key or id is taken, or the secret or public key
   * could not verify a token.
   */
  createCredential(credential: NewCredential & { consumer: ConsumerName }): Promise<CreatedCredential>;
  /**
   * Lists credentials in order of creation, of all consumers or of one.
   * @throws {ConfigurationError} when an option is invalid, or there is no such consumer.
   */
  listCredentials(options?: ListOptions & { consumer?: ConsumerName | undefined }): Promise<Page<CredentialInfo>>;
  /**
   * Creates a successor of a credential, with a key of its own. The old credential works for another `grace` seconds
   * (86400 by default, at most 31536000). Asymmetric credentials need the new `publicKey`.
   * @throws {ConfigurationError} when there is no such credential, or the successor could not be created.
   */
  rotateCredential(key: string, options?: { grace?: number | undefined } & NewCredential): Promise<CreatedCredential>;
  /** Deletes a credential, effective immediately. Resolves to false when there is none. */
  revokeCredential(key: string): Promise<boolean>;
}
