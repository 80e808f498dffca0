import type { FailPattern } from './characters.js';
import { parsePattern } from './parse-pattern.js';
import { buildProgram, type Program, type State } from './pattern-program.js';

/** In characters. Longer patterns and texts are nothing that names a person, a team or a place. */
const MAX_PATTERN_LENGTH = 1_000;
const MAX_TEXT_LENGTH = 2_048;

/**
 * All states that can be reached from these without reading a character, each once: that is what keeps the work
 * per character within the size of the pattern.
 */
function reachable(
  { states }: Program,
  from: readonly number[],
  before: string | undefined,
  after: string | undefined,
): State[] {
  const seen = new Set<number>();
  const found: State[] = [];
  const open = [...from];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const state = states[index];
    if (state === undefined || seen.has(index)) continue;
    seen.add(index);
    if (state.kind === 'fork') open.push(...state.next);
    else if (state.kind !== 'place') found.push(state);
    else if (state.test(before, after)) open.push(state.next);
  }
  return found;
}

/** Looks for a match anywhere in the text, following all possibilities at once (Thompson's simulation). */
function search(program: Program, text: string): boolean {
  const characters = [...text];
  let current: number[] = [];
  for (let index = 0; index <= characters.length; index += 1) {
    const after = characters[index];
    const states = reachable(program, [...current, program.start], characters[index - 1], after);
    current = [];
    for (const state of states) {
      if (state.kind === 'match') return true;
      if (state.kind === 'character' && after !== undefined && state.test(after)) current.push(state.next);
    }
  }
  return false;
}

/**
 * Compiles a pattern in RE2's syntax, Consul's `matches`, into a search.
 *
 * The engine's own regular expressions backtrack: `(a+)+$` takes years over a claim of forty letters, and no check
 * of the pattern tells the bad from the good. This search takes a time proportional to pattern and text, as RE2 does,
 * and both are bounded. It has no back-references and no looking around, as RE2 has none.
 *
 * A text that is too long gets no verdict, so that neither `matches` nor `not matches` is true of it.
 */
export function compilePattern(source: string, fail: FailPattern): (text: string) => boolean | undefined {
  const failAloud: FailPattern = (problem) => fail(`has a pattern that ${problem}`);
  if (source.length > MAX_PATTERN_LENGTH) failAloud(`is longer than ${MAX_PATTERN_LENGTH} characters`);
  const program = buildProgram(parsePattern(source, failAloud), failAloud);
  return (text) => (text.length > MAX_TEXT_LENGTH ? undefined : search(program, text));
}
