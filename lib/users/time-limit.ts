import { AuthError, ServiceUnavailableError } from '../errors/auth-error.js';

/**
 * Runs the application's own code under a time limit. Whatever goes wrong in it is an outage of ours, never the
 * caller's fault; refusals that are meant as such pass through.
 * @throws ServiceUnavailableError `provisioning_unavailable`
 */
export async function withinTime<T>(seconds: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`no answer within ${seconds} seconds`);
      controller.abort(error);
      reject(error);
    }, seconds * 1000);
  });
  try {
    return await Promise.race([run(controller.signal), timeUp]);
  } catch (thrown) {
    throw thrown instanceof AuthError
      ? thrown
      : new ServiceUnavailableError('provisioning_unavailable', { cause: thrown });
  } finally {
    clearTimeout(timer);
  }
}
