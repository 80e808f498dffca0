import { performance } from 'node:perf_hooks';
import { jest } from '@jest/globals';
import { afterThisTest } from './after-this-test.js';

const UNTOUCHED = [
  'hrtime',
  'nextTick',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
] as const;

/** `AbortSignal.timeout` by the timers of Jest, which do not reach the one of Node. */
function fakeTimeoutSignals(): void {
  const timeout = jest.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
    const deadline = new AbortController();
    setTimeout(() => deadline.abort(new DOMException('the time is up', 'TimeoutError')), milliseconds);
    return deadline.signal;
  });
  afterThisTest(async () => timeout.mockRestore());
}

/** The monotonic clock as modules of Node know it; those of Jest fake the global one alone. */
function fakeMonotonicClock(): void {
  // Whole milliseconds, so that ages are whole, too.
  const start = Math.floor(performance.now());
  const faked = globalThis.performance;
  const now = jest.spyOn(performance, 'now').mockImplementation(() => start + faked.now());
  afterThisTest(async () => now.mockRestore());
}

/**
 * From now on both clocks stand still and the returned function moves them, until the test is over. HTTP goes on.
 * @param options `timers`: so do timers and the deadlines of signals, so that none runs out however long a busy machine
 * takes, and all do as soon as a test wishes.
 */
export function fakeClock({ timers = false } = {}): (seconds: number) => void {
  jest.useFakeTimers({ doNotFake: timers ? [...UNTOUCHED] : [...UNTOUCHED, 'setTimeout', 'clearTimeout'] });
  fakeMonotonicClock();
  if (timers) fakeTimeoutSignals();
  return (seconds) => void jest.advanceTimersByTime(seconds * 1000);
}
