import { UnauthorizedError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertSeconds, assertStrings } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import type { Principal } from '../principal/principal.js';
import { type Guard, guard } from './guard.js';

/** Requirements on the sign-in behind a token; at least one of the two is needed. */
export interface RecentLoginOptions {
  /**
   * Greatest age of the sign-in in seconds, counted from the claim `auth_time`.
   * @default undefined, any age
   */
  maxAge?: number | undefined;
  /**
   * Accepted authentication context classes, compared with the claim `acr`.
   * @default undefined, any class
   */
  acr?: string | readonly string[] | undefined;
}

const YEAR = 31_536_000;
/** Seconds by which the issuer's clock may be ahead; equal to the default `clockTolerance` of the methods. */
const CLOCK_TOLERANCE = 60;

function isRecent({ claims }: Principal, maxAge: number | undefined): boolean {
  if (maxAge === undefined) return true;
  const { auth_time: authTime } = claims;
  if (typeof authTime !== 'number') return false;
  const age = Date.now() / 1000 - authTime;
  // A sign-in time in the future would count as recent until that time has passed.
  return age <= maxAge && age >= -CLOCK_TOLERANCE;
}

/**
 * Requires a sign-in that is recent or strong enough (step-up authentication). A request without one is a 401 with
 * `error="insufficient_user_authentication"` and the requirement in `max_age` and `acr_values`, so that the client can
 * send the person to sign in again.
 * @throws {ConfigurationError} without `maxAge` and `acr`, or when one of them has a wrong value.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9470#section-3 | RFC 9470 section 3}
 */
export function requireRecentLogin(options: RecentLoginOptions): Guard {
  checkOptionNames('requireRecentLogin', options, namesOf<RecentLoginOptions>()({ maxAge: true, acr: true }));
  const { maxAge } = options;
  const acr = options.acr === undefined ? undefined : [options.acr].flat();
  if (maxAge !== undefined) assertSeconds('requireRecentLogin.maxAge', maxAge, { min: 0, max: YEAR });
  if (acr !== undefined) assertStrings('requireRecentLogin.acr', acr);
  if (acr?.length === 0) throw new ConfigurationError('requireRecentLogin.acr', 'expects at least one class');
  if (maxAge === undefined && acr === undefined) {
    throw new ConfigurationError('requireRecentLogin', 'needs maxAge, acr, or both');
  }
  const challenge = { acr_values: acr?.join(' '), max_age: maxAge === undefined ? undefined : String(maxAge) };
  return guard('requireRecentLogin', (principal) => {
    const strong =
      acr === undefined || (typeof principal.claims.acr === 'string' && acr.includes(principal.claims.acr));
    if (strong && isRecent(principal, maxAge)) return undefined;
    return new UnauthorizedError('insufficient_user_authentication', { challenge });
  });
}
