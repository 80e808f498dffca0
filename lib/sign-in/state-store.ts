import { LRUCache } from 'lru-cache';

/** Store of used ids, which makes states and logout tokens single-use among all processes that share it. */
export interface StateStore {
  /**
   * Resolves to true for the first call with this id, and to false for later ones within `ttl` seconds. A rejection
   * counts as an outage, and the request is answered with 503.
   */
  claim(id: string, ttl: number): Promise<boolean>;
}

const MAX_ENTRIES = 100_000;

/** Keeps used ids in memory, for one process. */
export function memoryStates(): StateStore {
  const used = new LRUCache<string, true>({ max: MAX_ENTRIES });
  return {
    async claim(id, ttl) {
      if (used.has(id)) return false;
      used.set(id, true, { ttl: ttl * 1000 });
      return true;
    },
  };
}
