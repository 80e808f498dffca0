import { ConfigurationError } from '../errors/configuration-error.js';
import { undefinedOption } from './assertions.js';

const KEY_BYTES = 32;
const BASE64_KEY = /^[A-Za-z0-9+/_-]{43}=?$/;

/**
 * Reads a key of 32 bytes for AES-256, given as bytes, in base64 or in base64url.
 * @throws {ConfigurationError} when it is anything else.
 */
export function readEncryptionKey(option: string, given: unknown): Uint8Array {
  if (given === undefined) throw undefinedOption(option);
  const bytes = typeof given === 'string' && BASE64_KEY.test(given) ? Buffer.from(given, 'base64') : given;
  if (!(bytes instanceof Uint8Array) || bytes.byteLength !== KEY_BYTES) {
    throw new ConfigurationError(option, `expects ${KEY_BYTES} bytes, as a Uint8Array or in base64`);
  }
  // A copy, so that later changes to the given bytes have no effect.
  return Uint8Array.from(bytes);
}
