/** Codes of a request that is ambiguous or unreadable: 400. */
export type RequestErrorCode = 'credentials_ambiguous' | 'request_malformed' | 'transport_insecure';

/** Codes of a presented credential that is not valid: 401 with `error="invalid_token"`. */
export type TokenErrorCode =
  | 'token_malformed'
  | 'token_too_large'
  | 'algorithm_not_allowed'
  | 'key_not_found'
  | 'signature_invalid'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_lifetime_exceeded'
  | 'issuer_unknown'
  | 'audience_mismatch'
  | 'claim_missing'
  | 'claim_invalid'
  | 'credential_unknown'
  | 'credential_disabled'
  | 'token_revoked'
  | 'peer_untrusted'
  | 'exchange_rejected';

/**
 * Codes of a person with a valid token whose user record, or lack of one, does not admit them: 403 without a challenge.
 */
export type RegistrationErrorCode =
  | 'user_not_registered'
  | 'user_disabled'
  | 'user_pending'
  | 'registration_denied'
  | 'account_link_required';

/** Codes of a principal that lacks a right: 403. */
export type PermissionErrorCode =
  | 'insufficient_scope'
  | 'insufficient_group'
  | 'insufficient_role'
  | 'insufficient_claim';

/** Codes of a request that another site made a browser send: 403. */
export type BrowserErrorCode = 'cross_site_request';

/** Codes of a sign-in through the browser that cannot continue: 400, or 403 where another browser began it. */
export type SignInErrorCode =
  | 'state_invalid'
  | 'state_expired'
  | 'state_replayed'
  | 'state_of_another_browser'
  | 'return_url_not_allowed';

/** Codes of an outage, which is never the client's fault: 503 with `Retry-After`. */
export type OutageErrorCode =
  | 'keys_unavailable'
  | 'introspection_unavailable'
  | 'exchange_unavailable'
  | 'provisioning_unavailable'
  | 'store_unavailable'
  | FaultErrorCode;

/** Codes of a fault in code: a function of the application threw, or something unforeseen happened. */
type FaultErrorCode = 'check_failed' | 'internal_error';

/** Every code that an {@link AuthError} can carry. Codes are stable: renaming one is a breaking change. */
export type AuthErrorCode =
  | 'credentials_missing'
  | 'insufficient_user_authentication'
  | 'registration_rate_limited'
  | 'exchange_rate_limited'
  | RequestErrorCode
  | TokenErrorCode
  | RegistrationErrorCode
  | PermissionErrorCode
  | BrowserErrorCode
  | SignInErrorCode
  | OutageErrorCode;

interface CodeEntry {
  readonly status: 400 | 401 | 403 | 429 | 503;
  readonly message: string;
  /** Text of `error.message` where the client must not learn the precise reason; `message` otherwise. */
  readonly publicMessage?: string;
}

/** Status and public message of every bad token: equal, so that a client cannot tell the reasons apart. */
const BAD_TOKEN = { status: 401, publicMessage: 'The token is not valid.' } as const;

/**
 * Status and sentence of every code. The sentences are constants, so that nothing a client sent can reach a log through
 * `error.message`.
 */
const ERROR_CODES: Readonly<Record<AuthErrorCode, CodeEntry>> = {
  credentials_missing: { status: 401, message: 'The request carries no credential.' },
  insufficient_user_authentication: { status: 401, message: 'The sign-in is too old or too weak for this.' },
  credentials_ambiguous: { status: 400, message: 'The request carries more than one credential where one is allowed.' },
  request_malformed: { status: 400, message: 'The credential is not written as its scheme requires.' },
  transport_insecure: { status: 400, message: 'The credential came over a connection without TLS.' },
  token_malformed: { ...BAD_TOKEN, message: 'The token is not a well-formed compact JWT.' },
  token_too_large: { ...BAD_TOKEN, message: 'The token is larger than allowed.' },
  algorithm_not_allowed: { ...BAD_TOKEN, message: 'The signature algorithm is not the one that was configured.' },
  key_not_found: { ...BAD_TOKEN, message: 'No configured key fits the token.' },
  signature_invalid: { ...BAD_TOKEN, message: 'The signature does not match.' },
  token_expired: { ...BAD_TOKEN, message: 'The token has expired.' },
  token_not_yet_valid: { ...BAD_TOKEN, message: 'The token is not valid yet.' },
  token_lifetime_exceeded: { ...BAD_TOKEN, message: 'The token lives longer than allowed.' },
  issuer_unknown: { ...BAD_TOKEN, message: 'The issuer is not configured.' },
  audience_mismatch: { ...BAD_TOKEN, message: 'The token was issued for another audience.' },
  claim_missing: { ...BAD_TOKEN, message: 'A required claim is missing.' },
  claim_invalid: { ...BAD_TOKEN, message: 'A claim has a wrong type or value.' },
  credential_unknown: { ...BAD_TOKEN, message: 'The credential is not known.' },
  credential_disabled: { ...BAD_TOKEN, message: 'The credential is disabled, not valid yet, or expired.' },
  token_revoked: { ...BAD_TOKEN, message: 'The token has been revoked.' },
  peer_untrusted: { ...BAD_TOKEN, message: 'The token was not put there by a trusted proxy.' },
  exchange_rejected: { ...BAD_TOKEN, message: 'The identity provider did not accept the credentials.' },
  user_not_registered: { status: 403, message: 'The user is not registered.' },
  user_disabled: { status: 403, message: 'The user is disabled.' },
  user_pending: { status: 403, message: 'The user has not been approved yet.' },
  registration_denied: { status: 403, message: 'The user may not register.' },
  account_link_required: { status: 403, message: 'The account exists and must be linked first.' },
  registration_rate_limited: { status: 429, message: 'Too many people are registering just now.' },
  exchange_rate_limited: { status: 429, message: 'Too many attempts were made.' },
  insufficient_scope: { status: 403, message: 'A required scope is missing.' },
  insufficient_group: { status: 403, message: 'A required group is missing.' },
  insufficient_role: { status: 403, message: 'A required role is missing.' },
  insufficient_claim: { status: 403, message: 'A required claim is missing or different.' },
  cross_site_request: { status: 403, message: 'The request comes from another site.' },
  state_invalid: { status: 400, message: 'The sign-in was not begun here, or was changed on its way.' },
  state_expired: { status: 400, message: 'The sign-in has taken too long.' },
  state_replayed: { status: 400, message: 'The sign-in has been completed before.' },
  state_of_another_browser: { status: 403, message: 'The sign-in was begun in another browser.' },
  return_url_not_allowed: { status: 400, message: 'The address to return to is not on the list.' },
  keys_unavailable: { status: 503, message: 'The verification keys cannot be loaded.' },
  introspection_unavailable: { status: 503, message: 'The introspection endpoint does not answer.' },
  exchange_unavailable: { status: 503, message: 'The token endpoint does not answer.' },
  provisioning_unavailable: { status: 503, message: 'The user store does not answer.' },
  store_unavailable: { status: 503, message: 'A store does not answer.' },
  check_failed: { status: 503, message: 'A function of the application failed.' },
  internal_error: { status: 503, message: 'Something went wrong that was not foreseen.' },
};

/**
 * Returns the table entry of a code.
 * @throws {TypeError} when the table has no such code, which only plain JavaScript can pass.
 */
export function entryOf(code: AuthErrorCode): CodeEntry {
  if (!Object.hasOwn(ERROR_CODES, code)) {
    throw new TypeError(`${String(code)} is not a code of this package; it has ${Object.keys(ERROR_CODES).join(', ')}`);
  }
  return ERROR_CODES[code];
}
