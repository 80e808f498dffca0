import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { REDIS_URL } from './redis.js';

/** A Redis that a test may do anything to. */
export interface MortalRedis {
  readonly url: string;
  /** Ends it without a word. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Takes connections and answers nothing. */
  hang(): void;
  goOn(): void;
}

/** Of the operating system's packages, not of npm's. */
const SERVER = 'redis-server';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
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

/** A `redis-server` of the test's own, which writes everything down before it says OK. */
async function redisProcess(): Promise<MortalRedis> {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), 'sallyport-redis-'));
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir];
  const memory = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  let server: ChildProcess;
  async function start(): Promise<void> {
    server = spawn(SERVER, [...place, ...memory], { stdio: 'ignore' });
    while (!(await answers(port))) await new Promise((resume) => setTimeout(resume, 20));
  }
  async function kill(): Promise<void> {
    const ended = server.exitCode === null && server.signalCode === null ? once(server, 'exit') : undefined;
    server.kill('SIGKILL');
    await ended;
  }
  afterAll(async () => {
    await kill();
    rmSync(dir, { recursive: true });
  });
  await start();
  const url = `redis://127.0.0.1:${port}`;
  return { url, kill, start, hang: () => void server.kill('SIGSTOP'), goOn: () => void server.kill('SIGCONT') };
}

/** Where no binary is at hand: the shared Redis behind a line that can be cut. */
async function cuttableLine(to: URL): Promise<MortalRedis> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  let server: Server;
  async function start(): Promise<void> {
    server = createServer((near) => {
      const far = connect(Number(to.port || 6379), to.hostname);
      for (const [one, other] of [[near, far] as const, [far, near] as const]) {
        sockets.add(one);
        one.pipe(other);
        one.on('error', () => other.destroy()).on('close', () => other.destroy());
      }
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  }
  async function kill(): Promise<void> {
    server.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  }
  afterAll(kill);
  await start();
  const each = (act: (socket: Socket) => unknown) => () => void [...sockets].map(act);
  const url = Object.assign(new URL(to), { host: `127.0.0.1:${port}` }).href;
  return { url, kill, start, hang: each((socket) => socket.pause()), goOn: each((socket) => socket.resume()) };
}

/** `undefined` where there is neither a `redis-server` nor an address of one. */
export async function mortalRedis(): Promise<MortalRedis | undefined> {
  if (spawnSync(SERVER, ['--version']).status === 0) return redisProcess();
  return REDIS_URL === undefined ? undefined : cuttableLine(new URL(REDIS_URL));
}
