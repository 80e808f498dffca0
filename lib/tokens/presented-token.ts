import { hash } from 'node:crypto';
import { type CompactToken, readCompactToken, type TokenContent } from './compact-token.js';
import type { FoundToken } from './find-token.js';
import type { TokenSource } from './token-source.js';

/** Cache key of a token: its SHA-256, so that no cache holds or compares a credential. */
function tokenDigest(token: string): string {
  return hash('sha256', token, 'base64');
}

/**
 * Parses a token in a dialect and applies the form gate; nothing is verified.
 * @throws {InvalidTokenError} when the token is malformed.
 */
export type TokenReader = (token: string) => CompactToken;

/** Tokens that a method has verified before, with what they say. */
export interface KnownTokens {
  get(presented: PresentedToken): TokenContent | undefined;
}

const NONE: readonly KnownTokens[] = [];

/** Token that a request presents. It is parsed at most once, however many methods look at it. */
export class PresentedToken {
  readonly token: string;
  /**
   * Issuers configured in other methods of the composition, for hints in refusals; `undefined` where one of them issued
   * the token.
   */
  otherIssuers: readonly string[] | undefined;
  readonly #known: readonly KnownTokens[];
  #sources: readonly TokenSource[];
  #reading: { readonly reader: TokenReader; readonly token: CompactToken } | undefined;
  #content: TokenContent | undefined;
  #digest: string | undefined;

  /**
   * Wraps a token that was found in a request.
   *
   * @param known caches of the methods, which may hold the token's content.
   */
  constructor({ token, sources }: FoundToken, known = NONE) {
    this.token = token;
    this.#sources = sources;
    this.#known = known;
  }

  /** Places of the request where the token was found, by the methods asked so far. */
  get sources(): readonly TokenSource[] {
    return this.#sources;
  }

  /** Adds places where another method found the token. */
  alsoIn(sources: readonly TokenSource[]): void {
    const others = sources.filter((source) => !this.#sources.includes(source));
    if (others.length > 0) this.#sources = [...this.#sources, ...others];
  }

  /** Cache key of the token, computed on first use. */
  get digest(): string {
    this.#digest ??= tokenDigest(this.token);
    return this.#digest;
  }

  /**
   * Header and claims of the token, parsed only if no cache has them.
   * @throws {InvalidTokenError} when the token is malformed.
   */
  get content(): TokenContent {
    this.#content ??= this.#recall() ?? this.read();
    return this.#content;
  }

  /**
   * Parses the token and applies the form gate; a second call with the same reader costs nothing.
   * @throws {InvalidTokenError} when the token is malformed.
   */
  read(reader: TokenReader = readCompactToken): CompactToken {
    if (this.#reading?.reader !== reader) this.#reading = { reader, token: reader(this.token) };
    return this.#reading.token;
  }

  #recall(): TokenContent | undefined {
    for (const known of this.#known) {
      const content = known.get(this);
      if (content !== undefined) return content;
    }
    return undefined;
  }
}
