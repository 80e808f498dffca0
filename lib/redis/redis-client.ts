import { ServiceUnavailableError } from '../errors/auth-error.js';

/** How a command is called off, by the names of node-redis 5 and 4. */
interface AbortOptions {
  abortSignal?: AbortSignal;
  signal?: AbortSignal;
}

/** A client of the package `redis` (node-redis 4 and later), or whatever else sends a command as one array. */
export interface SendingClient {
  sendCommand(args: string[], options?: AbortOptions): Promise<unknown>;
}

/** A client of `iovalkey` or `ioredis`. */
export interface CallingClient {
  call(command: string, ...args: string[]): Promise<unknown>;
}

/**
 * All that is needed of Redis or Valkey: a connected client that sends a command as texts. Connecting, reconnecting
 * and its `error` events stay the application's. A cluster of `iovalkey` or `ioredis` serves where the `prefix` has
 * a hash tag, as `'{sallyport}:'`.
 */
export type RedisClient = SendingClient | CallingClient;

/** Sends one command. @throws ServiceUnavailableError `store_unavailable`, whatever went wrong. */
export type Command = (name: string, ...args: string[]) => Promise<unknown>;

/** The clients of ioredis have a `sendCommand` too, which takes something else. */
function sender(client: RedisClient): (signal: AbortSignal, name: string, args: string[]) => Promise<unknown> {
  return 'call' in client && typeof client.call === 'function'
    ? (_signal, name, args) => client.call(name, ...args)
    : (signal, name, args) => (client as SendingClient).sendCommand([name, ...args], { abortSignal: signal, signal });
}

/** Commands under a time limit: a Redis that hangs, or a client that waits for a connection, is an outage as well. */
export function commandsOf(client: RedisClient, timeout: number): Command {
  const send = sender(client);
  return async (name, ...args) => {
    const controller = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const timeUp = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer from Redis within ${timeout} seconds`));
        // What still waits for a connection need not be sent any more.
        controller.abort();
      }, timeout * 1000);
    });
    try {
      return await Promise.race([send(controller.signal, name, args), timeUp]);
    } catch (cause) {
      throw new ServiceUnavailableError('store_unavailable', { cause });
    } finally {
      clearTimeout(timer);
    }
  };
}
