import { ConfigurationError } from '../errors/configuration-error.js';
import { assertNonEmptyString } from '../options/assertions.js';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Says why a URL must not be fetched; `undefined` if it may. Plain http is for the loopback address, unless allowed. */
export function urlProblem(url: URL, allowHttp: boolean): string | undefined {
  if (url.username !== '' || url.password !== '') return 'must not carry a user name or password';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:') return 'must be an https URL';
  if (allowHttp || LOOPBACK.test(url.hostname)) return undefined;
  return 'must be an https URL; dangerouslyAllowHttp: true takes plain http';
}

/**
 * Reads a URL out of the configuration.
 * @throws {ConfigurationError} when it is no URL, or may not be fetched.
 */
export function configuredUrl(option: string, value: unknown, allowHttp = false): URL {
  if (value instanceof URL) throw new ConfigurationError(option, 'is a URL object; give its text: url.href');
  assertNonEmptyString(option, value);
  if (typeof value === 'string' && !URL.canParse(value)) {
    const isQuoted = /^["'].*["']$/.test(value);
    const cure = isQuoted ? 'quotes stand around it' : 'it begins with its scheme, as in https://login.example.com';
    throw new ConfigurationError(option, `is not a URL: ${cure}`);
  }
  const url = new URL(value);
  const problem = urlProblem(url, allowHttp);
  if (problem !== undefined) throw new ConfigurationError(option, problem);
  return url;
}
