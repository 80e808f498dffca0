import { LRUCache } from 'lru-cache';

/** Makes states single-use, also across processes where they share one. */
export interface StateStore {
  /** True for the first caller with this id, false for everybody after it, for `ttl` seconds. A rejection is an outage: 503. */
  claim(id: string, ttl: number): Promise<boolean>;
}

const MAX_ENTRIES = 100_000;

/** Used states in memory: of this process. */
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
