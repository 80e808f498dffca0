import type { Scheme } from '../errors/challenge.js';
import type { TakenHeaders } from './headers.js';
import type { AuthRequest } from './request.js';

/** A place in a request where a token may stand. Made by `fromBearer()`, `fromHeader()` and their siblings. */
export interface TokenSource {
  /** Says where, for example `header x-partner-token`. */
  readonly place: string;
  /** A header of its own that this source reads; it is taken off every request, checked or not. */
  readonly identityHeader?: string;
  /** What a challenge asks for, where it is not Bearer. */
  readonly scheme?: Scheme;
  /** Whether a token shows in the URL of this request, and with that in logs, histories and `Referer`. */
  inUrl?(req: AuthRequest): boolean;
  /**
   * All tokens that stand there. Empty texts count as absent.
   * @param taken headers that a method took off the request; sources that read headers find them there.
   * @throws InvalidRequestError if what stands there is not written as it must be, or stands there twice.
   */
  read(req: AuthRequest, taken: TakenHeaders | undefined): readonly string[] | Promise<readonly string[]>;
  /** Takes the token out of the request. */
  remove(req: AuthRequest): void;
}

/** A function of the application's own that finds the token. */
export type TokenGetter = (req: AuthRequest) => string | undefined | null | Promise<string | undefined | null>;

/** What the option `tokenFrom` accepts. */
export type TokenFrom = TokenSource | TokenGetter | readonly (TokenSource | TokenGetter)[];
