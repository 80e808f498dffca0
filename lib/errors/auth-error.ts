import { challengeHeader, type Scheme } from './challenge.js';
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
 * Error that every refusal and outage is thrown as. `message` is public and equal for every bad token, because
 * frameworks print it; `code`, `reason` and `detail` tell the operator what was wrong; `status` and `headers` are what
 * an error handler needs.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 | RFC 6750 section 3.1}
 */
export class AuthError extends Error {
  override readonly name: string = 'AuthError';
  /** Precise reason as a stable code, for logs, metrics and `switch`. */
  readonly code: AuthErrorCode;
  /** HTTP status: 400, 401, 403, 429 or 503. */
  readonly status: number;
  /** Sentence that belongs to the code, out of a closed table; for the operator. */
  readonly reason: string;
  /** Facts for the operator: names, times and configured values; never a token, a secret or another claim's value. */
  readonly detail: ErrorDetail | undefined;
  /** Realm named in the challenge; set by the method or guard that refuses. */
  realm: string | undefined;
  /** Name of the auth method that refused; set by that method. */
  method: string | undefined;
  /** Schemes that a 401 asks for, set by the method or guard that refuses; `undefined` means Bearer. */
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

  /** Whether a value is an error of this class, from any copy of the package; `instanceof` knows only one copy. */
  static readonly is = isOfKind;

  /** HTTP status, equal to `status`; users of `http-errors` look for this name. */
  get statusCode(): number {
    return this.status;
  }

  /** Parameter `error` of the challenge (RFC 6750 section 3.1, RFC 9470 section 3); `undefined`: left out. */
  protected get challengeError(): string | undefined {
    return undefined;
  }

  /** Whether the answer carries `WWW-Authenticate`. */
  protected get challenges(): boolean {
    return this.challengeError !== undefined || this.status === 401;
  }

  /** Response headers of this refusal: `WWW-Authenticate`, or `Retry-After` for outages and limits. */
  get headers(): Record<string, string> {
    if (!this.challenges) return {};
    // A Basic challenge cannot tell missing rights (RFC 7617), so a Bearer challenge does.
    const isAboutRights = this.status === 403 || this.code === 'insufficient_user_authentication';
    const { schemes = ['Bearer'] } = isAboutRights ? {} : this;
    const params = { error: this.challengeError, ...this.#challenge };
    return { 'WWW-Authenticate': challengeHeader({ schemes, realm: this.realm, params }) };
  }

  /** Returns `reason` and `detail` as one to three sentences, for the operator and for `exposeReason`. */
  explain(): string {
    return sentenceOf(this.reason, this.detail);
  }

  /** Returns the error for loggers, with its causes, and without anything that looks like a credential. */
  toJSON(): SerializedAuthError {
    const { name, code, status, message, reason, detail, cause } = this;
    const own = { name, code, status, message, reason, ...(detail === undefined ? {} : { detail }) };
    return cause === undefined ? own : { ...own, cause: serializedCause(cause) };
  }
}
brandKind(AuthError, 'AuthError');

/** 400: two credentials where one is allowed, a duplicate header, or a malformed scheme (RFC 6750 section 3.1). */
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

/** 401: no credential was presented; the challenge then carries no error code (RFC 6750 section 3.1). */
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

/** 401: the presented credential is not valid (RFC 6750 section 3.1). */
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

/** 403: the principal is known, and is not allowed to do this. */
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

/** 403: a scope is missing; the challenge names every scope that the guard asks for (RFC 6750 section 3.1). */
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

/** 400 or 403: a sign-in through the browser cannot continue. No challenge: the request carries no credential. */
export class SignInError extends AuthError {
  override readonly name: string = 'SignInError';
  constructor(code: SignInErrorCode, options?: AuthErrorOptions) {
    super(code, options);
  }
}
brandKind(SignInError, 'SignInError');

/**
 * 503: keys, a store or the identity provider cannot be reached, a function of the application failed (`check_failed`),
 * or something unforeseen did (`internal_error`). The answer carries `Retry-After`.
 */
export class ServiceUnavailableError extends AuthError {
  override readonly name: string = 'ServiceUnavailableError';
  /** Seconds until the client may try again: at least 1, and 5 unless the constructor was told otherwise. */
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
 * Turns any thrown value into an {@link AuthError}. An unforeseen one becomes a 503 `internal_error`, never a pass and
 * never a 500, and the process warns of it once per place.
 */
export function asAuthError(thrown: unknown): AuthError {
  if (AuthError.is(thrown)) return thrown;
  warnUnforeseen(thrown);
  return new ServiceUnavailableError('internal_error', { cause: thrown });
}
