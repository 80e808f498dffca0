/** Whether a character (a code point) is one that a pattern asks for. */
export type CharacterTest = (character: string) => boolean;

/** Says what is wrong with a pattern. */
export type FailPattern = (problem: string) => never;

/** What RE2's classes hold, as the inside of one of ours. RE2's `\s` has no vertical tab and no Unicode space. */
const CLASSES: Readonly<Record<string, string>> = {
  d: '\\d',
  D: '\\D',
  w: '\\w',
  W: '\\W',
  s: '\\t\\n\\f\\r ',
  S: '\\u{0}-\\u{8}\\u{b}\\u{e}-\\u{1f}\\u{21}-\\u{10ffff}',
};

/** `[[:alpha:]]` and its like. */
const NAMED_CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\u{0}-\\u{7f}',
  blank: '\\t ',
  cntrl: '\\u{0}-\\u{1f}\\u{7f}',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

const CONTROLS: Readonly<Record<string, string>> = { a: '\x07', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

const own = (table: Readonly<Record<string, string>>, name: string) =>
  Object.hasOwn(table, name) ? table[name] : undefined;

export const classOf = (letter: string): string | undefined => own(CLASSES, letter);
export const namedClass = (name: string): string | undefined => own(NAMED_CLASSES, name);
export const controlOf = (letter: string): string | undefined => own(CONTROLS, letter);

/** `\p{Greek}`: a general category of one or two letters, or a script. */
export function unicodeClass(name: string, negated: boolean): string {
  return `\\${negated ? 'P' : 'p'}{${name.length > 2 ? `Script=${name}` : name}}`;
}

export function rangeSource(low: string, high = low): string {
  const escaped = (character: string) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  return low === high ? escaped(low) : `${escaped(low)}-${escaped(high)}`;
}

/** Case is folded one character at a time, as RE2 does. */
const casesOf = (character: string) => [character, character.toLowerCase(), character.toUpperCase()];

/**
 * A test for the inside of a class. The engine's own regular expressions look at one character here, where nothing
 * can backtrack.
 */
export function classTest(
  inside: string,
  { negated, foldCase }: { negated: boolean; foldCase: boolean },
  fail: FailPattern,
): CharacterTest {
  if (inside === '') return () => negated;
  let set: RegExp;
  try {
    set = new RegExp(`^[${inside}]$`, 'u');
  } catch {
    return fail('names a class of characters that does not exist');
  }
  const holds: CharacterTest = foldCase
    ? (character) => casesOf(character).some((one) => set.test(one))
    : (character) => set.test(character);
  return negated ? (character) => !holds(character) : holds;
}

export function literalTest(literal: string, foldCase: boolean): CharacterTest {
  if (!foldCase) return (character) => character === literal;
  const wanted = new Set(casesOf(literal));
  return (character) => casesOf(character).some((one) => wanted.has(one));
}
