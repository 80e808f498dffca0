import type { SqlListener } from './sql-client.js';

interface Notification {
  channel: string;
  payload?: string | undefined;
}

/** What {@link pgListener} needs of a `pg.Client`; a pool will not do, because listening is bound to a connection. */
export interface NotifyingClient {
  query(text: string): Promise<unknown>;
  on(event: 'notification', listener: (message: Notification) => void): unknown;
  removeListener(event: 'notification', listener: (message: Notification) => void): unknown;
}

/**
 * Lets stores hear what other processes change, over a connected `pg.Client` that is kept for this. PGlite needs no
 * such thing: it listens by itself. A connection that breaks is silent: connect another client and make the store
 * anew, or let caches age by themselves.
 */
export function pgListener(client: NotifyingClient): SqlListener {
  const callbacks = new Map<string, Set<(payload: string) => void>>();
  let turn: Promise<unknown> = Promise.resolve();
  /** A connection takes one query at a time. */
  const ask = (text: string): Promise<unknown> => {
    turn = turn.catch(() => undefined).then(() => client.query(text));
    return turn;
  };
  const hear = ({ channel, payload = '' }: Notification) => {
    for (const callback of callbacks.get(channel) ?? []) callback(payload);
  };
  return {
    async listen(channel, callback) {
      if (callbacks.size === 0) client.on('notification', hear);
      const all = callbacks.get(channel) ?? new Set();
      callbacks.set(channel, all.add(callback));
      const stop = async () => {
        all.delete(callback);
        if (all.size > 0 || callbacks.get(channel) !== all) return;
        callbacks.delete(channel);
        if (callbacks.size === 0) client.removeListener('notification', hear);
        await ask(`UNLISTEN "${channel}"`);
      };
      try {
        // Listening twice is listening once, so every subscriber may ask for it.
        await ask(`LISTEN "${channel}"`);
      } catch (error) {
        await stop().catch(() => undefined);
        throw error;
      }
      return stop;
    },
  };
}
