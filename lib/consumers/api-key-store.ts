import type { ApiKey, ApiKeyInfo, CreatedApiKey } from './api-key.js';
import type { ListOptions, Page } from './consumer-store.js';

/** A source of API key records: all that `apiKey` and `oidcBearer({ apiKeys })` need. */
export interface ApiKeyStore {
  /**
   * Finds the record of a presented key, and checks the whole key and not only its id. Resolves to `undefined` for an
   * unknown key. It may return records of revoked and expired keys: the caller checks `enabled` and `expiresAt`. A
   * rejection counts as an outage, and the request is answered with 503.
   */
  findApiKey(key: string): Promise<ApiKey | undefined>;
  /**
   * Whether a text has the form of this store's keys, without a look-up. Where keys and tokens share a token source,
   * it decides whether `apiKey` or another method verifies the text.
   * @default whether the text has the form and the checksum of the keys that Sallyport's stores generate
   */
  recognises?(key: string): boolean;
}

/** The record of an API key to be created; the store generates the key itself. */
export interface NewApiKey {
  /** Name of the owner in the application's own records; becomes `principal.username`. */
  owner: string;
  /**
   * What the key is for, in its owner's words.
   * @default undefined
   */
  name?: string | undefined;
  /**
   * Scopes of requests with this key.
   * @default []
   */
  scopes?: readonly string[] | undefined;
  /**
   * Groups of requests with this key.
   * @default []
   */
  groups?: readonly string[] | undefined;
  /**
   * Roles of requests with this key.
   * @default []
   */
  roles?: readonly string[] | undefined;
  /**
   * When the key stops working; without it the key never expires.
   * @default undefined
   */
  expiresAt?: Date | undefined;
}

/** An API key store that also creates, lists, revokes and rotates keys. */
export interface ManagedApiKeyStore extends ApiKeyStore {
  /**
   * Creates a key and returns it. Only this answer contains the key; the store keeps a hash.
   * @throws {ConfigurationError} when a field is unknown or its value is of the wrong kind.
   */
  create(key: NewApiKey): Promise<CreatedApiKey>;
  /** Lists keys in order of creation, revoked and expired ones included. */
  list(options?: Pick<ListOptions, 'size' | 'after'> & { owner?: string | undefined }): Promise<Page<ApiKeyInfo>>;
  /** Revokes a key, effective immediately and for good. Resolves to false when there is no key with this id. */
  revoke(id: string): Promise<boolean>;
  /**
   * Creates a successor with the owner and the rights of an old key. The old key works for another `grace` seconds
   * (86400 by default, at most 31536000), but never beyond its own `expiresAt`. The successor has the old key's
   * `expiresAt` unless another one is given.
   * @throws {ConfigurationError} when there is no such key, it was revoked, or it has expired and no new `expiresAt`
   * is given.
   */
  rotate(id: string, options?: { grace?: number | undefined; expiresAt?: Date | undefined }): Promise<CreatedApiKey>;
}
