import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { readEncryptionKey } from '../options/encryption-key.js';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals texts for a store that others may read. */
export interface TextSealing {
  /** Keyed digest of a key, which does not reveal it. */
  nameOf(key: string): string;
  /** Encrypts and authenticates a text, bound to its name. */
  seal(name: string, text: string): string;
  /** Verifies and decrypts a text. Returns `undefined` when it was not sealed under this name with this key. */
  open(name: string, sealed: string): string | undefined;
}

/**
 * Seals with AES-256-GCM, under a key per name that is derived from the given one: random nonces are safe for 2^32
 * texts per key only (NIST SP 800-38D section 8.3), and busy processes write that many.
 * @throws {ConfigurationError} when the key does not have 32 bytes.
 */
export function textSealing(option: string, encryptionKey: unknown): TextSealing {
  const root = readEncryptionKey(option, encryptionKey);
  const derive = (use: 'name' | 'seal', text: string) => createHmac('sha256', root).update(`${use}:${text}`).digest();
  return {
    nameOf: (key) => derive('name', key).toString('base64url'),
    seal(name, text) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, derive('seal', name), nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(name));
      const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]).toString('base64url');
    },
    open(name, sealed) {
      try {
        const bytes = Buffer.from(sealed, 'base64url');
        const nonce = bytes.subarray(0, NONCE_BYTES);
        const decipher = createDecipheriv(CIPHER, derive('seal', name), nonce, { authTagLength: TAG_BYTES });
        decipher.setAAD(Buffer.from(name));
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
        const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
