import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';
import { afterThisTest } from './after-this-test.js';
import type { MemberOrders } from './fleet-member.js';

const RUNNER = fileURLToPath(new URL('./run-typescript.mjs', import.meta.url));

function forkProcess(script: string, orders: object): ChildProcess {
  const member = fork(fileURLToPath(new URL(script, import.meta.url)), { execArgv: ['--import', RUNNER] });
  member.send(orders);
  return member;
}

async function endProcess(member: ChildProcess): Promise<void> {
  if (member.exitCode !== null || member.signalCode !== null) return;
  const ended = once(member, 'exit');
  member.kill();
  await ended;
}

/** Starts a process that runs a script, and ends it with the test. */
export function processForTest(script: string, orders: object): ChildProcess {
  const member = forkProcess(script, orders);
  afterThisTest(() => endProcess(member));
  return member;
}

/** Starts a server in a process of its own, which ends with the test file, and returns its origin. */
export async function startProcess(script: string, orders: object): Promise<string> {
  const member = forkProcess(script, orders);
  afterAll(() => endProcess(member));
  const [port] = await Promise.race([
    once(member, 'message'),
    once(member, 'exit').then(([code]) => Promise.reject(new Error(`${script} ended with ${code}`))),
  ]);
  return `http://127.0.0.1:${port}`;
}

/** Starts several processes, each with its own copy of the package, and returns their origins. */
export function startFleet(size: number, orders: MemberOrders): Promise<string[]> {
  return Promise.all(Array.from({ length: size }, () => startProcess('fleet-member.ts', orders)));
}
