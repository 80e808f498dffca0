import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../keys/algorithms.js';
import type { PublicKeyInput } from '../keys/public-key.js';
import type { SecretEncoding } from '../keys/secret-key.js';

/** An API client with credentials of its own, as in Kong. It has a `username`, a `customId`, or both. */
export interface Consumer {
  readonly id: string;
  readonly username?: string;
  /** Id of the client in another system of the application. */
  readonly customId?: string;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly tags: readonly string[];
  readonly createdAt: Date;
}

/** A credential of a consumer, as a `ConsumerStore` returns it: its key, and the secret or public key that verifies. */
export interface ConsumerCredential {
  /**
   * Unique id.
   * @default undefined (`createCredential` generates a random UUID)
   */
  readonly id?: string | undefined;
  /** Unique name of the credential, which its tokens carry, in `iss` by default. */
  readonly key: string;
  /**
   * The only algorithm of its tokens. The header of a token never chooses another one.
   * @default 'HS256'
   */
  readonly algorithm?: Algorithm | undefined;
  /**
   * Shared secret, for `HS*` algorithms only. A `KeyObject` keeps the bytes out of logs.
   * @default undefined
   */
  readonly secret?: string | KeyObject | undefined;
  /**
   * How to read a secret that is a text: as its UTF-8 bytes, or as base64.
   * @default 'utf8'
   */
  readonly secretEncoding?: SecretEncoding | undefined;
  /**
   * Accepts a secret shorter than the algorithm's hash: 32, 48 or 64 bytes.
   * @default false
   */
  readonly allowWeakSecret?: boolean | undefined;
  /**
   * Public key, for all algorithms but `HS*`.
   * @default undefined
   */
  readonly publicKey?: PublicKeyInput | undefined;
  /**
   * Whether the credential may be used.
   * @default true
   */
  readonly enabled?: boolean | undefined;
  /**
   * When the credential begins to work.
   * @default undefined (works from its creation on)
   */
  readonly notBefore?: Date | undefined;
  /**
   * When the credential stops working.
   * @default undefined (never expires)
   */
  readonly expiresAt?: Date | undefined;
  /**
   * Labels for listings.
   * @default []
   */
  readonly tags?: readonly string[] | undefined;
}

/** Record of a credential in listings, without its secret and its public key. */
export interface CredentialInfo {
  readonly id: string;
  readonly consumerId: string;
  readonly key: string;
  readonly algorithm: Algorithm;
  readonly enabled: boolean;
  readonly notBefore?: Date;
  readonly expiresAt?: Date;
  readonly tags: readonly string[];
  readonly createdAt: Date;
}

/** Record of a new credential together with its secret, which no later answer contains. */
export interface CreatedCredential extends CredentialInfo {
  /** Shared secret; asymmetric credentials have none. */
  readonly secret?: string;
}
