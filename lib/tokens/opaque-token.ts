import { InvalidTokenError } from '../errors/auth-error.js';
import { MAX_TOKEN_BYTES, tooLarge } from './compact-token.js';

// Syntax `b64token` of RFC 6750 section 2.1.
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

const ALPHABET = { problem: 'has characters that no bearer token may have (RFC 6750 section 2.1)' };

/**
 * Whether a token has the form of a JWT: exactly three segments, whatever their content. Such a token is verified as a
 * JWT only, so that no malformed JWT can pass as another kind of token. Anything else is opaque, including encrypted
 * tokens with their five segments.
 */
export function hasJwtForm(token: string): boolean {
  const first = token.indexOf('.');
  const second = first === -1 ? -1 : token.indexOf('.', first + 1);
  return second !== -1 && token.indexOf('.', second + 1) === -1;
}

/**
 * Form gate for an opaque token: checks size and alphabet (RFC 6750 section 2.1).
 * @throws {InvalidTokenError} `token_too_large` or `token_malformed`.
 */
export function assertOpaqueToken(token: string): void {
  if (token.length > MAX_TOKEN_BYTES) throw tooLarge(MAX_TOKEN_BYTES);
  if (!B64TOKEN.test(token)) throw new InvalidTokenError('token_malformed', { detail: ALPHABET });
}
