import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type TestIssuer, testIssuer } from '../../lib/testing/index.js';

const CACHE = 'node_modules/.cache';
const RUNNER = fileURLToPath(new URL('./run-typescript.mjs', import.meta.url));
const ANY_PORT = fileURLToPath(new URL('./workers/any-port.mjs', import.meta.url));

/** A program of the documentation, in a process of its own. */
export interface DocsProgram {
  /** Address that it listens at. */
  readonly url: string;
  /** Issuer that stands in for the one that the documentation names. */
  readonly issuer: TestIssuer;
  /** What it has printed so far. */
  printed(): string;
  close(): Promise<void>;
}

/**
 * Runs a program as the documentation has it, on a free port in place of 3000, and with an issuer of this process in
 * place of `https://login.example.com`.
 * @param env further environment variables of the process.
 */
export async function docsProgram(code: string, env: Readonly<Record<string, string>> = {}): Promise<DocsProgram> {
  const issuer = await testIssuer({ audience: 'https://api.example.com' });
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'docs-'));
  const file = join(folder, 'program.ts');
  writeFileSync(file, code.replaceAll('https://login.example.com', issuer.url));
  const execArgv = ['--no-warnings', '--import', RUNNER, '--import', ANY_PORT];
  const child = fork(file, {
    execArgv,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...env, NODE_OPTIONS: '' },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  }
  const port = await new Promise<number>((resolve, reject) => {
    // The message is that of workers/any-port.mjs, the only one that the process sends.
    child.once('message', (message) => resolve((message as { port: number }).port));
    child.once('exit', (status) => reject(new Error(`the program ended with ${status}: ${printed}`)));
  });
  const close = async () => {
    const over = child.exitCode === null ? once(child, 'exit') : undefined;
    child.kill('SIGKILL');
    await over;
    await issuer.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: `http://127.0.0.1:${port}`, issuer, printed: () => printed, close };
}
