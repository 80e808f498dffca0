import type { JoseHeader } from '../tokens/jose-header.js';
import type { VerificationKey } from './verification-key.js';

/** State of one key source. */
export interface KeySourceHealth {
  /** The issuer or URL that the keys come from. */
  readonly source: string;
  /** Time of the last successful load. */
  readonly lastSuccess?: Date;
  /** Time and message of the last failed load. */
  readonly lastError?: { readonly at: Date; readonly message: string };
  /** Seconds since the keys in use were loaded. */
  readonly age?: number;
  /** Number of keys in use. */
  readonly keyCount: number;
}

/** A source of verification keys. Keys belong to one issuer; there is no global table of key ids. */
export interface KeySource {
  /** Names the source in events and health: an issuer, a URL, or `static`. */
  readonly source: string;
  /**
   * Finds the keys that may have signed a token with this header, best first, at most 8, each bound to the token's
   * algorithm. `afresh` asks for one more fetch from the origin, which the cooldown may deny.
   * @throws {InvalidTokenError} `key_not_found` when no key fits.
   * @throws {ServiceUnavailableError} `keys_unavailable` when that cannot be decided now.
   */
  find(header: JoseHeader, options?: { afresh?: boolean }): Promise<readonly VerificationKey[]>;
  /**
   * Whether `find` would still give this key for this header, if that is certain without waiting. With `false`, or
   * without this function, `find` is called for every cached token. A wrapper of `find` leaves this out or wraps it too.
   */
  holds?(header: JoseHeader, key: VerificationKey): boolean;
  /**
   * Loads the keys.
   * @throws {ServiceUnavailableError} when they cannot be loaded.
   */
  ready(): Promise<void>;
  /** Returns the state of the source. */
  health(): KeySourceHealth;
  /** Stops refreshes in the background. */
  close(): void;
}
