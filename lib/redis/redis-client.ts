import { ServiceUnavailableError } from '../errors/auth-error.js';

/** Signals that cancel a command, by their names in node-redis 5 and 4. */
interface AbortSignals {
  abortSignal?: AbortSignal;
  signal?: AbortSignal;
}

/** A client of the package `redis` (node-redis 4 or later), or another one that sends a command as one array. */
export interface SendingClient {
  sendCommand(args: string[], options?: AbortSignals): Promise<unknown>;
}

/** A client of `iovalkey` or `ioredis`. */
export interface CallingClient {
  call(command: string, ...args: string[]): Promise<unknown>;
}

/**
 * A connected client of Redis or Valkey. The application connects it, reconnects it, and handles its `error` events. A
 * cluster client of `iovalkey` or `ioredis` works with a `prefix` that has a hash tag, such as `'{sallyport}:'`.
 */
export type RedisClient = SendingClient | CallingClient;

/**
 * Sends one command.
 * @throws {ServiceUnavailableError} when it fails for any reason (`store_unavailable`).
 */
export type Command = (name: string, ...args: string[]) => Promise<unknown>;

/** Chooses `call` before `sendCommand`, because the `sendCommand` of ioredis takes other arguments. */
function sender(client: RedisClient): (signal: AbortSignal, name: string, args: string[]) => Promise<unknown> {
  return 'call' in client && typeof client.call === 'function'
    ? (_signal, name, args) => client.call(name, ...args)
    : (signal, name, args) => (client as SendingClient).sendCommand([name, ...args], { abortSignal: signal, signal });
}

/** Sends commands under a time limit in seconds: a Redis that hangs, or a client without a connection, is an outage. */
export function commandsOf(client: RedisClient, timeout: number): Command {
  const send = sender(client);
  return async (name, ...args) => {
    const controller = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const timeUp = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer from Redis within ${timeout} seconds`));
        // A command that still waits for a connection must not be sent later.
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
