/** A double keeps every decimal of up to this many digits apart from every other. */
const EXACT_DIGITS = 15;

/** Stands before a number's literal among parsed values. Strict JSON has no text with a NUL in it. */
const MARK = '\0';

const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[-+.\deE]*/g;
const MARKED_LITERAL = /"\\u0000([^"]*)"/g;

/**
 * Whether the text that JavaScript makes of a number says as much as the literal did. It does for integers,
 * however they were spelled (`42`, `42.0`, `4.2e1`); not for digits that were rounded away, nor for `1.10`.
 */
function isExactNumber(literal: string): boolean {
  // Times, the numbers of nearly every token.
  if (/^[1-9]\d{0,14}$/.test(literal)) return true;
  const value = Number(literal);
  if (String(value) === literal) return true;
  const digits = literal.replace(/e.*$/i, '').replace(/\D/g, '');
  if (!Number.isSafeInteger(value) || digits.length > EXACT_DIGITS) return false;
  // `1e-400` is an integer too, once it is a double.
  return value !== 0 || /^0+$/.test(digits);
}

/** A second reading of a JSON text with a marked literal for every inexact number; `undefined`: it has none. */
function markedValue(text: string): unknown {
  const marked = text.replace(STRING_OR_NUMBER, (lexeme) =>
    lexeme.startsWith('"') || isExactNumber(lexeme) ? lexeme : `"\\u0000${lexeme}"`,
  );
  return marked === text ? undefined : JSON.parse(marked);
}

/** Reads an own member of an object or an item of a list: `constructor` and its like are names as any other, and missing. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return /^(0|[1-9]\d{0,8})$/.test(name) ? value[Number(name)] : undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/**
 * The numbers of a JSON text as they were written. The parsed value has doubles; `12345678901234567890` and `1.10`
 * are more than those say. Nothing is read before the first question, so tokens whose numbers nobody maps cost nothing.
 */
export class WrittenNumbers {
  readonly #read: string | Uint8Array | (() => unknown);
  #marked: { readonly value: unknown } | undefined;

  /** @param json the text, as strict JSON; or how to come by its value with marked literals. */
  constructor(json: string | Uint8Array | (() => unknown)) {
    this.#read = json;
  }

  /** The literal of the number at a path, where parsing lost something of it. @param value what parsing made of it. */
  literal(path: readonly string[], value: number): string | undefined {
    const found = path.reduce(memberOf, this.#value());
    if (typeof found !== 'string' || !found.startsWith(MARK)) return undefined;
    const literal = found.slice(MARK.length);
    // Whoever put another value in its place meant that one.
    return Object.is(Number(literal), value) ? literal : undefined;
  }

  /** The numbers of a value that was derived from the text's by this same change. */
  derived(change: (value: unknown) => unknown): WrittenNumbers {
    return new WrittenNumbers(() => change(this.#value()));
  }

  /** Writes the value that these numbers belong to as JSON, with their literals. */
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
