import type { Lexeme } from './lexemes.js';
import type { Fail } from './syntax.js';

/** Walks over the words of a selector, one ahead. */
export class Cursor {
  readonly fail: Fail;
  readonly #lexemes: readonly Lexeme[];
  #index = 0;

  constructor(lexemes: readonly Lexeme[], fail: Fail) {
    this.#lexemes = lexemes;
    this.fail = fail;
  }

  /** The word that comes next; the last one is `end`, for ever. */
  get next(): Lexeme {
    return this.#lexemes[Math.min(this.#index, this.#lexemes.length - 1)] ?? this.fail('is empty', 0);
  }

  take(): Lexeme {
    const { next } = this;
    this.#index += 1;
    return next;
  }

  /** Takes these words if all of them come next. Quoted, they are no words. */
  takeWords(words: readonly string[]): boolean {
    const found = this.#lexemes.slice(this.#index, this.#index + words.length);
    const same = words.every((word, index) => found[index]?.text === word && found[index]?.kind !== 'string');
    if (same) this.#index += words.length;
    return same;
  }

  expect(symbol: string): void {
    if (!this.takeWords([symbol])) this.fail(`expects "${symbol}"`, this.next.position);
  }
}
