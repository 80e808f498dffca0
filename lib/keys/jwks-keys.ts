import { checkOptionNames } from '../options/check-options.js';
import { fetchJson } from './fetch-json.js';
import type { KeySource } from './key-source.js';
import { REMOTE_OPTION_NAMES, type RemoteKeyOptions, RemoteKeys } from './remote-keys.js';
import { configuredUrl } from './remote-url.js';

/** Options of {@link jwksKeys}. */
export interface JwksKeysOptions extends RemoteKeyOptions {
  /** URL of a JWK Set (RFC 7517 section 5). */
  readonly jwksUri: string;
  /** Takes plain http from other hosts than this machine. Default false. */
  readonly dangerouslyAllowHttp?: boolean | undefined;
}

/**
 * Keys from the URL of a JWK Set. Nothing is fetched before the first token, or `ready()`.
 * @throws ConfigurationError if the URL is not one that may be fetched, or for another wrong option.
 */
export function jwksKeys(given: JwksKeysOptions): KeySource {
  checkOptionNames('jwksKeys', given, [...REMOTE_OPTION_NAMES, 'jwksUri', 'dangerouslyAllowHttp']);
  const { jwksUri, dangerouslyAllowHttp = false, ...options } = given;
  const url = configuredUrl('jwksUri', jwksUri, dangerouslyAllowHttp);
  return new RemoteKeys(url.href, options, (signal) => fetchJson(url, { ca: options.ca, signal }));
}
