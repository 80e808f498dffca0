/**
 * Store of claims by which one process at a time resolves an identity for the first time. A claim is held under a
 * lease, so that another process takes over from one that dies.
 *
 * A crash between the application's own insert and `complete` leads to a second call with the same idempotency key, so
 * that key must be unique in the application's table.
 */
export interface ClaimStore {
  /**
   * Tries to claim a key. `acquired`: the caller holds the claim. `held`: another owner holds it. `done`: it has been
   * completed.
   */
  acquire(key: string, owner: string, leaseSeconds: number): Promise<'acquired' | 'held' | 'done'>;
  /** Marks the claim as completed, if the caller still holds it. */
  complete(key: string, owner: string): Promise<void>;
  /** Releases the claim after a failure, if the caller still holds it. */
  release(key: string, owner: string): Promise<void>;
}
