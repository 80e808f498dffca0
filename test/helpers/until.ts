import { setTimeout as sleep } from 'node:timers/promises';

/** Some twenty seconds on a machine with nothing else to do. */
const LOOKS = 4_000;

/**
 * Waits for something that comes by itself, and gives up long after it should have come. It counts its looks, not the
 * time: a machine that is busy with something else for a while takes none of them away.
 */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    if (await holds()) return;
    await sleep(5);
  }
  throw new Error(`it did not come to that within ${LOOKS} looks`);
}
