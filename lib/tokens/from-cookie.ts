import { InvalidRequestError, InvalidTokenError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertBoolean, assertPlaceName } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { readHeader, removeHeader, replaceHeader, type TakenHeaders } from './headers.js';
import type { AuthRequest } from './request.js';
import type { TokenSource } from './token-source.js';

interface CookiePair {
  readonly name: string;
  readonly value: string;
  readonly written: string;
}

const isBlank = (character: string | undefined) => character === ' ' || character === '\t';

/**
 * Removes surrounding blanks and tabs (RFC 6265 section 5.2), and no other white space: browsers count that as part of
 * a name, so any host of the domain may set a cookie `\u00a0__Host-session`.
 */
function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

/** Splits `Cookie` headers into pairs (RFC 6265 section 5.4). */
function cookiePairs(req: AuthRequest, taken: TakenHeaders | undefined): CookiePair[] {
  return readHeader(req, 'cookie', taken).values.flatMap((header) =>
    header.split(';').map((part) => {
      const equals = part.indexOf('=');
      const value = trimmed(part.slice(equals + 1));
      const name = equals === -1 ? '' : trimmed(part.slice(0, equals));
      return { name, value: value.replace(/^"(.*)"$/, '$1'), written: trimmed(part) };
    }),
  );
}

function writtenValues(req: AuthRequest, name: string, taken: TakenHeaders | undefined): string[] {
  return cookiePairs(req, taken).flatMap((pair) => (pair.name === name && pair.value !== '' ? [pair.value] : []));
}

function parsedCookie(parsed: unknown, name: string): unknown {
  return typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, name)
    ? (parsed as Record<string, unknown>)[name]
    : undefined;
}

/**
 * Returns the value of a cookie that cookie-parser parsed. It turns a forged signature into `false`, and `j:` cookies
 * into objects, which are refused.
 */
function parsedToken(value: unknown): readonly string[] {
  if (value === undefined || value === '') return [];
  if (typeof value !== 'string') throw new InvalidTokenError('token_malformed');
  return [value];
}

function readSigned(req: AuthRequest, name: string, taken: TakenHeaders | undefined): readonly string[] {
  if (req.signedCookies === undefined) {
    throw new ConfigurationError('fromCookie.signed', 'needs cookie-parser, with a secret, mounted before');
  }
  // cookie-parser keeps the first of several cookies, which another host of the domain may have set.
  if (new Set(writtenValues(req, name, taken)).size > 1) throw new InvalidRequestError('credentials_ambiguous');
  return parsedToken(parsedCookie(req.signedCookies, name));
}

function readPlain(req: AuthRequest, name: string, taken: TakenHeaders | undefined): readonly string[] {
  const written = writtenValues(req, name, taken);
  if (written.length > 0) return written;
  return req.headers.cookie === undefined ? parsedToken(parsedCookie(req.cookies, name)) : [];
}

function removeCookie(req: AuthRequest, name: string): void {
  const kept = cookiePairs(req, undefined)
    .filter((pair) => pair.name !== name)
    .map((pair) => pair.written)
    .join('; ');
  if (kept === '') removeHeader(req, 'cookie');
  else replaceHeader(req, 'cookie', kept);
  for (const parsed of [req.cookies, req.signedCookies]) {
    if (typeof parsed === 'object' && parsed !== null) delete (parsed as Record<string, unknown>)[name];
  }
}

/**
 * Token source: a cookie whose value is the token. Two cookies of this name with different values are a 400.
 * @param options `signed`: the cookie is a signed cookie of cookie-parser, which must be mounted before; a forged
 * signature is a bad token.
 * @throws {ConfigurationError} when the name is empty.
 */
export function fromCookie(name: string, options: { signed?: boolean } = {}): TokenSource {
  assertPlaceName('fromCookie.name', name);
  checkOptionNames('fromCookie', options, ['signed']);
  const { signed = false } = options;
  assertBoolean('fromCookie.signed', signed);
  return {
    place: `cookie ${name}`,
    read: (req, taken) => (signed ? readSigned(req, name, taken) : readPlain(req, name, taken)),
    remove: (req) => removeCookie(req, name),
  };
}
