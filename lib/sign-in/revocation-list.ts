import { LRUCache } from 'lru-cache';

/** Remembers which tokens were withdrawn, each until it would have ended anyway. */
export interface RevocationList {
  /** @param until when the token ends by itself, in seconds since the epoch. */
  revoke(jti: string, until: number): Promise<void>;
  isRevoked(jti: string): Promise<boolean>;
}

/** More live revocations than this in one process call for a shared list. */
const MAX_ENTRIES = 100_000;

/** Withdrawn tokens in memory: of this process, and gone with it. */
export function memoryRevocations(): RevocationList {
  const revoked = new LRUCache<string, true>({ max: MAX_ENTRIES });
  return {
    async revoke(jti, until) {
      const left = until * 1000 - Date.now();
      if (left > 0) revoked.set(jti, true, { ttl: left });
    },
    isRevoked: async (jti) => revoked.has(jti),
  };
}
