import { SignInError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertStrings } from '../options/assertions.js';

// Printable ASCII without `\`: browsers read `\` as `/`, and remove tabs and line ends (WHATWG URL section 4.4).
const PLAIN = /^[\x21-\x5b\x5d-\x7e]+$/;
const PATH = /^\/(?!\/)/;
const ABSOLUTE = /^https?:\/\/[^/?#@]/;

function isReturnUrl(url: string): boolean {
  if (!PLAIN.test(url)) return false;
  if (PATH.test(url)) return true;
  return ABSOLUTE.test(url) && URL.canParse(url) && new URL(url).username === '' && new URL(url).password === '';
}

/** Allowed return targets after a sign-in. */
export interface ReturnUrls {
  /**
   * Chooses the URL that a query asks for, or the first allowed one if it asks for none.
   * @throws {SignInError} when the query asks for another URL, or for several (`return_url_not_allowed`).
   */
  choose(asked: readonly string[]): string;
}

/**
 * Resolves the list of allowed return targets.
 * @throws {ConfigurationError} when the list is empty, or an entry is neither a path nor an http(s) URL.
 */
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
