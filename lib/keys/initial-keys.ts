import type { JWK } from 'jose';
import { ConfigurationError } from '../errors/configuration-error.js';
import { isPlainRecord } from '../tokens/strict-json.js';
import { type JwkSetKey, type KeySetFormat, readKeySet } from './jwk-set.js';
import { isPrivateJwk } from './public-jwk.js';
import { UnusableKeyError } from './verification-key.js';

/** Keys to begin with: a JWK Set, or its list of keys. */
export type InitialKeys = { readonly keys: readonly JWK[] } | readonly JWK[];

/**
 * Reads the keys to begin with. As in a key set that is fetched, members for something else are left out; a private key
 * is refused, because what lies beside an application's code should not be one.
 * @throws {ConfigurationError} when there is a private key, or no usable one.
 */
export function readInitialKeys(option: string, given: unknown, format: KeySetFormat): readonly JwkSetKey[] {
  const set: unknown = Array.isArray(given) ? { keys: given } : given;
  const members = isPlainRecord(set) && Array.isArray(set.keys) ? set.keys : [];
  if (members.some((member) => isPlainRecord(member) && isPrivateJwk(member)))
    throw new ConfigurationError(option, 'holds a private or secret key; give the public ones');
  try {
    const { keys, dropped } = readKeySet(format, set);
    if (keys.length > 0) return keys;
    throw new UnusableKeyError(`holds no usable key${dropped[0] === undefined ? '' : `: ${dropped[0].reason}`}`);
  } catch (thrown) {
    if (!(thrown instanceof UnusableKeyError)) throw thrown;
    throw new ConfigurationError(option, thrown.message);
  }
}
