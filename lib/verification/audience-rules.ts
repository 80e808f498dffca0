import type { JWTPayload } from 'jose';
import { type Awaitable, after } from '../clock/awaitable.js';
import { applicationCode, applicationFault } from '../errors/application-code.js';
import { refusedAudience, wrongClient } from '../errors/token-refusals.js';
import { clientClaim } from '../tokens/client-claims.js';
import type { ReadableClaims } from '../tokens/readable-claims.js';
import { deepFreeze } from '../tokens/strict-json.js';
import { idTokenHint } from './token-kind.js';

/**
 * Says whether a verified token is for this application. `audiences` is empty where the claim is absent, null or empty.
 * Anything but `true` or `false` is a mistake of the application's (503).
 */
export type AudienceCheck = (audiences: readonly string[], claims: ReadableClaims) => boolean | Promise<boolean>;

/** Resolved {@link AudienceCheck}: refuses tokens that are not for the application. */
export type AssertAudienceOf = (claims: JWTPayload) => Awaitable<void>;

/** Returns the audiences in claims whose types are checked; null and empty ones count as absent. */
function audiencesOf({ aud }: JWTPayload): readonly string[] {
  const claimed: string | string[] | null | undefined = aud;
  return claimed === undefined || claimed === null || claimed === '' ? [] : [claimed].flat();
}

/**
 * Wraps a function that decides about audiences. It is asked once for each request, with all audiences of the token,
 * after the signature was checked.
 *
 * The assertion throws InvalidTokenError `audience_mismatch`, or ServiceUnavailableError `check_failed` where the
 * function throws or answers with something else than `true` or `false`.
 */
export function compileAudienceCheck(option: string, check: AudienceCheck): AssertAudienceOf {
  const ask = applicationCode(option, check);
  return (claims) => {
    if (!Object.isFrozen(claims)) deepFreeze(claims);
    return after(ask(Object.freeze(audiencesOf(claims)), claims), (isOurs: unknown) => {
      if (typeof isOurs !== 'boolean')
        throw applicationFault(option, check, new TypeError('the function answered neither true nor false'));
      if (!isOurs) throw refusedAudience(claims.aud, idTokenHint(claims));
    });
  };
}

/**
 * Checks that a token was issued to one of the clients.
 * @throws {InvalidTokenError} `audience_mismatch` when it was issued to another client, or names none.
 */
export function assertClient(claims: JWTPayload, clients: readonly string[]): void {
  const named = clientClaim(claims);
  if (named === undefined || typeof named.value !== 'string' || !clients.includes(named.value))
    throw wrongClient(named?.claim, clients);
}
