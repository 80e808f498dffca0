/**
 * Lets one process at a time meet an identity first. A claim is held under a lease, so that a process that dies
 * while it holds one is followed by another.
 *
 * A crash between the application's own insert and `complete` makes a second call with the same idempotency key:
 * exactly-once effect needs that key to be unique in the application's table.
 */
export interface ClaimStore {
  /** `acquired`: the caller goes first. `held`: somebody else does just now. `done`: somebody has. */
  acquire(key: string, owner: string, leaseSeconds: number): Promise<'acquired' | 'held' | 'done'>;
  /** Marks the claim as done, if the caller still holds it. */
  complete(key: string, owner: string): Promise<void>;
  /** Gives the claim back, after a failure, if the caller still holds it. */
  release(key: string, owner: string): Promise<void>;
}
