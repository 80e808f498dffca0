import { InvalidTokenError } from '../errors/auth-error.js';
import { MAX_TOKEN_BYTES, tooLarge } from './compact-token.js';

// RFC 6750 section 2.1: b64token
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

const ALPHABET = { problem: 'has characters that no bearer token may have (RFC 6750 section 2.1)' };

/**
 * Whether a token has the form of a JWT: exactly three segments, whatever stands in them. It is then judged as a JWT
 * and as nothing else, so that no way of writing a JWT wrongly turns it into another kind of token. Everything else
 * is opaque, encrypted tokens with their five segments among them.
 */
export function hasJwtForm(token: string): boolean {
  const first = token.indexOf('.');
  const second = first === -1 ? -1 : token.indexOf('.', first + 1);
  return second !== -1 && token.indexOf('.', second + 1) === -1;
}

/**
 * The form gate for a token that only its issuer can read: size and alphabet (RFC 6750 section 2.1).
 * @throws InvalidTokenError `token_too_large` or `token_malformed`.
 */
export function assertOpaqueToken(token: string): void {
  if (token.length > MAX_TOKEN_BYTES) throw tooLarge(MAX_TOKEN_BYTES);
  if (!B64TOKEN.test(token)) throw new InvalidTokenError('token_malformed', { detail: ALPHABET });
}
