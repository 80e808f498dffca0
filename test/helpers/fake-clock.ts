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

/** Replaces `AbortSignal.timeout` by one over Jest's timers, which do not affect Node's own. */
function fakeTimeoutSignals(): void {
  const timeout = jest.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
    const deadline = new AbortController();
    setTimeout(() => deadline.abort(new DOMException('the time is up', 'TimeoutError')), milliseconds);
    return deadline.signal;
  });
  afterThisTest(async () => timeout.mockRestore());
}

/** Fakes the monotonic clock of `node:perf_hooks`; Jest fakes only the global one. */
function fakeMonotonicClock(): void {
  // Whole milliseconds, so that ages are whole, too.
  const start = Math.floor(performance.now());
  const faked = globalThis.performance;
  const now = jest.spyOn(performance, 'now').mockImplementation(() => start + faked.now());
  afterThisTest(async () => now.mockRestore());
}

/**
 * Stops both clocks until the test is over, and returns the function that moves them. HTTP continues.
 * @param options `timers`: also stops timers and the deadlines of signals, so that none runs out on a busy machine.
 */
export function fakeClock({ timers = false } = {}): (seconds: number) => void {
  jest.useFakeTimers({ doNotFake: timers ? [...UNTOUCHED] : [...UNTOUCHED, 'setTimeout', 'clearTimeout'] });
  fakeMonotonicClock();
  if (timers) fakeTimeoutSignals();
  return (seconds) => void jest.advanceTimersByTime(seconds * 1000);
}
