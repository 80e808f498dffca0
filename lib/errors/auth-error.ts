import { basicChallenge, formatChallenge, type Scheme } from './challenge.js';
import {
  type AuthErrorCode,
  type BrowserErrorCode,
  ERROR_CODES,
  type OutageErrorCode,
  type PermissionErrorCode,
  type RegistrationErrorCode,
  type RequestErrorCode,
  type SignInErrorCode,
  type TokenErrorCode,
} from './error-codes.js';
import { warnOnce } from './warnings.js';

/** What an error may carry beside its code. */
export interface AuthErrorOptions {
  /** What was caught. Kept for logs on this side; it never reaches a client. */
  cause?: unknown;
  /** Parameters for the challenge, for example `scope` (RFC 6750 section 3) or `max_age` (RFC 9470). */
  challenge?: Readonly<Record<string, string | undefined>>;
}

/**
 * Every refusal of this package. `code` is stable and precise, `message` comes from a closed table,
 * and `status` with `headers` are what Express' own error handler needs to answer correctly.
 */
export class AuthError extends Error {
  override readonly name: string = 'AuthError';
  /** Stable and precise; for logs, metrics and `switch`. */
  readonly code: AuthErrorCode;
  /** HTTP status: 400, 401, 403, 429 or 503. */
  readonly status: number;
  /** The protection space named in the challenge; set by the method or guard that refuses. */
  realm: string | undefined;
  /** Name of the auth method that refused; set by it. */
  method: string | undefined;
  /** The schemes that whoever refused takes, set by it; a 401 names them all. Bearer where nobody says. */
  schemes: readonly Scheme[] | undefined;
  readonly #challenge: Readonly<Record<string, string | undefined>>;

