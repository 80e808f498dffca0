import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from '@jest/globals';
import { REDIS_URL } from './redis.js';

/** A Redis that a test can kill, start and suspend. */
export interface MortalRedis {
  readonly url: string;
  /** Kills the server without a shutdown. */
  kill(): Promise<void>;
  /** Starts the server, unless it runs. */
  start(): Promise<void>;
  /** Suspends the server, so that it accepts connections and does not answer. */
  hang(): void;
  goOn(): void;
}

/** Name of the binary, which the operating system's packages install. */
const SERVER = 'redis-server';

/** Returns an address that nothing else takes while the server is down. */
function ownSocket(): { dir: string; path: string; url: string } {
  const dir = mkdtempSync(join(tmpdir(), 'sallyport-redis-'));
  const path = join(dir, 'redis.sock');
  return { dir, path, url: `unix://${path}` };
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString().startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

/** Starts a `redis-server` that writes every command to disk before it answers. */
async function redisProcess(): Promise<MortalRedis> {
  const { dir, path, url } = ownSocket();
  const place = ['--port', '0', '--unixsocket', path, '--dir', dir];
  const memory = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  let server: ChildProcess | undefined;
  async function start(): Promise<void> {
    if (server !== undefined && isRunning(server)) return;
    const starting = spawn(SERVER, [...place, ...memory], { stdio: ['ignore', 'pipe', 'ignore'] });
    server = starting;
    let said = '';
    starting.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    while (!(await answers(path))) {
      if (!isRunning(starting)) throw new Error(`redis-server ended with ${starting.exitCode}: ${said}`);
      await sleep(5);
    }
  }
  async function kill(): Promise<void> {
    if (server === undefined || !isRunning(server)) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }
  afterAll(async () => {
    await kill();
    rmSync(dir, { recursive: true });
  });
  await start();
  return { url, kill, start, hang: () => void server?.kill('SIGSTOP'), goOn: () => void server?.kill('SIGCONT') };
}

/** Simulates a Redis where no binary is installed: the shared one, behind a proxy that can be stopped. */
async function cuttableLine(to: URL): Promise<MortalRedis> {
  const { dir, path } = ownSocket();
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  async function start(): Promise<void> {
    if (server?.listening === true) return;
    server = createServer((near) => {
      const far = connect(Number(to.port || 6379), to.hostname);
      for (const [one, other] of [[near, far] as const, [far, near] as const]) {
        sockets.add(one);
        one.pipe(other);
        one.on('error', () => other.destroy()).on('close', () => other.destroy());
      }
    });
    server.listen(path);
    await once(server, 'listening');
  }
  async function kill(): Promise<void> {
    server?.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  }
  afterAll(async () => {
    await kill();
    rmSync(dir, { recursive: true });
  });
  await start();
  const each = (act: (socket: Socket) => unknown) => () => void [...sockets].map(act);
  const { username, password, pathname } = to;
  const sameAccount = `unix://${username}${password && `:${password}`}${username || password ? '@' : ''}${path}`;
  return {
    url: `${sameAccount}?db=${pathname.slice(1) || 0}`,
    kill,
    start,
    hang: each((socket) => socket.pause()),
    goOn: each((socket) => socket.resume()),
  };
}

/** Opens a Redis that can be stopped; `undefined` where there is neither a `redis-server` nor the address of one. */
export async function mortalRedis(): Promise<MortalRedis | undefined> {
  if (spawnSync(SERVER, ['--version']).status === 0) return redisProcess();
  return REDIS_URL === undefined ? undefined : cuttableLine(new URL(REDIS_URL));
}
