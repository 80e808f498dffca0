import {
  type CharacterTest,
  classOf,
  classTest,
  controlOf,
  namedClass,
  rangeSource,
  unicodeClass,
} from './characters.js';
import type { PatternReader } from './pattern-reader.js';

/** What an escape stands for: one character, or the inside of a class. */
type Escaped = { readonly character: string } | { readonly inside: string };

/** Escaped, these are themselves. */
const PUNCTUATION = /^[!-/:-@[-`{-~]$/;

function unicodeEscape(reader: PatternReader, letter: string): Escaped {
  const found = reader.takeForm(/^(?:([A-Za-z])|\{(\^?)([A-Za-z_]+)\})/);
  if (found === undefined) return reader.fail(`has \\${letter} without a class`);
  const [, short, caret = '', long = ''] = found;
  return { inside: unicodeClass(short ?? long, (letter === 'P') !== (caret === '^')) };
}

function hexEscape(reader: PatternReader): Escaped {
  const found = reader.takeForm(/^(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/);
  const code = Number.parseInt(found?.[1] ?? found?.[2] ?? '', 16);
  if (!(code <= 0x10ffff)) return reader.fail('has \\x without the number of a character');
  return { character: String.fromCodePoint(code) };
}

/** What stands behind a backslash, which has been taken. */
export function parseEscape(reader: PatternReader): Escaped {
  const letter = reader.take();
  const inside = classOf(letter);
  if (inside !== undefined) return { inside };
  if (letter === 'p' || letter === 'P') return unicodeEscape(reader, letter);
  if (letter === 'x') return hexEscape(reader);
  const character = controlOf(letter) ?? (PUNCTUATION.test(letter) ? letter : undefined);
  if (character !== undefined) return { character };
  return reader.fail(`has \\${letter}, which RE2 does not know or which is not supported`);
}

function parseClassMember(reader: PatternReader): Escaped {
  const named = reader.takeForm(/^\[:(\^?)(\w+):\]/);
  if (named !== undefined) {
    const inside = named[1] === '' ? namedClass(named[2] ?? '') : undefined;
    return inside === undefined ? reader.fail(`has the class ${named[0]}, which is not supported`) : { inside };
  }
  return reader.takeIf('\\') ? parseEscape(reader) : { character: reader.take() };
}

/** A member, or a range of them. A hyphen at either end of the class is a hyphen. */
function parseClassItem(reader: PatternReader): string {
  const low = parseClassMember(reader);
  if ('inside' in low) return low.inside;
  if (reader.takeForm(/^-(?!\])/) === undefined) return rangeSource(low.character);
  const high = parseClassMember(reader);
  if ('inside' in high || (low.character.codePointAt(0) ?? 0) > (high.character.codePointAt(0) ?? 0)) {
    return reader.fail('has a range of characters that runs backwards');
  }
  return rangeSource(low.character, high.character);
}

/** A class behind its opening bracket. A closing bracket that comes first is a member, as in RE2. */
export function parseClass(reader: PatternReader): CharacterTest {
  const negated = reader.takeIf('^');
  let inside = '';
  do inside += parseClassItem(reader);
  while (!reader.takeIf(']'));
  return classTest(inside, { negated, foldCase: reader.folds }, reader.fail);
}
