import type { Invalidation } from '../users/user-store.js';
import type { SqlListener } from './sql-client.js';

/** Users whose status or identities changed; the payload is the user's id. */
export const CHANNEL = 'sallyport_users';

type Tell = (change: Invalidation) => void;

/**
 * Who is to hear of changes: of those made through this store at once, of those that other processes make as the
 * database tells of them. Listening starts in the background; until it does, caches age by themselves.
 */
export class ChangeFeed {
  readonly #listener: SqlListener | undefined;
  readonly #subscribers = new Set<Tell>();
  #stop: Promise<() => Promise<void>> | undefined;

  constructor(listener: SqlListener | undefined) {
    this.#listener = listener;
  }

  tell(user: string): void {
    for (const tell of this.#subscribers) tell({ user });
  }

  subscribe(listener: Tell): () => void {
    // A wrapper, so that one function may subscribe twice.
    const tell: Tell = (change) => listener(change);
    this.#subscribers.add(tell);
    if (this.#stop === undefined) this.#start();
    return () => {
      if (this.#subscribers.delete(tell) && this.#subscribers.size === 0) this.#end();
    };
  }

  #start(): void {
    this.#stop = this.#listener?.listen(CHANNEL, (user) => this.tell(user));
    // Whoever subscribes next tries again.
    this.#stop?.catch(() => {
      this.#stop = undefined;
    });
  }

  #end(): void {
    this.#stop?.then((stop) => stop()).catch(() => undefined);
    this.#stop = undefined;
  }
}
