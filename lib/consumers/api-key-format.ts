import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ConfigurationError } from '../errors/configuration-error.js';

// Format of a key: <prefix>_<id>_<secret><checksum>, all base62 and underscores, so that a double click selects the
// whole key. The checksum tells a key from a typing error without a look-up, also to secret scanners (as in GitHub's
// tokens).

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 16;
const SECRET_BYTES = 32;
/** Base62 digits that hold 256 bits: 62^43 is just above 2^256. */
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;

const PREFIX = /^[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*$/;
const MAX_PREFIX_LENGTH = 32;
const KEY = new RegExp(`^(.+)_([0-9A-Za-z]{${ID_LENGTH}})_([0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}})$`, 's');
const MAX_KEY_LENGTH = MAX_PREFIX_LENGTH + ID_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH + 2;

/** Prefix of the keys of a store for which no prefix is configured. */
export const DEFAULT_PREFIX = 'sp';

/**
 * Checks the prefix of a store's keys.
 * @throws {ConfigurationError} when it is too long, or anything but letters and digits with single underscores between.
 */
export function assertPrefix(option: string, prefix: unknown): asserts prefix is string {
  if (typeof prefix !== 'string' || prefix.length > MAX_PREFIX_LENGTH || !PREFIX.test(prefix)) {
    throw new ConfigurationError(
      option,
      `expects at most ${MAX_PREFIX_LENGTH} letters and digits, with single underscores between them`,
    );
  }
}

function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) text = `${BASE62[Number(rest % 62n)]}${text}`;
  return text;
}

const checksum = (text: string) => base62(BigInt(crc32(text)), CHECKSUM_LENGTH);

/** Generates a key with a random id and 256 random bits of secret. `start` is the part that is no secret. */
export function generateApiKey(prefix: string): { id: string; start: string; key: string } {
  const id = Array.from({ length: ID_LENGTH }, () => BASE62[randomInt(BASE62.length)]).join('');
  const secret = base62(BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`), SECRET_LENGTH);
  const start = `${prefix}_${id}`;
  const body = `${start}_${secret}`;
  return { id, start, key: `${body}${checksum(body)}` };
}

/** Reads the prefix and the id of a key. Returns `undefined` for a text of another form, or with a wrong checksum. */
export function readApiKey(text: string): { prefix: string; id: string; start: string } | undefined {
  if (text.length > MAX_KEY_LENGTH) return undefined;
  const [, prefix = '', id = ''] = KEY.exec(text) ?? [];
  const body = text.slice(0, -CHECKSUM_LENGTH);
  if (!PREFIX.test(prefix) || checksum(body) !== text.slice(-CHECKSUM_LENGTH)) return undefined;
  return { prefix, id, start: `${prefix}_${id}` };
}

/** Reads the id of a key with this prefix. Returns `undefined` for any other text. */
export function apiKeyId(text: string, prefix: string): string | undefined {
  const read = readApiKey(text);
  return read?.prefix === prefix ? read.id : undefined;
}

/** SHA-256 of a key, as stores keep it: its 256 random bits need no salt and no slow hash. */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** Compared with when no key is stored, so that an unknown id takes as long as a wrong secret. */
const DUMMY_HASH = randomBytes(32);

/** Whether a key has the stored hash; `undefined`, for no stored key, is false after the time of a comparison. */
export function matchesHash(key: string, stored: Uint8Array | undefined): boolean {
  return timingSafeEqual(hashApiKey(key), stored ?? DUMMY_HASH) && stored !== undefined;
}