  constructor(code: AuthErrorCode, options: AuthErrorOptions = {}) {
    super(ERROR_CODES[code].message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.status = ERROR_CODES[code].status;
    this.#challenge = options.challenge ?? {};
  }

  /** Same as `status`, under the name that `http-errors` users look for. */
  get statusCode(): number {
    return this.status;
  }

  /** The RFC 6750 section 3.1 (or RFC 9470) error code; `undefined` means a challenge without one. */
  protected get challengeError(): string | undefined {
    return undefined;
  }

  /** Whether the answer carries `WWW-Authenticate` at all. */
  protected get challenges(): boolean {
    return this.challengeError !== undefined || this.status === 401;
  }

  /** Response headers that belong to this refusal. */
  get headers(): Record<string, string> {
    if (!this.challenges) return {};
    const params = { realm: this.realm, error: this.challengeError, ...this.#challenge };
    const bearer = formatChallenge({ scheme: 'Bearer', params });
    // RFC 7617 has no words for what a good credential lacks.
    const isAboutRights = this.status === 403 || this.code === 'insufficient_user_authentication';
    const { schemes = ['Bearer'] } = isAboutRights ? {} : this;
    const challenges = schemes.map((scheme) => (scheme === 'Bearer' ? bearer : basicChallenge(this.realm)));
    return { 'WWW-Authenticate': challenges.join(', ') };
  }

  toJSON(): { name: string; code: AuthErrorCode; status: number; message: string } {
    return { name: this.name, code: this.code, status: this.status, message: this.message };
  }
}

/** 400: two credentials where one is allowed, a duplicate header, a malformed scheme. RFC 6750 section 3.1. */
export class InvalidRequestError extends AuthError {
  override readonly name: string = 'InvalidRequestError';
  constructor(code: RequestErrorCode, options?: AuthErrorOptions) {
    super(code, options);
  }
  protected override get challengeError(): string {
    return 'invalid_request';
  }
}

/** 401: no credential was presented. The challenge then carries no error code (RFC 6750 section 3.1). */
export class UnauthorizedError extends AuthError {
  override readonly name: string = 'UnauthorizedError';
  protected override get challengeError(): string | undefined {
    return this.code === 'insufficient_user_authentication' ? this.code : undefined;
  }
}

/** 401: a token was presented and is not good. RFC 6750 section 3.1. */
export class InvalidTokenError extends UnauthorizedError {
  override readonly name: string = 'InvalidTokenError';
  constructor(code: TokenErrorCode, options?: AuthErrorOptions) {
    super(code, options);
  }
  protected override get challengeError(): string {
    return 'invalid_token';
  }
}

/** 403: known, and not allowed. */
export class ForbiddenError extends AuthError {
  override readonly name: string = 'ForbiddenError';
  constructor(code: RegistrationErrorCode | PermissionErrorCode | BrowserErrorCode, options?: AuthErrorOptions) {
    super(code, options);
  }
}

/** 403: a scope is missing; the challenge names all that are needed. RFC 6750 section 3.1. */
export class InsufficientScopeError extends ForbiddenError {
  override readonly name: string = 'InsufficientScopeError';
  constructor(scopes: readonly string[]) {
    super('insufficient_scope', { challenge: { scope: scopes.join(' ') } });
  }
  protected override get challengeError(): string {
    return 'insufficient_scope';
  }
}

/** 400 or 403: a browser's sign-in cannot go on. The request carries no credential that a challenge could speak of. */
export class SignInError extends AuthError {
  override readonly name: string = 'SignInError';
  constructor(code: SignInErrorCode, options?: AuthErrorOptions) {
    super(code, options);
  }
}

/**
 * 503: keys, a store or the identity provider cannot be reached, a function of the application failed (`check_failed`),
 * or something unforeseen did (`internal_error`). Says when to try again.
 */
export class ServiceUnavailableError extends AuthError {
  override readonly name: string = 'ServiceUnavailableError';
  /** Seconds until another attempt makes sense. Default 5. */
  readonly retryAfter: number;

  constructor(code: OutageErrorCode, options: AuthErrorOptions & { retryAfter?: number } = {}) {
    super(code, options);
    this.retryAfter = Math.max(1, Math.ceil(options.retryAfter ?? 5));
  }
  override get headers(): Record<string, string> {
    return { 'Retry-After': String(this.retryAfter) };
  }
}

/** 429: something was tried too often. Says when to try again (RFC 6585 section 4). */
class RateLimitError extends AuthError {
  /** Seconds until the next attempt is possible. */
  readonly retryAfter: number;

  constructor(code: 'registration_rate_limited' | 'exchange_rate_limited', retryAfter: number) {
    super(code);
    this.retryAfter = Math.max(1, Math.ceil(retryAfter));
  }
  override get headers(): Record<string, string> {
    return { 'Retry-After': String(this.retryAfter) };
  }
}

/** 429: more people register than is allowed. */
export class RegistrationLimitError extends RateLimitError {
  override readonly name: string = 'RegistrationLimitError';

  constructor(retryAfter: number) {
    super('registration_rate_limited', retryAfter);
  }
}

/** 429: too many secrets were tried for one credential. */
export class AttemptLimitError extends RateLimitError {
  override readonly name: string = 'AttemptLimitError';

  constructor(retryAfter: number) {
    super('exchange_rate_limited', retryAfter);
  }
}

const UNFORESEEN = {};

/** Where something was thrown: the first line of its stack that names a place. */
const originOf = (thrown: unknown) => (thrown instanceof Error && /\n\s*(at .*)/.exec(thrown.stack ?? '')?.[1]) || '';

/**
 * Turns whatever was thrown into an error of this package. What nobody foresaw is a 503 `internal_error`, never a pass
 * and never a 500, and the process is warned of it once per place.
 */
export function asAuthError(thrown: unknown): AuthError {
  if (thrown instanceof AuthError) return thrown;
  warnOnce(`Something unforeseen ${originOf(thrown)}`, UNFORESEEN, thrown);
  return new ServiceUnavailableError('internal_error', { cause: thrown });
}
