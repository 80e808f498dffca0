import { ForbiddenError, ServiceUnavailableError } from '../errors/auth-error.js';
import { RegistrationLimitError } from '../errors/rate-limit-errors.js';
import { warnOnce } from '../errors/warnings.js';

/** What may be said of a person whose token is good. The token itself is not the application's to judge any more. */
function isAnswer(thrown: unknown): boolean {
  return [ForbiddenError, RegistrationLimitError, ServiceUnavailableError].some((kind) => kind.is(thrown));
}

/** Where the application's own code runs. One object per method: each warns of its own mistakes. */
export interface ProvisioningPlace {
  readonly option: string;
}

/**
 * Turns whatever goes wrong in the application's own code into an outage of ours, and warns of it once per place;
 * refusals that are meant pass through.
 */
export function asProvisioningError(place: ProvisioningPlace, thrown: unknown): unknown {
  if (isAnswer(thrown)) return thrown;
  warnOnce(place.option, place, thrown);
  return new ServiceUnavailableError('provisioning_unavailable', { cause: thrown });
}

/**
 * Runs the application's own code under a time limit. What goes wrong in it is never the caller's fault.
 * @throws ServiceUnavailableError `provisioning_unavailable`
 */
export async function withinTime<T>(
  place: ProvisioningPlace,
  seconds: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
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
    throw asProvisioningError(place, thrown);
  } finally {
    clearTimeout(timer);
  }
}
