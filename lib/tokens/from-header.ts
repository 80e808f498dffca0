import { InvalidRequestError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { checkOptionNames } from '../options/check-options.js';
import { described } from '../options/described.js';
import { dashedName, type HeaderReading, readHeader, removeHeader } from './headers.js';
import type { TokenSource } from './token-source.js';

// Syntax `token` of RFC 9110 section 5.6.2.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// Two values joined by a proxy (RFC 9110 section 5.3). A token has no comma, except one that is JSON, which has quotes
// too.
const JOINED = /^[\w\-.~+/= ]*,[\w\-.~+/=, ]*$/;

const JOINED_VALUES = { detail: { problem: 'the header holds two values, joined by a comma' } };
const NO_SCHEME = { detail: { problem: 'the header does not begin with the name of a scheme' } };
const NO_TOKEN = { detail: { problem: 'nothing stands behind the scheme' } };
const SEVERAL_WORDS = { detail: { problem: 'several words stand behind the scheme' } };
const ALIASED = {
  detail: { problem: 'the name of the header is written with _ in place of -, or the other way round' },
};
const TWICE = { detail: { problem: 'the header was sent twice' } };

const isToken = (text: unknown) => typeof text === 'string' && TOKEN.test(text);

function unjoined(token: string): string {
  if (token.includes(',') && JOINED.test(token)) throw new InvalidRequestError('credentials_ambiguous', JOINED_VALUES);
  return token;
}

/**
 * Whether the text behind a scheme is more than one word (RFC 6750 section 2.1), as in `Bearer a b` or `Bearer Bearer
 * x`. A JWS or JWE with blanks in it counts as one malformed token.
 */
function isSeveralWords(text: string, scheme: string): boolean {
  if (!text.includes(' ') && !text.includes('\t')) return false;
  const [first = '', ...others] = text.split(/[ \t]+/);
  return others.length > 0 && (first.toLowerCase() === scheme || !/[.{]/.test(text));
}

/**
 * Reads `<scheme> <token>` (RFC 9110 section 11.4): the scheme in any case, one or more spaces, and the token, which is
 * one word. Another scheme returns `undefined`: that credential belongs to another method and is no error.
 * @throws {InvalidRequestError} `request_malformed` or `credentials_ambiguous`.
 */
function afterScheme(value: string, scheme: string): string | undefined {
  const space = value.indexOf(' ');
  const written = space === -1 ? value : value.slice(0, space);
  if (written.toLowerCase() !== scheme) {
    if (!TOKEN.test(written)) throw new InvalidRequestError('request_malformed', NO_SCHEME);
    // A credential of another scheme, joined by a comma with one of this scheme, is ambiguous.
    const others = value.toLowerCase().split(',').slice(1);
    if (others.some((part) => part.trimStart().startsWith(`${scheme} `)))
      throw new InvalidRequestError('credentials_ambiguous', JOINED_VALUES);
    return undefined;
  }
  let start = written.length;
  while (value[start] === ' ') start += 1;
  if (start === value.length) throw new InvalidRequestError('request_malformed', NO_TOKEN);
  const token = unjoined(value.slice(start));
  if (isSeveralWords(token, scheme)) throw new InvalidRequestError('request_malformed', SEVERAL_WORDS);
  return token;
}

function singleValue({ values, aliased }: HeaderReading): string | undefined {
  if (aliased) throw new InvalidRequestError('request_malformed', ALIASED);
  if (values.length > 1) throw new InvalidRequestError('credentials_ambiguous', TWICE);
  return values[0] === '' ? undefined : values[0];
}

/**
 * Makes a source over a header; shared by `fromBearer`, `fromBasic` and `fromHeader`. `name` is in lower case, spelled
 * as expected.
 */
function headerSource(name: string, scheme: string | undefined): TokenSource {
  return {
    place: `header ${dashedName(name)}`,
    // Authorization stays on the request: it is not an identity header of a proxy, and handlers may forward it.
    ...(name === 'authorization' ? {} : { identityHeader: name }),
    ...(scheme === undefined ? {} : { prefix: scheme }),
    ...(scheme === 'basic' ? { scheme: 'Basic' as const } : {}),
    read(req, taken) {
      const value = singleValue(readHeader(req, name, taken));
      if (value === undefined) return [];
      const token = scheme === undefined ? unjoined(value) : afterScheme(value, scheme);
      return token === undefined ? [] : [token];
    },
    remove: (req) => removeHeader(req, name),
  };
}

// One object for all methods, by which methods that share a source are recognised.
const BEARER = headerSource('authorization', 'bearer');
const BASIC = headerSource('authorization', 'basic');

/**
 * Token source: `Authorization: Bearer <token>`; the default of every method. A duplicate header, or anything but one
 * word after `Bearer`, is a 400. Another scheme counts as no credential.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 | RFC 6750 section 2.1}
 */
export function fromBearer(): TokenSource {
  return BEARER;
}

/**
 * Token source: `Authorization: Basic <id and secret>`. A duplicate header, or anything but one word after `Basic`, is
 * a 400. Another scheme counts as no credential.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7617#section-2 | RFC 7617 section 2}
 */
export function fromBasic(): TokenSource {
  return BASIC;
}

/**
 * Checks the name of a header.
 *
 * @throws {ConfigurationError} when it is not.
 */
function assertHeaderName(option: string, name: unknown): void {
  if (isToken(name)) return;
  const isWritten = typeof name === 'string' && name.includes(':');
  const given = isWritten ? 'this has a colon: write the name alone' : `this is ${described(name)}`;
  throw new ConfigurationError(option, `expects a header name such as "x-token", and ${given}`);
}

/**
 * Token source: a header of its own, for example one that a gateway sets. The header is removed from every request, in
 * spellings with `_` and with `-`. A header in the other spelling, a duplicate one, or two values joined by a comma is
 * a 400.
 * @param name name of the header, in any case.
 * @param options `scheme`: the scheme that must stand before the token; without it the whole value is the token.
 * @throws {ConfigurationError} when HTTP does not allow the name or the scheme.
 */
export function fromHeader(name: string, options: { scheme?: string } = {}): TokenSource {
  checkOptionNames('fromHeader', options, ['scheme']);
  assertHeaderName('fromHeader.name', name);
  if (options.scheme !== undefined && !isToken(options.scheme)) {
    throw new ConfigurationError('fromHeader.scheme', 'expects an authentication scheme, for example "Bearer"');
  }
  return headerSource(name.toLowerCase(), options.scheme?.toLowerCase());
}
