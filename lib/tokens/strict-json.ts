import { isExactNumber, keepWrittenNumbers, type NumberSpan } from './exact-numbers.js';

/** Deeper JSON than this makes later `JSON.stringify` or `structuredClone` calls fall over. */
const MAX_DEPTH = 32;
/** More members than this no token needs. */
const MAX_MEMBERS = 512;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NUMBER_START = /[-\d]/;
const NUMBER = /[-+.\deE]+/y;

// A byte order mark is kept, so that JSON.parse sees and refuses it (RFC 8259 section 8.1).
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Index just behind the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text.charCodeAt(index) !== QUOTE) {
    index += text.charCodeAt(index) === BACKSLASH ? 2 : 1;
  }
  return index + 1;
}

/** Index just behind the number that starts at `start`. */
function endOfNumber(text: string, start: number): number {
  NUMBER.lastIndex = start;
  NUMBER.test(text);
  return NUMBER.lastIndex;
}

interface Written {
  readonly members: number;
  /** Numbers of which parsing loses something. */
  readonly inexact: readonly NumberSpan[];
}

/**
 * Counts the members as written, finds the numbers that a double cannot hold, and refuses deep nesting before
 * anything recursive touches the value. The text is known to be JSON.
 */
function scanWritten(text: string): Written {
  const inexact: NumberSpan[] = [];
  let members = 0;
  let depth = 0;
  for (let index = 0; index < text.length; ) {
    const char = text.charAt(index);
    const start = index;
    if (char === '"') index = endOfString(text, index);
    else if (NUMBER_START.test(char)) {
      index = endOfNumber(text, index);
      if (!isExactNumber(text.slice(start, index))) inexact.push([start, index]);
    } else {
      if (char === ':') members += 1;
      else if (char === '{' || char === '[') depth += 1;
      else if (char === '}' || char === ']') depth -= 1;
      index += 1;
    }
    if (depth > MAX_DEPTH) throw new SyntaxError('JSON is nested too deeply');
  }
  if (members > MAX_MEMBERS) throw new SyntaxError('JSON has too many members');
  return { members, inexact };
}

function countKeptMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countKeptMembers(item), 0);
  let members = 0;
  for (const [name, member] of Object.entries(value)) {
    // An own member of this name turns into a prototype as soon as somebody copies the object.
    if (name === '__proto__') throw new SyntaxError('JSON has a member named __proto__');
    members += 1 + countKeptMembers(member);
  }
  return members;
}

/**
 * Parses bytes as JSON, and refuses what parsers disagree about: anything but strict UTF-8, a byte order mark,
 * duplicate members on any level (RFC 7515 section 4, RFC 7519 section 4), deep nesting, `__proto__`.
 *
 * A duplicate shows in the count: the parser keeps fewer members than were written. Numbers that a double cannot
 * hold are numbers in the value; `writtenNumber` still knows what they said.
 *
 * @throws SyntaxError or TypeError; the caller decides what that means.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = utf8.decode(bytes);
  const value: unknown = JSON.parse(text);
  const { members, inexact } = scanWritten(text);
  if (members !== countKeptMembers(value)) throw new SyntaxError('JSON has duplicate members');
  keepWrittenNumbers(value, text, inexact);
  return value;
}
