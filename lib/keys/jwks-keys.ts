import { checkOptionNames } from '../options/check-options.js';
import { fetchJson } from './fetch-json.js';
import { resolveKeyRequest } from './key-request.js';
import type { KeySource } from './key-source.js';
import { KEY_SET_OPTION_NAMES, type KeySetOptions, RemoteKeys } from './remote-keys.js';
import { configuredUrl } from './remote-url.js';

/** Options of {@link jwksKeys}. */
export interface JwksKeysOptions extends KeySetOptions {
  /** URL of a JWK Set (RFC 7517 section 5). */
  readonly jwksUri: string;
  /**
   * Takes plain http from other hosts than this machine.
   * @default false
   */
  readonly dangerouslyAllowHttp?: boolean | undefined;
}

/**
 * Creates a source of keys from the URL of a key set. Nothing is fetched before the first token, or `ready()`.
 * @throws {ConfigurationError} when the URL may not be fetched, or another option is wrong.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517#section-5 | RFC 7517 section 5}
 */
export function jwksKeys(given: JwksKeysOptions): KeySource {
  checkOptionNames('jwksKeys', given, [...KEY_SET_OPTION_NAMES, 'jwksUri', 'dangerouslyAllowHttp']);
  const { jwksUri, dangerouslyAllowHttp = false, ...options } = given;
  const url = configuredUrl('jwksUri', jwksUri, dangerouslyAllowHttp);
  const how = { ca: options.ca, keyRequest: resolveKeyRequest('keyRequest', options.keyRequest, url) };
  return new RemoteKeys(url.href, options, (signal) => fetchJson(url, { ...how, signal }));
}
