/**
 * Whether a text has no NUL and no half of a surrogate pair. Databases change these, so that two texts could become
 * one.
 */
function isStorable(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}

/**
 * Refuses parsed JSON with names or texts that are not Unicode (RFC 8259 section 8.2), or contain a NUL.
 * @throws {SyntaxError} when there is one.
 */
function assertStorableTexts(value: unknown): void {
  if (typeof value === 'string' && !isStorable(value)) throw new SyntaxError('JSON has a text that is not Unicode');
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    assertStorableTexts(name);
    assertStorableTexts(member);
  }
}

/** Deepest nesting; deeper JSON could overflow the stack in a later `JSON.stringify` or `structuredClone`. */
const MAX_DEPTH = 32;
/** Most members in all, far above what tokens have. */
const MAX_MEMBERS = 512;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

// `ignoreBOM` keeps a byte order mark, so that JSON.parse refuses it (RFC 8259 section 8.1).
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether an odd number of backslashes stands before `index`. */
function isEscaped(text: string, index: number): boolean {
  let start = index;
  while (text.charCodeAt(start - 1) === BACKSLASH) start -= 1;
  return (index - start) % 2 === 1;
}

/** Index behind the string that opens at `start`. The text is valid JSON, so the string closes. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

/** Counters of a scan through a text. */
interface Written {
  members: number;
  containers: number;
  separators: number;
  depth: number;
}

/** Returns the index behind the lexeme at `start`, and counts members and depth. */
function scanLexeme(text: string, start: number, written: Written): number {
  const code = text.charCodeAt(start);
  if (code === QUOTE) return endOfString(text, start);
  if (code === COLON) written.members += 1;
  else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
    written.depth += 1;
    written.containers += 1;
  } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) written.depth -= 1;
  else if (code === COMMA) written.separators += 1;
  return start + 1;
}

/**
 * Counts what is written, and refuses deep nesting before a recursive function sees the value. The text is known to be
 * valid JSON.
 */
function countWritten(text: string): Written {
  const written: Written = { members: 0, containers: 0, separators: 0, depth: 0 };
  for (let index = 0; index < text.length; ) {
    index = scanLexeme(text, index, written);
    if (written.depth > MAX_DEPTH) throw new SyntaxError('JSON is nested too deeply');
  }
  if (written.members > MAX_MEMBERS) throw new SyntaxError('JSON has too many members');
  return written;
}

function countKeptMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) members += countKeptMembers(item);
    return members;
  }
  const kept = value as Readonly<Record<string, unknown>>;
  // `for … in` avoids a list of the members, which would cost more than reading them.
  for (const name in kept) {
    if (!Object.hasOwn(kept, name)) continue;
    // An own member `__proto__` becomes the prototype when the object is copied by assignment.
    if (name === '__proto__') throw new SyntaxError('JSON has a member named __proto__');
    members += 1 + countKeptMembers(kept[name]);
  }
  return members;
}

/** Most bytes of memory that an object or list, a list item, and a member take in a frozen value; measured. */
const CONTAINER_BYTES = 64;
const ITEM_BYTES = 24;
const MEMBER_BYTES = 120;
/** Bytes per UTF-16 unit of a text that is not Latin-1. */
const CHARACTER_BYTES = 2;

/** Estimates the memory of a parsed text in bytes: rather too many than too few. */
function weigh(text: string, { containers, separators, members }: Written): number {
  return (
    text.length * CHARACTER_BYTES + containers * CONTAINER_BYTES + separators * ITEM_BYTES + members * MEMBER_BYTES
  );
}

/** A parsed JSON text, and how much memory it takes. */
export interface StrictJson {
  readonly value: unknown;
  /** Estimated memory of the value in bytes, counted while it was read. */
  readonly heldBytes: number;
}

/**
 * Parses bytes as JSON, and refuses what parsers disagree about: anything but strict UTF-8, a byte order mark,
 * duplicate members on any level (RFC 7515 section 4, RFC 7519 section 4), deep nesting, `__proto__`, and texts that
 * are not Unicode.
 *
 * Duplicates show in the count: the parser keeps fewer members than were written. Numbers that a double cannot hold are
 * rounded in the value; `WrittenNumbers` reads them exactly.
 *
 * @throws {SyntaxError} when the text is no strict JSON.
 * @throws {TypeError} when the bytes are no UTF-8.
 */
export function readStrictJson(bytes: Uint8Array): StrictJson {
  const text = utf8.decode(bytes);
  const value: unknown = JSON.parse(text);
  const written = countWritten(text);
  if (written.members !== countKeptMembers(value)) throw new SyntaxError('JSON has duplicate members');
  // In strict UTF-8, only an escape can write a text that is not Unicode.
  if (text.includes('\\u')) assertStorableTexts(value);
  return { value, heldBytes: weigh(text, written) };
}

/**
 * Parses bytes as {@link readStrictJson} does, for values that are not kept.
 *
 * @throws {SyntaxError} when the text is no strict JSON.
 * @throws {TypeError} when the bytes are no UTF-8.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  return readStrictJson(bytes).value;
}

/** Whether a value is a JSON object, and not an array, a scalar or null. */
export function isPlainRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Freezes objects and arrays at every depth. Of a date only the properties are frozen, because its time is not one of
 * them.
 */
export function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) for (const item of value) deepFreeze(item);
  // `for … in` takes half the time of `Object.values`.
  else if (isPlainRecord(value)) for (const name in value) if (Object.hasOwn(value, name)) deepFreeze(value[name]);
  Object.freeze(value);
}
