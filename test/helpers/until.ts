import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for something that comes by itself, and gives up long after it should have come. */
export async function until(holds: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it did not come to that within ${seconds} seconds`);
    await sleep(5);
  }
}
