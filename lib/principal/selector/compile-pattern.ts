import { createRequire } from 'node:module';

/** Longest pattern in characters, far beyond what names of people, teams and places need. */
const MAX_PATTERN_LENGTH = 1_000;
/** Longest text in characters that a pattern is searched in. */
const MAX_TEXT_LENGTH = 2_048;
/** Most instructions of a compiled pattern, each of which may run at each character; the pattern of a UUID has 51. */
const MAX_PROGRAM_SIZE = 1_000;

const require = createRequire(import.meta.url);
/** Loads the package with the first pattern: loading it takes a while, and few applications need it. */
const loadRe2 = (): typeof import('re2js') => require('re2js');

/**
 * Compiles a pattern in RE2's syntax, as Consul's `matches` takes it, into a function that searches a text for it.
 *
 * JavaScript's own regular expressions backtrack: `(a+)+$` takes years over a claim of forty letters, and no check of
 * a pattern recognises all such patterns. RE2 takes time proportional to pattern and text, both of which are bounded
 * here. It has no back-references, look-ahead or look-behind.
 *
 * The function returns `undefined` for a text that is too long, so that neither `matches` nor `not matches` holds.
 */
export function compilePattern(
  source: string,
  fail: (problem: string) => never,
): (text: string) => boolean | undefined {
  if (source.length > MAX_PATTERN_LENGTH) fail(`has a pattern that is longer than ${MAX_PATTERN_LENGTH} characters`);
  const { RE2JS, RE2JSSyntaxException } = loadRe2();
  const compile = () => {
    try {
      return RE2JS.compile(source);
    } catch (thrown) {
      if (!(thrown instanceof RE2JSSyntaxException)) throw thrown;
      return fail(`has a pattern that is none of RE2’s: ${thrown.message}`);
    }
  };
  const pattern = compile();
  if (pattern.programSize() > MAX_PROGRAM_SIZE) fail('has a pattern that is too large');
  return (text) => (text.length > MAX_TEXT_LENGTH ? undefined : pattern.test(text));
}
