import { createHmac, randomBytes } from 'node:crypto';

/** Length prefixes keep `('a', 'bc')` and `('ab', 'c')` apart. */
function joined(parts: readonly string[]): string {
  return parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
}

/**
 * HMAC-SHA-256 over several texts. What is kept under such a name cannot be guessed at without the key, not even
 * where one of the texts is a weak password.
 * @param key shared by those who must find each other's names. Default: random, and known to nobody else.
 */
export function keyedDigest(key: string | Buffer = randomBytes(32)): (...parts: readonly string[]) => string {
  return (...parts) => createHmac('sha256', key).update(joined(parts)).digest('base64url');
}
