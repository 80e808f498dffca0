import { withTimeLimit } from '../clock/time-limit.js';
import { ForbiddenError, ServiceUnavailableError } from '../errors/auth-error.js';
import { RegistrationLimitError } from '../errors/rate-limit-errors.js';
import { warnOnce } from '../errors/warnings.js';

/**
 * Whether an exception is a refusal that provisioning may answer with: of the person, or an outage. It cannot refuse
 * the token, which is verified.
 */
function isAnswer(thrown: unknown): boolean {
  return [ForbiddenError, RegistrationLimitError, ServiceUnavailableError].some((kind) => kind.is(thrown));
}

/** Place where application code runs, for warnings. Each method has an object of its own, so that each warns once. */
export interface ProvisioningPlace {
  readonly option: string;
}

/**
 * Turns an exception of application code into a 503 `provisioning_unavailable`, and warns of it once per place.
 * Refusals on purpose are returned unchanged.
 */
export function asProvisioningError(place: ProvisioningPlace, thrown: unknown): unknown {
  if (isAnswer(thrown)) return thrown;
  warnOnce(place.option, place, thrown);
  return new ServiceUnavailableError('provisioning_unavailable', { cause: thrown });
}

/**
 * Runs application code under a time limit. Its failure is an outage and never the client's fault.
 * @throws {ServiceUnavailableError} `provisioning_unavailable` when it throws, or takes too long.
 */
export async function withinTime<T>(
  place: ProvisioningPlace,
  seconds: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withTimeLimit(seconds, run);
  } catch (thrown) {
    throw asProvisioningError(place, thrown);
  }
}
