import { basicChallenge, formatChallenge, type Scheme } from './challenge.js';
import { brandKind, isOfKind } from './error-brand.js';
import {
  type AuthErrorCode,
  type BrowserErrorCode,
  entryOf,
  type OutageErrorCode,
  type PermissionErrorCode,
  type RegistrationErrorCode,
  type RequestErrorCode,
  type SignInErrorCode,
  type TokenErrorCode,
} from './error-codes.js';
import {
  type AuthErrorOptions,
  type ErrorDetail,
  type SerializedAuthError,
  sentenceOf,
  serializedCause,
} from './error-detail.js';
import { warnUnforeseen } from './warnings.js';

/**
 * Every refusal of this package. `code` is stable and precise; `message` is public and the same for every bad token,
 * because frameworks print it; `reason` and `detail` say what exactly was wrong; `status` with `headers` are what an
 * error handler needs to answer correctly.
 */
export class AuthError extends Error {
  override readonly name: string = 'AuthError';
  /** Stable and precise; for logs, metrics and `switch`. */
  readonly code: AuthErrorCode;
  /** HTTP status: 400, 401, 403, 429 or 503. */
  readonly status: number;
  /** The precise sentence of the code, out of a closed table; for the operator. */
  readonly reason: string;
  /** What exactly was wrong: names, times and configured values; never a token, a secret or another claim's value. */
  readonly detail: ErrorDetail | undefined;
  /** The protection space named in the challenge; set by the method or guard that refuses. */
  realm: string | undefined;
  /** Name of the auth method that refused; set by it. */
  method: string | undefined;
  /** The schemes that whoever refused takes, set by it; a 401 names them all. Bearer where nobody says. */
  schemes: readonly Scheme[] | undefined;
  readonly #challenge: Readonly<Record<string, string | undefined>>;

  constructor(code: AuthErrorCode, options: AuthErrorOptions = {}) {
    const { status, message, publicMessage = message } = entryOf(code);
    super(publicMessage, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.status = status;
    this.reason = message;
    this.detail = options.detail;
    this.#challenge = options.challenge ?? {};
  }

  /**
   * Whether a value is an error of this class, from whichever copy of the package: for `instanceof`, which knows only
   * the classes of its own copy.
   */
  static readonly is = isOfKind;

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

  /** `reason` and `detail` in a sentence or two, for the operator and for `exposeReason`. */
  explain(): string {
    return sentenceOf(this.reason, this.detail);
  }

  /** For loggers: with the messages of its causes, and without anything that looks like a credential. */
  toJSON(): SerializedAuthError {
    const { name, code, status, message, reason, detail, cause } = this;
    const own = { name, code, status, message, reason, ...(detail === undefined ? {} : { detail }) };
    return cause === undefined ? own : { ...own, cause: serializedCause(cause) };
  }
}
brandKind(AuthError, 'AuthError');

/** 400: two credentials where one is allowed, a duplicate header, a malformed scheme. RFC 6750 section 3.1. */
export class InvalidRequestError extends AuthError {
  override readonly name: string = 'InvalidRequestError';
  constructor(code: RequestErrorCode = 'request_malformed', options?: AuthErrorOptions) {
    super(code, options);
  }
  protected override get challengeError(): string {
    return 'invalid_request';
  }
}
brandKind(InvalidRequestError, 'InvalidRequestError');

/** 401: no credential was presented. The challenge then carries no error code (RFC 6750 section 3.1). */
export class UnauthorizedError extends AuthError {
  override readonly name: string = 'UnauthorizedError';
  constructor(code: AuthErrorCode = 'credentials_missing', options?: AuthErrorOptions) {
    super(code, options);
  }
  protected override get challengeError(): string | undefined {
    return this.code === 'insufficient_user_authentication' ? this.code : undefined;
  }
}
brandKind(UnauthorizedError, 'UnauthorizedError');

/** 401: a token was presented and is not good. RFC 6750 section 3.1. */
export class InvalidTokenError extends UnauthorizedError {
  override readonly name: string = 'InvalidTokenError';
  constructor(code: TokenErrorCode = 'claim_invalid', options?: AuthErrorOptions) {
    super(code, options);
  }
  protected override get challengeError(): string {
    return 'invalid_token';
  }
}
brandKind(InvalidTokenError, 'InvalidTokenError');

/** 403: known, and not allowed. */
export class ForbiddenError extends AuthError {
  override readonly name: string = 'ForbiddenError';
  constructor(
    code: RegistrationErrorCode | PermissionErrorCode | BrowserErrorCode = 'insufficient_claim',
    options?: AuthErrorOptions,
  ) {
    super(code, options);
  }
}
brandKind(ForbiddenError, 'ForbiddenError');

/** 403: a scope is missing; the challenge names all that are needed. RFC 6750 section 3.1. */
export class InsufficientScopeError extends ForbiddenError {
  override readonly name: string = 'InsufficientScopeError';
  constructor(scopes: readonly string[] = [], options: AuthErrorOptions = {}) {
    super('insufficient_scope', { challenge: { scope: scopes.join(' ') || undefined }, ...options });
  }
  protected override get challengeError(): string {
    return 'insufficient_scope';
  }
}
brandKind(InsufficientScopeError, 'InsufficientScopeError');

/** 400 or 403: a browser's sign-in cannot go on. The request carries no credential that a challenge could speak of. */
export class SignInError extends AuthError {
  override readonly name: string = 'SignInError';
  constructor(code: SignInErrorCode, options?: AuthErrorOptions) {
    super(code, options);
  }
}
brandKind(SignInError, 'SignInError');

/**
 * 503: keys, a store or the identity provider cannot be reached, a function of the application failed (`check_failed`),
 * or something unforeseen did (`internal_error`). Says when to try again.
 */
export class ServiceUnavailableError extends AuthError {
  override readonly name: string = 'ServiceUnavailableError';
  /** Seconds until another attempt makes sense. Default 5. */
  readonly retryAfter: number;

  constructor(code: OutageErrorCode = 'internal_error', options: AuthErrorOptions & { retryAfter?: number } = {}) {
    super(code, options);
    this.retryAfter = Math.max(1, Math.ceil(options.retryAfter ?? 5));
  }
  override get headers(): Record<string, string> {
    return { 'Retry-After': String(this.retryAfter) };
  }
}
brandKind(ServiceUnavailableError, 'ServiceUnavailableError');

/**
 * Turns whatever was thrown into an error of this package. What nobody foresaw is a 503 `internal_error`, never a pass
 * and never a 500, and the process is warned of it once per place.
 */
export function asAuthError(thrown: unknown): AuthError {
  if (AuthError.is(thrown)) return thrown;
  warnUnforeseen(thrown);
  return new ServiceUnavailableError('internal_error', { cause: thrown });
}
