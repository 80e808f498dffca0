import { afterEach, jest } from '@jest/globals';

const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  jest.useRealTimers();
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Cleans up once the running test is over, also where it failed or ran out of time; what came last goes first. */
export function afterThisTest(cleanUp: () => Promise<void>): void {
  cleanUps.push(cleanUp);
}
