/** Where a number that a double cannot hold stands in a JSON text: from its first character to behind its last. */
export type NumberSpan = readonly [start: number, end: number];

/** A double keeps every decimal of up to this many digits apart from every other. */
const EXACT_DIGITS = 15;

// Beside the values, because the claims stay what every JSON parser makes of them. An entry leaves with its claims.
const writtenNumbers = new WeakMap<object, Map<string, string>>();

/**
 * Whether the text that JavaScript makes of a number says as much as the literal did. It does for integers,
 * however they were spelled (`42`, `42.0`, `4.2e1`); not for digits that were rounded away, nor for `1.10`.
 */
export function isExactNumber(literal: string): boolean {
  // Times, the numbers of nearly every token.
  if (/^[1-9]\d{0,14}$/.test(literal)) return true;
  const value = Number(literal);
  if (String(value) === literal) return true;
  const digits = literal.replace(/e.*$/i, '').replace(/\D/g, '');
  if (!Number.isSafeInteger(value) || digits.length > EXACT_DIGITS) return false;
  // `1e-400` is an integer too, once it is a double.
  return value !== 0 || /^0+$/.test(digits);
}

/** A second reading of the same text, in which the numbers in question are strings. */
function parseQuoted(text: string, spans: readonly NumberSpan[]): unknown {
  let quoted = '';
  let from = 0;
  for (const [start, end] of spans) {
    quoted += `${text.slice(from, start)}"${text.slice(start, end)}"`;
    from = end;
  }
  return JSON.parse(quoted + text.slice(from));
}

/** Both readings have the same members; where one has a number and the other a string, the literal was kept. */
function keepDifferences(value: unknown, quoted: unknown): void {
  if (typeof value !== 'object' || value === null || typeof quoted !== 'object' || quoted === null) return;
  const literals = new Map<string, string>();
  const twins = new Map<string, unknown>(Object.entries(quoted));
  for (const [member, found] of Object.entries(value)) {
    const twin = twins.get(member);
    if (typeof found === 'number' && typeof twin === 'string') literals.set(member, twin);
    else keepDifferences(found, twin);
  }
  if (literals.size > 0) writtenNumbers.set(value, literals);
}

/** Remembers how the numbers at `spans` were written in `text`, of which `value` is the parsed form. */
export function keepWrittenNumbers(value: unknown, text: string, spans: readonly NumberSpan[]): void {
  if (spans.length > 0) keepDifferences(value, parseQuoted(text, spans));
}

/** The literal of a number that lost something in parsing, such as `12345678901234567890`; else `undefined`. */
export function writtenNumber(container: object, member: string): string | undefined {
  return writtenNumbers.get(container)?.get(member);
}
