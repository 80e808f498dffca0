import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { until } from './until.js';

/** A PostgreSQL server that a test can kill. */
export interface OwnPostgres {
  readonly url: string;
  /** Kills the server without a shutdown, as a power cut does. */
  kill(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

const INSTALLED = '/usr/lib/postgresql';

function serverPrograms(): string | undefined {
  if (!existsSync(INSTALLED)) return undefined;
  const versions = readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(INSTALLED, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

/** Returns the user to run as, because PostgreSQL refuses root: the owner of its installation. */
function unprivileged(): { uid: number; gid: number } | object | undefined {
  if (process.getuid?.() !== 0) return {};
  const [, , uid, gid] = /^postgres:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0].split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/**
 * Creates a cluster; `undefined` where PostgreSQL is not installed. It listens on a Unix socket, which nothing else
 * takes while the server is down.
 */
export async function ownPostgres(): Promise<OwnPostgres | undefined> {
  const programs = serverPrograms();
  const user = unprivileged();
  if (programs === undefined || user === undefined) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-postgres-'));
  if ('uid' in user) chownSync(directory, user.uid, user.gid);
  const data = join(directory, 'data');
  const run = (program: string, ...args: string[]) => {
    const { status, stderr } = spawnSync(join(programs, program), args, {
      ...user,
      cwd: directory,
      env: {},
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (status !== 0) throw new Error(`${program}: ${stderr}`);
  };
  run('initdb', '-D', data, '-A', 'trust', '-U', 'postgres', '-N');
  const log = join(directory, 'log');
  const control = (...args: string[]) => run('pg_ctl', '-D', data, '-w', '-l', log, ...args);
  const start = async () => {
    // The children of a killed server take a moment to notice, and a new one does not start beside them.
    for (let attempts = 50; ; attempts -= 1) {
      try {
        return control('start', '-o', `-k ${directory} -c listen_addresses=`);
      } catch (error) {
        if (attempts === 0) throw new Error(readFileSync(log, 'utf8'), { cause: error });
        await sleep(50);
      }
    }
  };
  const kill = async () => {
    const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(pid, 'SIGKILL');
    const status = () =>
      spawnSync(join(programs, 'pg_ctl'), ['-D', data, 'status'], { ...user, cwd: directory }).status;
    await until(() => status() !== 0);
  };
  await start();
  const remove = async () => {
    spawnSync(join(programs, 'pg_ctl'), ['-D', data, '-m', 'immediate', 'stop'], { ...user, cwd: directory });
    rmSync(directory, { recursive: true, force: true });
  };
  return { url: `postgres://postgres@localhost/postgres?host=${encodeURIComponent(directory)}`, kill, start, remove };
}

/** Simulates a killed server where none can be started, by ending every connection of one database. */
export function severedPostgres(url: string, schema: string): OwnPostgres {
  return {
    url,
    async kill() {
      const client = new pg.Client(url);
      await client.connect();
      await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE $1`,
        [`%${schema}.%`],
      );
      await client.end();
    },
    start: async () => undefined,
    remove: async () => undefined,
  };
}
