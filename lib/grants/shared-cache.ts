/**
 * Cache of an identity provider's answers that several processes share. Keys are digests. Values are texts with tokens
 * or claims, which the cache must encrypt at rest. A rejection counts as a cache miss, unless it is an `AuthError`,
 * which answers the request.
 */
export interface SharedCache {
  /** Reads the text of a key. Resolves to `undefined` when there is none, or it has expired. */
  get(key: string): Promise<string | undefined>;
  /**
   * Writes a text.
   * @param ttl seconds until it expires, more than 0.
   */
  set(key: string, value: string, ttl: number): Promise<void>;
  /** Deletes a key, if it is there. */
  delete(key: string): Promise<void>;
  /**
   * Whether the cache limits the time of its operations itself. Otherwise one that takes more than a second counts as
   * a cache miss.
   * @default false
   */
  readonly isBounded?: boolean;
}
