import type { JWTPayload } from 'jose';
import { type Awaitable, after, inTurn } from '../clock/awaitable.js';
import { applicationCode } from '../errors/application-code.js';
import { InvalidTokenError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { JoseHeader } from '../tokens/jose-header.js';
import type { ReadableClaims } from '../tokens/readable-claims.js';
import type { AuthRequest } from '../tokens/request.js';
import { deepFreeze } from '../tokens/strict-json.js';

/** Function of the application that checks verified claims. Any answer but `true` refuses the token. */
export type TokenValidator = (
  claims: ReadableClaims,
  context: { header: JoseHeader; req: AuthRequest },
) => boolean | Promise<boolean>;

/**
 * Function of the application that tells whether a verified token is revoked. `token` is its exact text. Any answer but
 * `false` refuses the token.
 */
export type IsRevoked = (
  claims: ReadableClaims,
  context: { token: string; req: AuthRequest },
) => boolean | Promise<boolean>;

/** Checks of the application, run after all others have passed. */
export interface TokenChecks {
  readonly validators: readonly TokenValidator[];
  readonly isRevoked: IsRevoked | undefined;
}

/**
 * Resolves the options `validators` and `isRevoked`.
 * @throws {ConfigurationError} when one of them is not a function.
 */
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
  return {
    validators: list.map((validator) => applicationCode(`${factory}.validators`, validator)),
    isRevoked: isRevoked && applicationCode(`${factory}.isRevoked`, isRevoked),
  };
}

/** Arguments of the application's checks. */
interface CheckedToken {
  readonly token: string;
  readonly header: JoseHeader;
  readonly claims: Readonly<JWTPayload>;
  /** The name under which the token's people are known, and revoked. Default: its `iss`. */
  readonly issuer?: string;
  readonly req: AuthRequest;
}

const NOT_VALID = { problem: 'a validator of the application did not answer true' };
const REVOKED = { problem: 'isRevoked of the application did not answer false' };

function assertValid(isValid: boolean): void {
  if (isValid !== true) throw new InvalidTokenError('claim_invalid', { detail: NOT_VALID });
}

/** Refuses a token unless `isRevoked` answered `false`. */
function assertNotRevoked(isRevoked: boolean | undefined): void {
  if (isRevoked !== false) throw new InvalidTokenError('token_revoked', { detail: REVOKED });
}

/** Returns the claims with the name of the issuer's identities as `iss`, because revocations are kept under that name. */
function revocable({ claims, issuer = claims.iss }: CheckedToken): Readonly<JWTPayload> {
  return issuer === undefined || issuer === claims.iss ? claims : Object.freeze({ ...claims, iss: issuer });
}

/** Runs the checks in order. Synchronous answers are not awaited. */
function runChecks(checks: TokenChecks, checked: CheckedToken): Awaitable<void> {
  const { token, header, claims, req } = checked;
  // Claims are cached and shared, so a check must not change them. They are frozen as a whole or not at all.
  if (!Object.isFrozen(claims)) deepFreeze(claims);
  const { validators, isRevoked } = checks;
  const validated = inTurn(validators, (validator) => after(validator(claims, { header, req }), assertValid));
  if (isRevoked === undefined) return validated;
  return after(validated, () => after(isRevoked(revocable(checked), { token, req }), assertNotRevoked));
}

/**
 * Runs the application's checks of a verified token; synchronous where there are none.
 * @throws {InvalidTokenError} `claim_invalid` when a validator does not answer `true`, `token_revoked` when the token
 * is revoked.
 * @throws {ServiceUnavailableError} `check_failed` when a check throws.
 */
export function assertTokenChecks(checks: TokenChecks, token: CheckedToken): Awaitable<void> {
  return checks.validators.length === 0 && checks.isRevoked === undefined ? undefined : runChecks(checks, token);
}
