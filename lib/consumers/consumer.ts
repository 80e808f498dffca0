import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../keys/algorithms.js';
import type { PublicKeyInput } from '../keys/public-key.js';
import type { SecretEncoding } from '../keys/secret-key.js';

/** An API client with credentials of its own, as in Kong. It has a `username`, a `customId`, or both. */
export interface Consumer {
  /** Id that the store created. */
  readonly id: string;
  /** Unique username. */
  readonly username?: string;
  /** Id of the client in another system of the application. */
  readonly customId?: string;
  /** Groups of the principal. */
  readonly groups: readonly string[];
  /** Roles of the principal. */
  readonly roles: readonly string[];
  /** Tags for listing consumers. */
  readonly tags: readonly string[];
  /** Time at which the consumer was created. */
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
  /** Id that the store created. */
  readonly id: string;
  /** Id of the consumer that owns the credential. */
  readonly consumerId: string;
  /** Key by which tokens name the credential. */
  readonly key: string;
  /** Signature algorithm of its tokens. */
  readonly algorithm: Algorithm;
  /** Whether the credential is accepted. */
  readonly enabled: boolean;
  /** Time from which the credential is accepted. */
  readonly notBefore?: Date;
  /** Time at which the credential ends. */
  readonly expiresAt?: Date;
  /** Tags for listing credentials. */
  readonly tags: readonly string[];
  /** Time at which the credential was created. */
  readonly createdAt: Date;
}

/** Record of a new credential together with its secret, which no later answer contains. */
export interface CreatedCredential extends CredentialInfo {
  /** Shared secret; asymmetric credentials have none. */
  readonly secret?: string;
}
