import { classTest, type FailPattern, literalTest } from './characters.js';
import { parseClass, parseEscape } from './parse-class.js';
import { PatternReader } from './pattern-reader.js';
import { type Pattern, PLACES, type PlaceTest } from './pattern-syntax.js';

const MAX_DEPTH = 50;
/** RE2's own limit for `{n}`. */
const MAX_REPEAT = 1_000;

const place = (test: PlaceTest): Pattern => ({ kind: 'place', test });

/** `(?i)` holds to the end of the group around it; `(?i:…)` is a group of its own. True for the latter. */
function parseFlags(reader: PatternReader): boolean {
  const found = reader.takeForm(/^([ims]*)(?:-([ims]+))?([:)])/);
  if (found === undefined) return reader.fail('has a group that RE2 does not know or that is not supported');
  const [, on = '', off = '', end] = found;
  reader.flags = new Set([...reader.flags, ...on].filter((flag) => !off.includes(flag)));
  return end === ':';
}

/** A group behind its opening parenthesis. Nothing is captured, so every group is like every other. */
function parseGroup(reader: PatternReader): Pattern {
  if (reader.depth >= MAX_DEPTH) reader.fail('is nested too deeply');
  const outside = reader.flags;
  const named = reader.takeForm(/^\?P?<\w+>/) !== undefined;
  if (!named && reader.takeIf('?') && !parseFlags(reader)) return { kind: 'sequence', items: [] };
  reader.depth += 1;
  const inside = parseChoice(reader);
  if (!reader.takeIf(')')) reader.fail('has a group that does not end');
  reader.depth -= 1;
  reader.flags = outside;
  return inside;
}

function parseBackslash(reader: PatternReader): Pattern {
  const anchor = reader.takeForm(/^[AzbB]/)?.[0];
  if (anchor === 'A') return place(PLACES.textStart);
  if (anchor === 'z') return place(PLACES.textEnd);
  if (anchor !== undefined) return place(anchor === 'b' ? PLACES.wordEdge : PLACES.noWordEdge);
  const escaped = parseEscape(reader);
  const { folds: foldCase, fail } = reader;
  if ('character' in escaped) return { kind: 'character', test: literalTest(escaped.character, foldCase) };
  return { kind: 'character', test: classTest(escaped.inside, { negated: false, foldCase }, fail) };
}

function parseAtom(reader: PatternReader): Pattern {
  const lines = reader.flags.has('m');
  const dotIsAll = reader.flags.has('s');
  const character = reader.take();
  switch (character) {
    case '(':
      return parseGroup(reader);
    case '[':
      return { kind: 'character', test: parseClass(reader) };
    case '\\':
      return parseBackslash(reader);
    case '.':
      return { kind: 'character', test: (found) => dotIsAll || found !== '\n' };
    case '^':
      return place(lines ? PLACES.lineStart : PLACES.textStart);
    case '$':
      return place(lines ? PLACES.lineEnd : PLACES.textEnd);
    case '*':
    case '+':
    case '?':
      return reader.fail(`has nothing for ${character} to repeat`);
    default:
      return { kind: 'character', test: literalTest(character, reader.folds) };
  }
}

const REPETITION = /^(?:[*+?]|\{\d{1,9}(?:,\d{0,9})?\})/;

/** How often, as [least, most]. */
function countsOf(repetition: string): [min: number, max: number] {
  if (repetition === '*') return [0, Number.POSITIVE_INFINITY];
  if (repetition === '+') return [1, Number.POSITIVE_INFINITY];
  if (repetition === '?') return [0, 1];
  const [min = '0', max = min] = repetition.slice(1, -1).split(',');
  return [Number(min), max === '' ? Number.POSITIVE_INFINITY : Number(max)];
}

function parseRepeated(reader: PatternReader): Pattern {
  const item = parseAtom(reader);
  const repetition = reader.takeForm(REPETITION)?.[0];
  if (repetition === undefined) return item;
  // Whether it is greedy decides what is captured, and nothing is.
  reader.takeIf('?');
  if (reader.takeForm(REPETITION) !== undefined) reader.fail('repeats a repetition');
  const [min, max] = countsOf(repetition);
  if (min > MAX_REPEAT || (Number.isFinite(max) && (max > MAX_REPEAT || max < min))) {
    reader.fail(`has the repetition ${repetition}, which is not possible`);
  }
  return { kind: 'repeat', item, min, max };
}

function parseSequence(reader: PatternReader): Pattern {
  const items: Pattern[] = [];
  while (reader.next !== undefined && reader.next !== '|' && reader.next !== ')') items.push(parseRepeated(reader));
  return { kind: 'sequence', items };
}

function parseChoice(reader: PatternReader): Pattern {
  const items = [parseSequence(reader)];
  while (reader.takeIf('|')) items.push(parseSequence(reader));
  return { kind: 'choice', items };
}

/** Parses RE2's syntax as far as it decides whether a text matches; what is missing is refused, never misread. */
export function parsePattern(source: string, fail: FailPattern): Pattern {
  const reader = new PatternReader(source, fail);
  const pattern = parseChoice(reader);
  if (reader.next !== undefined) reader.fail('has a ) too many');
  return pattern;
}
