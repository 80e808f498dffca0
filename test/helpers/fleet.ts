import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';
import type { MemberOrders } from './fleet-member.js';

const MEMBER = fileURLToPath(new URL('./fleet-member.ts', import.meta.url));
const RUNNER = fileURLToPath(new URL('./run-typescript.mjs', import.meta.url));

/** One more process; it ends with the test file. */
async function startMember(orders: MemberOrders): Promise<string> {
  const member = fork(MEMBER, { execArgv: ['--import', RUNNER] });
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
  return Promise.all(Array.from({ length: size }, () => startMember(orders)));
}
