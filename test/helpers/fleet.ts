import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';
import type { MemberOrders } from './fleet-member.js';

const RUNNER = fileURLToPath(new URL('./run-typescript.mjs', import.meta.url));

/** One more process, which runs a script beside this one; it ends with the test file. */
export async function startProcess(script: string, orders: object): Promise<string> {
  const member = fork(fileURLToPath(new URL(script, import.meta.url)), { execArgv: ['--import', RUNNER] });
  afterAll(async () => {
    const ended = once(member, 'exit');
    member.disconnect();
    await ended;
  });
  member.send(orders);
  const [port] = await Promise.race([
    once(member, 'message'),
    once(member, 'exit').then(([code]) => Promise.reject(new Error(`a member of the fleet ended with ${code}`))),
  ]);
  return `http://127.0.0.1:${port}`;
}

/** The origins of as many processes as asked for, each with its own copy of the package. */
export function startFleet(size: number, orders: MemberOrders): Promise<string[]> {
  return Promise.all(Array.from({ length: size }, () => startProcess('fleet-member.ts', orders)));
}
