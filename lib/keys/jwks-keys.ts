import { fetchJson } from './fetch-json.js';
import type { KeySource } from './key-source.js';
import { type RemoteKeyOptions, RemoteKeys } from './remote-keys.js';
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
 * @throws ConfigurationError if the URL is not one that may be fetched.
 */
export function jwksKeys({ jwksUri, dangerouslyAllowHttp = false, ...options }: JwksKeysOptions): KeySource {
  const url = configuredUrl('jwksUri', jwksUri, dangerouslyAllowHttp);
  return new RemoteKeys(url.href, options, (signal) => fetchJson(url, { ca: options.ca, signal }));
}
