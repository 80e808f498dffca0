/** Most decimal digits that a double always keeps apart. */
const EXACT_DIGITS = 15;

/** Mark before the literal of a number among parsed values. Strict JSON has no text with a NUL. */
const MARK = '\0';

const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[-+.\deE]*/g;
const MARKED_LITERAL = /"\\u0000([^"]*)"/g;

/**
 * Whether JavaScript's text of a number says as much as its literal. It does for integers in any spelling (`42`,
 * `42.0`, `4.2e1`); not for rounded digits, nor for `1.10`.
 */
function isExactNumber(literal: string): boolean {
  // A shortcut for times, which nearly every token has.
  if (/^[1-9]\d{0,14}$/.test(literal)) return true;
  const value = Number(literal);
  if (String(value) === literal) return true;
  const digits = literal.replace(/e.*$/i, '').replace(/\D/g, '');
  if (!Number.isSafeInteger(value) || digits.length > EXACT_DIGITS) return false;
  // `1e-400` becomes the integer 0 as a double.
  return value !== 0 || /^0+$/.test(digits);
}

/** Parses a JSON text again with a marked literal for every inexact number; `undefined` where it has none. */
function markedValue(text: string): unknown {
  const marked = text.replace(STRING_OR_NUMBER, (lexeme) =>
    lexeme.startsWith('"') || isExactNumber(lexeme) ? lexeme : `"\\u0000${lexeme}"`,
  );
  return marked === text ? undefined : JSON.parse(marked);
}

/** Returns an own member of an object, or an item of a list. Inherited names such as `constructor` count as missing. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return /^(0|[1-9]\d{0,8})$/.test(name) ? value[Number(name)] : undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/**
 * Numbers of a JSON text as they were written. The parsed value has doubles, which lose part of `12345678901234567890`
 * and `1.10`. Nothing is parsed before the first question, so tokens whose numbers are not mapped cost nothing.
 */
export class WrittenNumbers {
  readonly #read: string | Uint8Array | (() => unknown);
  #marked: { readonly value: unknown } | undefined;

  /**
   * Wraps a JSON text.
   *
   * @param json strict JSON, or a function that returns its value with marked literals.
   */
  constructor(json: string | Uint8Array | (() => unknown)) {
    this.#read = json;
  }

  /**
   * Returns the literal of the number at a path, where parsing lost a part of it.
   *
   * @param value the number as it was parsed; a different one has replaced it, and has no literal.
   */
  literal(path: readonly string[], value: number): string | undefined {
    const found = path.reduce(memberOf, this.#value());
    if (typeof found !== 'string' || !found.startsWith(MARK)) return undefined;
    const literal = found.slice(MARK.length);
    return Object.is(Number(literal), value) ? literal : undefined;
  }

  /** Returns the numbers of a value that the given change makes out of this one. */
  derived(change: (value: unknown) => unknown): WrittenNumbers {
    return new WrittenNumbers(() => change(this.#value()));
  }

  /** Writes the value of these numbers as JSON, with their literals. */
  stringify(value: unknown): string {
    const marked = this.#value();
    return marked === undefined ? JSON.stringify(value) : JSON.stringify(marked).replace(MARKED_LITERAL, '$1');
  }

  #value(): unknown {
    this.#marked ??= { value: this.#parse() };
    return this.#marked.value;
  }

  #parse(): unknown {
    const read = this.#read;
    if (typeof read === 'function') return read();
    return markedValue(typeof read === 'string' ? read : new TextDecoder().decode(read));
  }
}
