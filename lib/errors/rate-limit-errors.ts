import { AuthError } from './auth-error.js';
import { brandKind } from './error-brand.js';

/**
 * 429: something was tried too often. The answer carries `Retry-After`.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6585#section-4 | RFC 6585 section 4}
 */
class RateLimitError extends AuthError {
  /** Seconds until the next attempt is possible, at least 1. */
  readonly retryAfter: number;

  constructor(code: 'registration_rate_limited' | 'exchange_rate_limited', retryAfter: number) {
    super(code);
    this.retryAfter = Math.max(1, Math.ceil(retryAfter));
  }
  override get headers(): Record<string, string> {
    return { 'Retry-After': String(this.retryAfter) };
  }
}
brandKind(RateLimitError, 'RateLimitError');

/** 429: more people registered than `users.registration` allows. */
export class RegistrationLimitError extends RateLimitError {
  override readonly name: string = 'RegistrationLimitError';

  constructor(retryAfter: number) {
    super('registration_rate_limited', retryAfter);
  }
}
brandKind(RegistrationLimitError, 'RegistrationLimitError');

/** 429: too many secrets or tokens were tried. */
export class AttemptLimitError extends RateLimitError {
  override readonly name: string = 'AttemptLimitError';

  constructor(retryAfter: number) {
    super('exchange_rate_limited', retryAfter);
  }
}
brandKind(AttemptLimitError, 'AttemptLimitError');
