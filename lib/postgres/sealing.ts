import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertNonEmptyString } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { readEncryptionKey } from '../options/encryption-key.js';
import { namesOf } from '../options/option-names.js';

/** Key-encryption keys for secrets at rest. One seals and all open, so that keys can be changed while requests run. */
export interface KeyEncryption {
  /** Id of the key that seals new secrets. */
  current: string;
  /** Keys of 32 bytes by id, as bytes or in base64. Keep an old key until `reseal()` has succeeded. */
  keys: Readonly<Record<string, Uint8Array | string>>;
}

/** The row that a secret is bound to: moved to another row, it does not open. */
export interface SecretPlace {
  readonly table: string;
  readonly consumerId: string;
  readonly credentialId: string;
  readonly algorithm: string;
}

/** A sealed secret, and the id of the key that opens it. */
export interface SealedSecret {
  readonly blob: Uint8Array;
  readonly keyId: string;
}

const CIPHER = 'aes-256-gcm';

// Layout of the blob: version, nonce, ciphertext, authentication tag.
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES;

const importKey = (option: string, given: unknown) => createSecretKey(readEncryptionKey(option, given));

/** Joins the parts of a place. Length prefixes keep `('a', 'bc')` and `('ab', 'c')` apart. */
function additionalData({ table, consumerId, credentialId, algorithm }: SecretPlace): Buffer {
  const parts = [table, consumerId, credentialId, algorithm];
  return Buffer.from(parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join(''));
}

/** Seals (encrypts and authenticates) secrets with AES-256-GCM, each bound to its row. */
export class Sealing {
  readonly current: string;
  readonly #currentKey: KeyObject;
  readonly #keys: ReadonlyMap<string, KeyObject>;

  /**
   * @throws {ConfigurationError} when a key does not have 32 bytes, or `current` names none of the keys.
   */
  constructor(option: string, given: KeyEncryption) {
    checkOptionNames(option, given, namesOf<KeyEncryption>()({ current: true, keys: true }));
    const { current, keys } = given;
    assertNonEmptyString(`${option}.current`, current);
    if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) {
      throw new ConfigurationError(`${option}.keys`, 'expects an object of keys by their ids');
    }
    this.#keys = new Map(Object.entries(keys).map(([id, key]) => [id, importKey(`${option}.keys.${id}`, key)]));
    const currentKey = this.#keys.get(current);
    if (currentKey === undefined) throw new ConfigurationError(`${option}.current`, 'names none of the keys');
    this.current = current;
    this.#currentKey = currentKey;
  }

  seal(secret: Uint8Array, place: SecretPlace): SealedSecret {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#currentKey, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(additionalData(place));
    const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
    const blob = Buffer.concat([Buffer.of(VERSION), nonce, ciphertext, cipher.getAuthTag()]);
    return { blob, keyId: this.current };
  }

  /**
   * Opens (verifies and decrypts) a secret.
   * @throws {Error} when its key is not configured, it was sealed for another place, or it was changed.
   */
  open({ blob, keyId }: SealedSecret, place: SecretPlace): Buffer {
    const key = this.#keys.get(keyId);
    if (key === undefined) throw new Error(`the key-encryption key ${JSON.stringify(keyId)} is not configured`);
    const sealed = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
    if (sealed.length <= HEAD_BYTES + TAG_BYTES || sealed[0] !== VERSION) throw new Error('this is no sealed secret');
    const nonce = sealed.subarray(1, HEAD_BYTES);
    // Without authTagLength, Node accepts tags of four bytes, which can be guessed.
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(additionalData(place));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES, -TAG_BYTES)), decipher.final()]);
  }
}
