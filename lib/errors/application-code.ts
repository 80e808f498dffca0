import { AuthError, ServiceUnavailableError } from './auth-error.js';
import { warnOnce } from './warnings.js';

/**
 * Turns an exception of the application's own code into a 503 whose `cause` it is, and warns of it once per place. A
 * refusal that the application throws itself stays what it is.
 *
 * @param place names the option or function that threw; `owner` is the object that it belongs to.
 */
export function applicationFault(place: string, owner: object, thrown: unknown): AuthError {
  if (AuthError.is(thrown)) return thrown;
  warnOnce(place, owner, thrown);
  return new ServiceUnavailableError('check_failed', { cause: thrown });
}

/**
 * Turns what a store threw, or the complaint about what it answered, into a 503 that says so, and warns of it once per
 * place. A store has nothing to say about the credential, so refusals count as outages as well.
 */
export function storeFault(place: string, store: object, thrown: unknown): ServiceUnavailableError {
  if (ServiceUnavailableError.is(thrown)) return thrown;
  warnOnce(place, store, thrown);
  return new ServiceUnavailableError('store_unavailable', { cause: thrown });
}

/** Asks a store; whatever it throws is {@link storeFault}. */
export async function fromStore<T>(place: string, store: object, ask: () => T): Promise<Awaited<T>> {
  try {
    return await ask();
  } catch (thrown) {
    throw storeFault(place, store, thrown);
  }
}

/**
 * Wraps a function of the application's, once, at creation: what it throws, or rejects with, becomes a 503. A function
 * that answers at once is answered at once.
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
    // Thenables of other libraries included; adopted, so that whoever waits needs to know one kind of promise only.
    return isThenable(answer) ? Promise.resolve(answer).catch(fail) : answer;
  };
}

/**
 * Wraps a function of the application's whose answer is wanted at once, as {@link applicationCode} does. A promise
 * counts as an answer like any object; its rejection, which nobody waits for, must not end the process.
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
    if (isThenable(answer)) Promise.resolve(answer).catch((thrown: unknown) => applicationFault(place, owner, thrown));
    return answer;
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
