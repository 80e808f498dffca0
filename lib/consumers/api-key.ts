/** Record of an API key, as an `ApiKeyStore` returns it: its owner and its rights. */
export interface ApiKey {
  /** Public part of the key, which names it in logs and listings. */
  readonly id: string;
  /** Name of the owner in the application's own records. */
  readonly owner: string;
  /**
   * What the key is for, in its owner's words.
   * @default undefined
   */
  readonly name?: string;
  /**
   * Scopes of requests with this key.
   * @default []
   */
  readonly scopes?: readonly string[];
  /**
   * Groups of requests with this key.
   * @default []
   */
  readonly groups?: readonly string[];
  /**
   * Roles of requests with this key.
   * @default []
   */
  readonly roles?: readonly string[];
  /**
   * Whether the key may be used.
   * @default true
   */
  readonly enabled?: boolean;
  /**
   * When the key stops working; without it the key never expires.
   * @default undefined
   */
  readonly expiresAt?: Date;
}

/** Complete record of an API key in listings, without the key itself: stores keep a hash only. */
export interface ApiKeyInfo extends ApiKey {
  /** Scopes of the principal. */
  readonly scopes: readonly string[];
  /** Groups of the principal. */
  readonly groups: readonly string[];
  /** Roles of the principal. */
  readonly roles: readonly string[];
  /** False once it has been revoked. */
  readonly enabled: boolean;
  /** First characters of the key, prefix and id, by which people recognise it. */
  readonly start: string;
  /** Time at which the key was created. */
  readonly createdAt: Date;
}

/** Record of a new API key together with the key, which no later answer contains. */
export interface CreatedApiKey extends ApiKeyInfo {
  /** The secret to hand to the owner: `<prefix>_<id>_<secret and checksum>`. */
  readonly key: string;
}
