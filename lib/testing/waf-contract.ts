import type { TokenClaims } from './mint-token.js';

/** What is wrong with a token: the modes of Google IAP's own `SECURE_TOKEN_TEST`, for every product. */
export type WafFault = 'future-issue' | 'past-expiration' | 'issuer' | 'audience' | 'signature';

/** How a simulated token differs from what the product would send. */
export interface WafTokenShape {
  /** More members of the JOSE header, or other ones; `undefined` leaves one out. */
  header?: Readonly<Record<string, unknown>>;
  /** One thing that is wrong. `audience` stands for another application: where a product has no audience, another signer. */
  fault?: WafFault;
}

/** A product that signs as the real one does, with keys that it publishes as the real one does. */
export interface WafSimulator<Options> {
  /** The header that the product writes. */
  readonly header: string;
  /** What the product's preset takes to trust this simulator, the place of its keys included. */
  readonly options: Options;
  /** How often its keys were asked for. */
  readonly keyRequests: number;
  /** The product's token for a person; `claims` add to it or replace, `undefined` leaves one out. */
  token(claims?: TokenClaims, shape?: WafTokenShape): Promise<string>;
  /** New keys to sign with; the old ones stay published unless `keepOld` is false. */
  rotate(options?: { keepOld?: boolean }): Promise<void>;
  /** Takes the key server off the network, as an outage would. */
  stop(): Promise<void>;
  /** Brings it back under its old address. */
  start(): Promise<void>;
  /** Closes the key server for good. */
  close(): Promise<void>;
}

/** Where the keys of a simulator are, in the words of `wafToken`. */
export type WafKeyPlace = { jwksUri: string; pemPerKid?: never } | { pemPerKid: string; jwksUri?: never };
