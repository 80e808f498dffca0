/** What a key gives to whoever holds it, as an {@link ApiKeyStore} hands it out. */
export interface ApiKey {
  /** Stands in the key itself, and names it in logs and listings; it is no secret. */
  readonly id: string;
  /** Whose key it is, in the application's own words. */
  readonly owner: string;
  /** What it is for, as its owner calls it. */
  readonly name?: string;
  readonly scopes?: readonly string[];
  readonly groups?: readonly string[];
  readonly roles?: readonly string[];
  /** Default true. */
  readonly enabled?: boolean;
  readonly expiresAt?: Date;
}

/** An API key as managers show it: never with its secret, of which only a hash is kept. */
export interface ApiKeyInfo extends ApiKey {
  readonly scopes: readonly string[];
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  /** False once it has been revoked. */
  readonly enabled: boolean;
  /** How the key begins, for people to recognise it by. */
  readonly start: string;
  readonly createdAt: Date;
}

/** An API key at the moment of its creation: the only time that it is shown. */
export interface CreatedApiKey extends ApiKeyInfo {
  /** The key itself: `<prefix>_<id>_<secret and checksum>`. */
  readonly key: string;
}
