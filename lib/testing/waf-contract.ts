import type { TokenClaims } from './mint-token.js';

/** Fault of a simulated token. The names are the modes of Google IAP's `SECURE_TOKEN_TEST`. */
export type WafFault = 'future-issue' | 'past-expiration' | 'issuer' | 'audience' | 'signature';

/** Differences of a simulated token from the product's usual one. */
export interface WafTokenShape {
  /**
   * Members to add to the JOSE header or to replace in it; `undefined` removes one.
   * @default {}
   */
  header?: Readonly<Record<string, unknown>>;
  /**
   * Fault of the token. `audience` makes it a token for another application, by another signer where the product's
   * tokens have no audience.
   * @default undefined
   */
  fault?: WafFault;
}

/** Simulator of a product: it signs tokens and publishes keys as the product does. */
export interface WafSimulator<Options> {
  /** Name of the header in which the product sends its token. */
  readonly header: string;
  /** Options for the product's preset to trust this simulator, with the URL of its keys. */
  readonly options: Options;
  /** Number of requests for its keys so far. */
  readonly keyRequests: number;
  /** Signs the product's token for a person. `claims` are added or replaced; `undefined` removes one. */
  token(claims?: TokenClaims, shape?: WafTokenShape): Promise<string>;
  /** Signs with new keys from now on. The old ones stay published unless `keepOld` is false. */
  rotate(options?: { keepOld?: boolean }): Promise<void>;
  /** Stops the key server, as in an outage. */
  stop(): Promise<void>;
  /** Starts the key server again, on its old port. */
  start(): Promise<void>;
  /** Closes the key server for good. */
  close(): Promise<void>;
}

/** URL of a simulator's keys, as an option of `wafToken`: a key set, or a template of PEM files with `{kid}`. */
export type WafKeyPlace = { jwksUri: string; pemPerKid?: never } | { pemPerKid: string; jwksUri?: never };
