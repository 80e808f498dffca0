import { createHmac, randomBytes } from 'node:crypto';

/** Joins texts. Length prefixes keep `('a', 'bc')` and `('ab', 'c')` apart. */
function joined(parts: readonly string[]): string {
  return parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
}

/**
 * Creates a function that computes HMAC-SHA-256 over several texts. Without the key nobody can find the texts of a
 * digest by guessing, even if one of them is a weak password.
 * @param key equal in all processes that share entries; random by default, so that digests are private to this process.
 */
export function keyedDigest(key: string | Buffer = randomBytes(32)): (...parts: readonly string[]) => string {
  return (...parts) => createHmac('sha256', key).update(joined(parts)).digest('base64url');
}
