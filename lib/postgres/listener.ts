import type { SqlListener } from './sql-client.js';

interface Notification {
  channel: string;
  payload?: string | undefined;
}

/** The part of `pg.Client` that {@link pgListener} uses. Not a pool: `LISTEN` is bound to a connection. */
export interface NotifyingClient {
  query(text: string): Promise<unknown>;
  on(event: 'notification', listener: (message: Notification) => void): unknown;
  removeListener(event: 'notification', listener: (message: Notification) => void): unknown;
}

/**
 * Listens for changes that other processes make, on a connected `pg.Client` reserved for this. A PGlite is a listener
 * itself and does not need it. A lost connection is not reported: connect another client and create the store again,
 * or rely on the expiry of cached users.
 */
export function pgListener(client: NotifyingClient): SqlListener {
  const callbacks = new Map<string, Set<(payload: string) => void>>();
  let lastQuery: Promise<unknown> = Promise.resolve();
  /** Queues queries, because a connection takes one at a time. */
  const query = (text: string): Promise<unknown> => {
    lastQuery = lastQuery.catch(() => undefined).then(() => client.query(text));
    return lastQuery;
  };
  const onNotification = ({ channel, payload = '' }: Notification) => {
    for (const callback of callbacks.get(channel) ?? []) callback(payload);
  };
  return {
    async listen(channel, callback) {
      if (callbacks.size === 0) client.on('notification', onNotification);
      const all = callbacks.get(channel) ?? new Set();
      callbacks.set(channel, all.add(callback));
      const stop = async () => {
        all.delete(callback);
        if (all.size > 0 || callbacks.get(channel) !== all) return;
        callbacks.delete(channel);
        if (callbacks.size === 0) client.removeListener('notification', onNotification);
        await query(`UNLISTEN "${channel}"`);
      };
      try {
        // LISTEN is idempotent, so every subscriber may send it.
        await query(`LISTEN "${channel}"`);
      } catch (error) {
        await stop().catch(() => undefined);
        throw error;
      }
      return stop;
    },
  };
}
