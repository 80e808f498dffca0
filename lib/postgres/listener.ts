import type { SqlListener } from './sql-client.js';

/** What {@link pgListener} needs of a `pg.Client`; a pool will not do, because listening is bound to a connection. */
export interface NotifyingClient {
  query(text: string): Promise<unknown>;
  on(event: 'notification', listener: (message: { channel: string; payload?: string }) => void): unknown;
  removeListener(event: 'notification', listener: (message: { channel: string; payload?: string }) => void): unknown;
}

/**
 * Lets stores hear what other processes change, over a connected `pg.Client` that is kept for this. PGlite needs no
 * such thing: it listens by itself.
 */
export function pgListener(client: NotifyingClient): SqlListener {
  return {
    async listen(channel, callback) {
      const hear = (message: { channel: string; payload?: string }) => {
        if (message.channel === channel && message.payload !== undefined) callback(message.payload);
      };
      client.on('notification', hear);
      await client.query(`LISTEN "${channel}"`);
      return async () => {
        client.removeListener('notification', hear);
        await client.query(`UNLISTEN "${channel}"`);
      };
    },
  };
}
