import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach } from '@jest/globals';

let testsOver = 0;
afterEach(() => {
  testsOver += 1;
});

/** Waits until a condition holds, at most as long as Jest lets the test run. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const test = testsOver;
  while (!(await holds())) {
    if (testsOver !== test) throw new Error('the test is over, and it has not come to that');
    await sleep(5);
  }
}
