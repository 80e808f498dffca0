import { afterEach, jest } from '@jest/globals';

const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  jest.useRealTimers();
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/**
 * Registers a clean-up that runs after the test, even if it failed or ran out of time; the last one registered runs
 * first.
 */
export function afterThisTest(cleanUp: () => Promise<void>): void {
  cleanUps.push(cleanUp);
}
