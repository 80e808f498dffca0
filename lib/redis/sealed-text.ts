import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { readEncryptionKey } from '../options/encryption-key.js';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Names and seals what is kept where others may read. */
export interface TextSealing {
  /** A name that tells nobody what it stands for. */
  nameOf(key: string): string;
  seal(name: string, text: string): string;
  /** `undefined` for anything that was not sealed under this name with this key. */
  open(name: string, sealed: string): string | undefined;
}

/**
 * AES-256-GCM with a key of each name's own, derived from the one given: random nonces of one key suffice for 2^32
 * texts only (NIST SP 800-38D section 8.3), which busy processes write soon.
 * @throws ConfigurationError unless the key has 32 bytes.
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
