import type { Invalidation } from '../users/user-store.js';
import type { SqlListener } from './sql-client.js';

/** Channel of `NOTIFY` for users whose status or identities changed; the payload is the user's id. */
export const CHANNEL = 'sallyport_users';

type Subscriber = (change: Invalidation) => void;

/**
 * Notifies subscribers of changes to users: immediately of those made through this store, and of those that other
 * processes make when the database reports them. Listening starts in the background; cached users expire by
 * themselves until it has started.
 */
export class ChangeFeed {
  readonly #listener: SqlListener | undefined;
  readonly #subscribers = new Set<Subscriber>();
  #stop: Promise<() => Promise<void>> | undefined;

  constructor(listener: SqlListener | undefined) {
    this.#listener = listener;
  }

  notify(user: string): void {
    for (const subscriber of this.#subscribers) subscriber({ user });
  }

  subscribe(listener: Subscriber): () => void {
    // A wrapper, so that one function may subscribe twice.
    const subscriber: Subscriber = (change) => listener(change);
    this.#subscribers.add(subscriber);
    if (this.#stop === undefined) this.#start();
    return () => {
      if (this.#subscribers.delete(subscriber) && this.#subscribers.size === 0) this.#end();
    };
  }

  #start(): void {
    this.#stop = this.#listener?.listen(CHANNEL, (user) => this.notify(user));
    // After a failure, the next subscription tries again.
    this.#stop?.catch(() => {
      this.#stop = undefined;
    });
  }

  #end(): void {
    this.#stop?.then((stop) => stop()).catch(() => undefined);
    this.#stop = undefined;
  }
}
