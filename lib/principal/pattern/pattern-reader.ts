import type { FailPattern } from './characters.js';

/** Reads a pattern character by character (code points), and knows the flags in force. */
export class PatternReader {
  readonly fail: FailPattern;
  readonly #characters: readonly string[];
  #index = 0;
  /** `i`: case does not count. `m`: `^` and `$` are lines. `s`: a dot is any character. */
  flags: ReadonlySet<string> = new Set();
  depth = 0;

  constructor(source: string, fail: FailPattern) {
    this.#characters = [...source];
    this.fail = fail;
  }

  get next(): string | undefined {
    return this.#characters[this.#index];
  }

  take(): string {
    const { next } = this;
    if (next === undefined) return this.fail('ends too early');
    this.#index += 1;
    return next;
  }

  takeIf(character: string): boolean {
    const same = this.next === character;
    if (same) this.#index += 1;
    return same;
  }

  /** Takes what a form finds from here on, at most 64 characters of it. */
  takeForm(form: RegExp): RegExpExecArray | undefined {
    const found = form.exec(this.#characters.slice(this.#index, this.#index + 64).join(''));
    if (found === null) return undefined;
    this.#index += [...found[0]].length;
    return found;
  }

  get folds(): boolean {
    return this.flags.has('i');
  }
}
