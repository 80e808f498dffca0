import { InvalidRequestError, InvalidTokenError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertBoolean, assertNonEmptyString } from '../options/assertions.js';
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
 * Without the blanks around it (RFC 6265 section 5.2), and no other white space: to a browser that is part of a name,
 * so `\u00a0__Host-session` is a cookie that any host of the domain may set.
 */
function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

/** Splits `Cookie` headers as RFC 6265 section 5.4 joins them. */
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

/** cookie-parser turns a cookie with a forged signature into `false`, and `j:` cookies into objects. */
function parsedToken(value: unknown): readonly string[] {
  if (value === undefined || value === '') return [];
  if (typeof value !== 'string') throw new InvalidTokenError('token_malformed');
  return [value];
}

function readSigned(req: AuthRequest, name: string, taken: TakenHeaders | undefined): readonly string[] {
  if (req.signedCookies === undefined) {
    throw new ConfigurationError('fromCookie.signed', 'needs cookie-parser, with a secret, mounted before');
  }
  // cookie-parser keeps the first of several, and a sibling domain may have planted that one.
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
 * A cookie whose value is the token. Two cookies of the name with different values are a 400.
 *
 * @param options `signed`: the cookie is one of cookie-parser's signed cookies; cookie-parser must be
 * mounted before. A forged signature is a bad token.
 * @throws ConfigurationError without a name.
 */
export function fromCookie(name: string, options: { signed?: boolean } = {}): TokenSource {
  assertNonEmptyString('fromCookie.name', name);
  checkOptionNames('fromCookie', options, ['signed']);
  const { signed = false } = options;
  assertBoolean('fromCookie.signed', signed);
  return {
    place: `cookie ${name}`,
    read: (req, taken) => (signed ? readSigned(req, name, taken) : readPlain(req, name, taken)),
    remove: (req) => removeCookie(req, name),
  };
}
