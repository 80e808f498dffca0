import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { say } from './databases.js';
import { until } from './until.js';

/** Describes a journey through nginx, which runs where nginx is on this machine and must where the environment says so. */
export function describeWithNginx(title: string, journey: () => void): void {
  if (spawnSync('nginx', ['-v']).error === undefined) {
    describe(title, journey);
    return;
  }
  say(`nginx is not installed, so this did not run: ${title}`);
  test(`${title}: runs wherever it must`, () => {
    expect(process.env.SALLYPORT_TEST_NGINX).not.toBe('required');
  });
}

/** A running nginx, and the folder that its sockets are in. */
export interface Nginx {
  readonly home: string;
  stop(): Promise<void>;
}

/** Whether somebody speaks HTTP at a Unix socket. */
const answers = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    request({ socketPath }, (response) => {
      response.resume();
      resolve(true);
    })
      .on('error', () => resolve(false))
      .end();
  });

/**
 * Starts nginx. It cannot be asked for a free port, but nobody else takes a Unix socket of its own.
 * @param servers writes what stands inside `http { … }`, by the folder in which sockets are made.
 * @param socket name of the socket in that folder at which nginx answers once it is there.
 */
export async function startNginx(servers: (home: string) => string, socket: string): Promise<Nginx> {
  const home = mkdtempSync(join(tmpdir(), 'sallyport-nginx-'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${home}/${name};`,
  );
  writeFileSync(
    join(home, 'nginx.conf'),
    `daemon off; master_process off; worker_processes 1; pid ${home}/nginx.pid; error_log ${home}/error.log;
    events { worker_connections 64; }
    http { access_log off; ${temporary.join(' ')} ${servers(home)} }`,
  );
  const nginx = spawn('nginx', ['-p', home, '-c', join(home, 'nginx.conf'), '-e', join(home, 'error.log')]);
  const ended = new Promise<never>((_resolve, reject) => {
    nginx.once('exit', (code) => reject(new Error(`nginx ended with ${code}`)));
  });
  ended.catch(() => undefined);
  await Promise.race([ended, until(() => answers(join(home, socket)))]);
  async function stop(): Promise<void> {
    if (nginx.exitCode === null) {
      const over = once(nginx, 'exit');
      nginx.kill();
      await over;
    }
    rmSync(home, { recursive: true, force: true });
  }
  return { home, stop };
}
