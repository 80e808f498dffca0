import { createRequire } from 'node:module';

/** In characters. Longer patterns and texts are nothing that names a person, a team or a place. */
const MAX_PATTERN_LENGTH = 1_000;
const MAX_TEXT_LENGTH = 2_048;
/** In instructions of the compiled pattern, each of which may be tried at each character; a UUID's takes 51. */
const MAX_PROGRAM_SIZE = 1_000;

const require = createRequire(import.meta.url);
/** Loaded with the first pattern: it is a tenth of the time that this package takes to load, and few need it. */
const loadRe2 = (): typeof import('re2js') => require('re2js');

/**
 * Compiles a pattern in RE2's syntax, Consul's `matches`, into a search anywhere in a text.
 *
 * The language's own regular expressions backtrack: `(a+)+$` takes years over a claim of forty letters, and no check
 * of the pattern tells the bad from the good. RE2 takes a time proportional to pattern and text, and both are bounded
 * here. It has no back-references and no looking around.
 *
 * A text that is too long gets `undefined`, so that neither `matches` nor `not matches` is true of it.
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
