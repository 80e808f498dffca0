import type { JWTPayload } from 'jose';
import type { Awaitable } from '../clock/awaitable.js';
import { AuthError, InvalidTokenError, ServiceUnavailableError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { deepFreeze } from '../tokens/deep-freeze.js';
import type { JoseHeader } from '../tokens/jose-header.js';
import type { AuthRequest } from '../tokens/request.js';

/** A rule of the application's own about verified claims; anything but `true` refuses the token. */
export type TokenValidator = (
  claims: Readonly<JWTPayload>,
  context: { header: JoseHeader; req: AuthRequest },
) => boolean | Promise<boolean>;

/** Whether a verified token was withdrawn before its time. `token` is its exact, canonical text. */
export type IsRevoked = (
  claims: Readonly<JWTPayload>,
  context: { token: string; req: AuthRequest },
) => boolean | Promise<boolean>;

/** The application's own checks, run after everything else has passed. */
export interface TokenChecks {
  readonly validators: readonly TokenValidator[];
  readonly isRevoked: IsRevoked | undefined;
}

/** Brings the two options into one form. @throws ConfigurationError if one of them is not a function. */
export function resolveTokenChecks(
  factory: string,
  validators: TokenValidator | readonly TokenValidator[] = [],
  isRevoked?: IsRevoked,
): TokenChecks {
  const list = typeof validators === 'function' ? [validators] : validators;
  if (!Array.isArray(list) || list.some((validator) => typeof validator !== 'function')) {
    throw new ConfigurationError(`${factory}.validators`, 'expects a function or an array of functions');
  }
  if (isRevoked !== undefined && typeof isRevoked !== 'function') {
    throw new ConfigurationError(`${factory}.isRevoked`, 'expects a function');
  }
  return { validators: [...list], isRevoked };
}

/** A check that throws could not decide: an outage on our side, neither a pass nor the caller's fault. */
async function decide(check: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return (await check()) === true;
  } catch (thrown) {
    throw thrown instanceof AuthError ? thrown : new ServiceUnavailableError('store_unavailable', { cause: thrown });
  }
}

/** What the application's own checks may look at. */
interface CheckedToken {
  readonly token: string;
  readonly header: JoseHeader;
  readonly claims: Readonly<JWTPayload>;
  readonly req: AuthRequest;
}

async function runChecks(checks: TokenChecks, { token, header, claims, req }: CheckedToken): Promise<void> {
  // A token may come again, and is to be then what it was at first. Claims are frozen as a whole or not at all.
  if (!Object.isFrozen(claims)) deepFreeze(claims);
  for (const validator of checks.validators) {
    if (!(await decide(() => validator(claims, { header, req })))) throw new InvalidTokenError('claim_invalid');
  }
  const { isRevoked } = checks;
  if (isRevoked !== undefined && (await decide(async () => (await isRevoked(claims, { token, req })) !== false))) {
    throw new InvalidTokenError('token_revoked');
  }
}

/**
 * Nothing to wait for where the application has no checks.
 * @throws InvalidTokenError `claim_invalid` or `token_revoked`; ServiceUnavailableError if a check throws.
 */
export function assertTokenChecks(checks: TokenChecks, token: CheckedToken): Awaitable<void> {
  return checks.validators.length === 0 && checks.isRevoked === undefined ? undefined : runChecks(checks, token);
}
