import type { Scheme } from '../errors/challenge.js';
import type { TakenHeaders } from './headers.js';
import type { AuthRequest } from './request.js';

/**
 * Place in a request where a token may stand. `fromBearer()`, `fromHeader()`, `fromQuery()`, `fromCookie()` and
 * `fromBody()` make one.
 */
export interface TokenSource {
  /** Name of the place, for messages and for recognising an equal source; for example `header x-partner-token`. */
  readonly place: string;
  /**
   * Header of its own that this source reads. It is removed from every request, verified or not, so that a client
   * cannot forge it.
   */
  readonly identityHeader?: string;
  /** Scheme that a challenge asks for; Bearer where it is left out. */
  readonly scheme?: Scheme;
  /**
   * Scheme that stands before the token in its header, in lower case; where it is left out, the whole value is the
   * token. It tells two sources of one header apart.
   */
  readonly prefix?: string;
  /** Names of places that are looked at before, by `firstOf()`: where one of them holds a token, this one is not read. */
  readonly unless?: readonly string[];
  /** Whether the URL of this request contains a token, which then appears in logs, histories and `Referer` headers. */
  inUrl?(req: AuthRequest): boolean;
  /**
   * Returns every token in this place. Empty texts count as absent.
   * @param taken headers that a method removed from the request; sources that read headers find them here.
   * @throws {InvalidRequestError} when the place is malformed, or holds two tokens.
   */
  read(req: AuthRequest, taken: TakenHeaders | undefined): readonly string[] | Promise<readonly string[]>;
  /** Removes the token from the request. */
  remove(req: AuthRequest): void;
}

/**
 * Function of the application that returns the token of a request; `undefined`, `null` or an empty text where there is
 * none.
 */
export type TokenGetter = (req: AuthRequest) => string | undefined | null | Promise<string | undefined | null>;

/** Ordered places of one token, made by `firstOf()`. */
export interface FirstOf {
  /** The places, the one that is looked at first in front. */
  readonly firstOf: readonly (TokenSource | TokenGetter)[];
}

/** Value of the option `tokenFrom`: a source, a function, a list of them, or an ordered list by `firstOf()`. */
export type TokenFrom = TokenSource | TokenGetter | readonly (TokenSource | TokenGetter)[] | FirstOf;
