import type { ApiKey, ApiKeyInfo, CreatedApiKey } from './api-key.js';
import type { ListOptions, Page } from './consumer-store.js';

/** All that `apiKey` and `oidcBearer({ apiKeys })` need: the record that a key belongs to. */
export interface ApiKeyStore {
  /**
   * Finds an API key by what was presented, and checks that it is that key to the last character. `undefined` if it
   * is nobody's. Keys that were revoked or have expired may be found as such. A rejection is an outage: the request
   * is answered with 503.
   */
  findApiKey(key: string): Promise<ApiKey | undefined>;
  /**
   * Whether a text is written like a key of this store; decides who judges it where keys and tokens share a place.
   * Nothing is looked up. Default: whether it has the form and the checksum of the keys of this package.
   */
  recognises?(key: string): boolean;
}

/** What a new API key may be told; the key itself is made by the store. */
export interface NewApiKey {
  /** Whose key it is, in the application's own words; becomes `principal.username`. */
  owner: string;
  /** What it is for, as its owner calls it. */
  name?: string;
  scopes?: readonly string[];
  groups?: readonly string[];
  roles?: readonly string[];
  /** Default: it never expires. */
  expiresAt?: Date;
}

/** A store that also manages what it holds. */
export interface ManagedApiKeyStore extends ApiKeyStore {
  /** Makes a key, and shows it for the only time. @throws ConfigurationError for what is not a field or a value. */
  create(key: NewApiKey): Promise<CreatedApiKey>;
  /** In order of creation, those that were revoked or have expired included. */
  list(options?: Pick<ListOptions, 'size' | 'after'> & { owner?: string }): Promise<Page<ApiKeyInfo>>;
  /** Ends a key at once and for ever; false if there is none. */
  revoke(id: string): Promise<boolean>;
  /**
   * Makes a successor with the same owner and rights, and lets the old key live for `grace` seconds (default one
   * day, at most a year), but never longer than it would have. The successor ends when the old key was to end,
   * unless `expiresAt` says otherwise.
   *
   * @throws ConfigurationError if there is no such key, it was revoked, or it has expired and no new end is given.
   */
  rotate(id: string, options?: { grace?: number; expiresAt?: Date }): Promise<CreatedApiKey>;
}
