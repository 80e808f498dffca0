import { hash } from 'node:crypto';
import { type CompactToken, readCompactToken, type TokenContent } from './compact-token.js';
import type { FoundToken } from './find-token.js';
import type { TokenSource } from './token-source.js';

/** The key of a token in caches: its SHA-256, so that no cache holds or compares a credential. */
function tokenDigest(token: string): string {
  return hash('sha256', token, 'base64');
}

/** Reads a token in a dialect, past the form gate; nothing is verified. @throws InvalidTokenError */
export type TokenReader = (token: string) => CompactToken;

/** Tokens that a method verified before. */
export interface KnownTokens {
  get(presented: PresentedToken): TokenContent | undefined;
}

const NONE: readonly KnownTokens[] = [];

/** A presented token, read at most once however many methods look at it. */
export class PresentedToken {
  readonly token: string;
  /** The issuers that methods beside its own are configured for, where none of them names it: for hints in refusals. */
  otherIssuers: readonly string[] | undefined;
  readonly #known: readonly KnownTokens[];
  #sources: readonly TokenSource[];
  #reading: { readonly reader: TokenReader; readonly token: CompactToken } | undefined;
  #content: TokenContent | undefined;
  #digest: string | undefined;

  /** @param known what the methods remember that may be asked about it. */
  constructor({ token, sources }: FoundToken, known = NONE) {
    this.token = token;
    this.#sources = sources;
    this.#known = known;
  }

  /** Every place where it stands, as far as the methods that were asked read them. */
  get sources(): readonly TokenSource[] {
    return this.#sources;
  }

  /** Adds places where another method found this token. */
  alsoIn(sources: readonly TokenSource[]): void {
    const others = sources.filter((source) => !this.#sources.includes(source));
    if (others.length > 0) this.#sources = [...this.#sources, ...others];
  }

  /** The key of this token in caches, made when it is first asked for. */
  get digest(): string {
    this.#digest ??= tokenDigest(this.token);
    return this.#digest;
  }

  /** What the token says; read only where no method remembers it. @throws InvalidTokenError if nobody can read it. */
  get content(): TokenContent {
    this.#content ??= this.#recall() ?? this.read();
    return this.#content;
  }

  /** Passes the form gate, or throws what it says. */
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
