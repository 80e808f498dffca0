import type { JoseHeader } from '../tokens/jose-header.js';
import type { VerificationKey } from './verification-key.js';

/** How one source of verification keys is doing. */
export interface KeySourceHealth {
  /** The issuer or URL that the keys come from. */
  readonly source: string;
  readonly lastSuccess?: Date;
  readonly lastError?: { readonly at: Date; readonly message: string };
  /** Seconds since the keys in use were loaded. */
  readonly age?: number;
  readonly keyCount: number;
}

/** Where verification keys come from. Keys belong to one issuer; there is no global table of key ids. */
export interface KeySource {
  /** Names the source in events and health: an issuer, a URL, or `static`. */
  readonly source: string;
  /**
   * The keys that may have signed a token with this header, best first, at most 8; each bound to the token's
   * algorithm. `afresh` asks for one more look at the origin, which a cooldown may deny.
   * @throws InvalidTokenError `key_not_found`; ServiceUnavailableError `keys_unavailable` if that cannot be told now.
   */
  find(header: JoseHeader, options?: { afresh?: boolean }): Promise<readonly VerificationKey[]>;
  /**
   * Whether a key that `find` gave for this header is one that it would give now, where that is certain without
   * waiting. `false`, or no such function: `find` is asked, for every token that comes again. Whoever wraps `find`
   * leaves this out, or wraps it, too.
   */
  holds?(header: JoseHeader, key: VerificationKey): boolean;
  /** Loads the keys. @throws ServiceUnavailableError if they cannot be loaded. */
  ready(): Promise<void>;
  health(): KeySourceHealth;
  /** Stops background refreshes. */
  close(): void;
}
