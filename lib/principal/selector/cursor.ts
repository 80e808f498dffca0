import type { Lexeme } from './lexemes.js';
import type { Fail } from './syntax.js';

/** Reads the lexemes of a selector in order, with a look-ahead of one. */
export class Cursor {
  readonly fail: Fail;
  readonly #lexemes: readonly Lexeme[];
  #index = 0;

  constructor(lexemes: readonly Lexeme[], fail: Fail) {
    this.#lexemes = lexemes;
    this.fail = fail;
  }

  /** The next lexeme. After the last one it stays at `end`. */
  get next(): Lexeme {
    return this.#lexemes[Math.min(this.#index, this.#lexemes.length - 1)] ?? this.fail('is empty', 0);
  }

  /** Returns the next lexeme and moves past it. */
  take(): Lexeme {
    const { next } = this;
    this.#index += 1;
    return next;
  }

  /** Moves past these words if all of them come next, and returns whether they do. A quoted text is not a word. */
  takeWords(words: readonly string[]): boolean {
    const found = this.#lexemes.slice(this.#index, this.#index + words.length);
    const same = words.every((word, index) => found[index]?.text === word && found[index]?.kind !== 'string');
    if (same) this.#index += words.length;
    return same;
  }

  /** Moves past a symbol, and fails if another lexeme comes next. */
  expect(symbol: string): void {
    if (!this.takeWords([symbol])) this.fail(`expects "${symbol}"`, this.next.position);
  }
}
