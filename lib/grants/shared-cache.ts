/**
 * A cache that several processes share, for what an identity provider answered. Keys are digests, values are texts
 * that the cache must keep secret at rest. A rejection is an outage, and counts as a miss unless the cache says
 * otherwise.
 */
export interface SharedCache {
  get(key: string): Promise<string | undefined>;
  /** @param ttl seconds, above 0. */
  set(key: string, value: string, ttl: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** The cache gives up by itself, in its own time. Default false: what takes longer than a second is an outage. */
  readonly isBounded?: boolean;
}
