/** NUL, and halves of surrogate pairs: no database keeps them as they are, so two texts could become one. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}

/**
 * Refuses parsed JSON with names or texts that are not Unicode (RFC 8259 section 8.2), or hold a NUL.
 * @throws SyntaxError
 */
function assertStorableTexts(value: unknown): void {
  if (typeof value === 'string' && !isStorable(value)) throw new SyntaxError('JSON has a text that is not Unicode');
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    assertStorableTexts(name);
    assertStorableTexts(member);
  }
}

/** Deeper JSON than this makes later `JSON.stringify` or `structuredClone` calls fall over. */
const MAX_DEPTH = 32;
/** More members than this no token needs. */
const MAX_MEMBERS = 512;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

// A byte order mark is kept, so that JSON.parse sees and refuses it (RFC 8259 section 8.1).
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether an odd number of backslashes stands before `index`. */
function isEscaped(text: string, index: number): boolean {
  let start = index;
  while (text.charCodeAt(start - 1) === BACKSLASH) start -= 1;
  return (index - start) % 2 === 1;
}

/** Index just behind the string that opens at `start`; the text is JSON, so it closes. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

/** What stands in a text, up to where the scan has come. */
interface Written {
  members: number;
  depth: number;
}

/** Index just behind the lexeme that starts at `start`, of which it notes what counts. */
function scanLexeme(text: string, start: number, written: Written): number {
  const code = text.charCodeAt(start);
  if (code === QUOTE) return endOfString(text, start);
  if (code === COLON) written.members += 1;
  // What opens goes deeper, what closes comes back.
  else if (code === OPEN_BRACE || code === OPEN_BRACKET) written.depth += 1;
  else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) written.depth -= 1;
  return start + 1;
}

/**
 * Counts the members as written, and refuses deep nesting before anything recursive touches the value. The text is
 * known to be JSON.
 */
function countWrittenMembers(text: string): number {
  const written: Written = { members: 0, depth: 0 };
  for (let index = 0; index < text.length; ) {
    index = scanLexeme(text, index, written);
    if (written.depth > MAX_DEPTH) throw new SyntaxError('JSON is nested too deeply');
  }
  if (written.members > MAX_MEMBERS) throw new SyntaxError('JSON has too many members');
  return written.members;
}

function countKeptMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) members += countKeptMembers(item);
    return members;
  }
  const kept = value as Readonly<Record<string, unknown>>;
  // Without a list of the members, which would cost more than looking at them.
  for (const name in kept) {
    if (!Object.hasOwn(kept, name)) continue;
    // An own member of this name turns into a prototype as soon as somebody copies the object.
    if (name === '__proto__') throw new SyntaxError('JSON has a member named __proto__');
    members += 1 + countKeptMembers(kept[name]);
  }
  return members;
}

/**
 * Parses bytes as JSON, and refuses what parsers disagree about: anything but strict UTF-8, a byte order mark,
 * duplicate members on any level (RFC 7515 section 4, RFC 7519 section 4), deep nesting, `__proto__`, and texts that
 * are not Unicode.
 *
 * A duplicate shows in the count: the parser keeps fewer members than were written. Numbers that a double cannot
 * hold are doubles in the value; `WrittenNumbers` reads what they said.
 *
 * @throws SyntaxError or TypeError; the caller decides what that means.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = utf8.decode(bytes);
  const value: unknown = JSON.parse(text);
  if (countWrittenMembers(text) !== countKeptMembers(value)) throw new SyntaxError('JSON has duplicate members');
  // Strict UTF-8 can hold such texts in an escape only.
  if (text.includes('\\u')) assertStorableTexts(value);
  return value;
}
