import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../keys/algorithms.js';
import type { PublicKeyInput } from '../keys/public-key.js';
import type { SecretEncoding } from '../keys/secret-key.js';

/** An API client known by the keys it owns, as in Kong. At least one of `username` and `customId` is there. */
export interface Consumer {
  readonly id: string;
  readonly username?: string;
  /** The client's id in another system of yours. */
  readonly customId?: string;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly tags: readonly string[];
  readonly createdAt: Date;
}

/** What verifies a consumer's tokens, as a {@link ConsumerStore} hands it out. */
export interface ConsumerCredential {
  readonly id?: string;
  /** What the token names; unique among all consumers. */
  readonly key: string;
  /** The one algorithm of this credential; the token never chooses. Default `HS256`. */
  readonly algorithm?: Algorithm;
  /** For `HS*`. A `KeyObject` keeps the bytes out of logs. */
  readonly secret?: string | KeyObject;
  /** How a textual secret stands for bytes. Default `utf8`. */
  readonly secretEncoding?: SecretEncoding;
  /** Takes a secret shorter than the hash (32, 48 or 64 bytes). Default false. */
  readonly allowWeakSecret?: boolean;
  /** For all other algorithms. */
  readonly publicKey?: PublicKeyInput;
  /** Default true. */
  readonly enabled?: boolean;
  readonly notBefore?: Date;
  readonly expiresAt?: Date;
  readonly tags?: readonly string[];
}

/** A credential as managers show it: never with its secret. */
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

/** A credential at the moment of its creation: the only time the secret is shown. */
export interface CreatedCredential extends CredentialInfo {
  readonly secret?: string;
}
