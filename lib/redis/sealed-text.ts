import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { ConfigurationError } from '../errors/configuration-error.js';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const BASE64_KEY = /^[A-Za-z0-9+/_-]{43}=?$/;

/** Names and seals what is kept where others may read. */
export interface TextSealing {
  /** A name that tells nobody what it stands for. */
  nameOf(key: string): string;
  seal(name: string, text: string): string;
  /** `undefined` for anything that was not sealed under this name with this key. */
  open(name: string, sealed: string): string | undefined;
}

function importKey(option: string, given: unknown): Uint8Array {
  const bytes = typeof given === 'string' && BASE64_KEY.test(given) ? Buffer.from(given, 'base64') : given;
  if (!(bytes instanceof Uint8Array) || bytes.byteLength !== KEY_BYTES) {
    throw new ConfigurationError(option, `expects ${KEY_BYTES} bytes, as a Uint8Array or in base64`);
  }
  return Uint8Array.from(bytes);
}

/**
 * AES-256-GCM with a key of each name's own, derived from the one given: random nonces of one key suffice for 2^32
 * texts only (NIST SP 800-38D section 8.3), which busy processes write soon.
 * @throws ConfigurationError unless the key has 32 bytes.
 */
export function textSealing(option: string, encryptionKey: unknown): TextSealing {
  const root = importKey(option, encryptionKey);
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
