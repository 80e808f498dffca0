import { AuthError, ServiceUnavailableError } from './auth-error.js';
import { warnOnce } from './warnings.js';

/**
 * Turns an exception of application code into a 503 `check_failed` with that exception as its `cause`, and warns of it
 * once per place. An {@link AuthError} that the application throws itself is returned unchanged, because it is a
 * refusal on purpose.
 *
 * @param place name of the option or function that threw.
 * @param owner object that the place belongs to.
 */
export function applicationFault(place: string, owner: object, thrown: unknown): AuthError {
  if (AuthError.is(thrown)) return thrown;
  warnOnce(place, owner, thrown);
  return new ServiceUnavailableError('check_failed', { cause: thrown });
}

/**
 * Turns an exception of a store, or a complaint about its answer, into a 503 `store_unavailable`, and warns of it once
 * per place. Refusals thrown by a store become a 503 as well, because a store does not decide about credentials.
 */
export function storeFault(place: string, store: object, thrown: unknown): ServiceUnavailableError {
  if (ServiceUnavailableError.is(thrown)) return thrown;
  warnOnce(place, store, thrown);
  return new ServiceUnavailableError('store_unavailable', { cause: thrown });
}

/** Calls a store, and turns what it throws into a 503 with {@link storeFault}. */
export async function fromStore<T>(place: string, store: object, ask: () => T): Promise<Awaited<T>> {
  try {
    return await ask();
  } catch (thrown) {
    throw storeFault(place, store, thrown);
  }
}

/**
 * Wraps a function of the application once, when the method is created, so that what it throws or rejects with becomes
 * a 503. A synchronous answer stays synchronous.
 */
export function applicationCode<Args extends readonly unknown[], Answer>(
  place: string,
  run: (...args: Args) => Answer,
): (...args: Args) => Answer | Promise<Awaited<Answer>> {
  const owner = {};
  const fail = (thrown: unknown): never => {
    throw applicationFault(place, owner, thrown);
  };
  return (...args) => {
    let answer: Answer;
    try {
      answer = run(...args);
    } catch (thrown) {
      return fail(thrown);
    }
    // Wrapped in a native promise, so that callers meet one kind of promise only; thenables of other libraries count
    // too.
    return isThenable(answer) ? Promise.resolve(answer).catch(fail) : answer;
  };
}

/**
 * Wraps a function of the application that must answer synchronously, as {@link applicationCode} does for others. A
 * promise is a fault like an exception, because nobody waits for it; its rejection is handled here, because an unhandled
 * one would end the process.
 */
export function synchronousCode<Args extends readonly unknown[], Answer>(
  place: string,
  run: (...args: Args) => Answer,
): (...args: Args) => Answer {
  const owner = {};
  return (...args) => {
    let answer: Answer;
    try {
      answer = run(...args);
    } catch (thrown) {
      throw applicationFault(place, owner, thrown);
    }
    if (!isThenable(answer)) return answer;
    Promise.resolve(answer).catch(() => undefined);
    throw applicationFault(place, owner, new TypeError('the function answered a promise, and must answer at once'));
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
