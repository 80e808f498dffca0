import { SignInError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertStrings } from '../options/assertions.js';

// Browsers read `\` as `/`, and drop tabs and line ends (WHATWG URL section 4.4): nothing that two readers see otherwise.
const PLAIN = /^[\x21-\x5b\x5d-\x7e]+$/;
const PATH = /^\/(?!\/)/;
const ABSOLUTE = /^https?:\/\/[^/?#@]/;

function isReturnUrl(url: string): boolean {
  if (!PLAIN.test(url)) return false;
  if (PATH.test(url)) return true;
  return ABSOLUTE.test(url) && URL.canParse(url) && new URL(url).username === '' && new URL(url).password === '';
}

/** Where browsers may be sent after a sign-in. */
export interface ReturnUrls {
  /** The one address that a query asks for, or the first of the list. @throws SignInError `return_url_not_allowed` */
  choose(asked: readonly string[]): string;
}

/** @throws ConfigurationError for an empty list, or an entry that is neither a path nor an http(s) URL. */
export function resolveReturnUrls(option: string, given: readonly string[]): ReturnUrls {
  assertStrings(option, given);
  const [first] = given;
  if (first === undefined) throw new ConfigurationError(option, 'expects at least one address');
  const wrong = given.findIndex((url) => !isReturnUrl(url));
  if (wrong !== -1)
    throw new ConfigurationError(`${option}[${wrong}]`, 'expects an http(s) URL, or a path that begins with one /');
  const allowed = new Set(given);
  return {
    choose(asked) {
      const [wanted = first] = asked;
      if (asked.length > 1 || !allowed.has(wanted)) throw new SignInError('return_url_not_allowed');
      return wanted;
    },
  };
}
