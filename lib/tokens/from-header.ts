import { InvalidRequestError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { checkOptionNames } from '../options/check-options.js';
import { dashedName, type HeaderReading, readHeader, removeHeader } from './headers.js';
import type { TokenSource } from './token-source.js';

// RFC 9110 section 5.6.2: token = 1*tchar
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// Values that a proxy joined (RFC 9110 section 5.3). A token holds no comma; one that is JSON holds quotes as well.
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
 * Whether what stands behind a scheme is not one word (RFC 6750 section 2.1), as in `Bearer a b` or `Bearer Bearer x`.
 * A JWS or JWE with blanks in it is a token, and a bad one.
 */
function isSeveralWords(text: string, scheme: string): boolean {
  if (!text.includes(' ') && !text.includes('\t')) return false;
  const [first = '', ...others] = text.split(/[ \t]+/);
  return others.length > 0 && (first.toLowerCase() === scheme || !/[.{]/.test(text));
}

/**
 * Reads `<scheme> <token>` as RFC 9110 section 11.4 writes credentials: the scheme in any case, then one
 * or more spaces, then the token, which is one word. Another scheme is somebody else's credential and not an error.
 */
function afterScheme(value: string, scheme: string): string | undefined {
  const space = value.indexOf(' ');
  const written = space === -1 ? value : value.slice(0, space);
  if (written.toLowerCase() !== scheme) {
    if (!TOKEN.test(written)) throw new InvalidRequestError('request_malformed', NO_SCHEME);
    // Somebody else's credential with one of ours behind it.
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

/** The source that `fromBearer` and `fromHeader` share. `name` is lower case, spelled as it is expected. */
function headerSource(name: string, scheme: string | undefined): TokenSource {
  return {
    place: `header ${dashedName(name)}`,
    // Authorization stays where it is: it is not an identity header of a proxy, and handlers may forward it.
    ...(name === 'authorization' ? {} : { identityHeader: name }),
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

// One for all, so that methods which share it are seen to read the same place.
const BEARER = headerSource('authorization', 'bearer');
const BASIC = headerSource('authorization', 'basic');

/**
 * `Authorization: Bearer <token>` (RFC 6750 section 2.1); the default source of every method.
 * The header twice, or anything but one word after `Bearer`, is a 400; another scheme is no credential of this kind.
 */
export function fromBearer(): TokenSource {
  return BEARER;
}

/** `Authorization: Basic <id and secret>` (RFC 7617 section 2), by the same rules. */
export function fromBasic(): TokenSource {
  return BASIC;
}

/**
 * A header of its own, for example one that a gateway writes. The header is taken off every request, with `_`
 * equal to `-`; one that is spelled with the other of the two, sent twice, or joined of two is a 400.
 *
 * @param name the header's name, in any case.
 * @param options `scheme`: the scheme that must stand before the token; without it the whole value is the token.
 * @throws ConfigurationError if the name or the scheme is not one that HTTP allows.
 */
export function fromHeader(name: string, options: { scheme?: string } = {}): TokenSource {
  checkOptionNames('fromHeader', options, ['scheme']);
  if (!isToken(name)) throw new ConfigurationError('fromHeader.name', 'expects a header name');
  if (options.scheme !== undefined && !isToken(options.scheme)) {
    throw new ConfigurationError('fromHeader.scheme', 'expects an authentication scheme, for example "Bearer"');
  }
  return headerSource(name.toLowerCase(), options.scheme?.toLowerCase());
}
