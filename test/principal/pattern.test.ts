import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConfigurationError } from '../../lib/index.js';
import { compileSelector } from '../../lib/principal/selector/compile-selector.js';

/** What `value.x matches …` says of a text. */
function search(pattern: string): (text: string) => boolean {
  const matches = compileSelector('when', `value.x matches \`${pattern}\``, { value: ['x'], list: [] });
  return (text) => matches({ value: { x: text }, list: {} });
}

describe('matches, in the syntax of RE2,', () => {
  test.each([
    ['', 'anything'],
    ['b', 'abc'],
    ['^abc$', 'abc'],
    ['\\Aabc\\z', 'abc'],
    ['a|b|c', 'xxc'],
    ['^(?:ab)+$', 'ababab'],
    ['^(?P<x>a)(?<y>b)$', 'ab'],
    ['^a{2,3}$', 'aaa'],
    ['^a{2}$', 'aa'],
    ['^a{2,}$', 'aaaaa'],
    ['^a{,2}$', 'a{,2}'],
    ['^x{$', 'x{'],
    ['^a+?b*?c??$', 'aab'],
    ['(?i)^BLUE$', 'bLuE'],
    ['^(?i:B)lue$', 'blue'],
    ['(?i)[^a-c]', 'D'],
    ['(?s)^a.b$', 'a\nb'],
    ['(?m)^b$', 'a\nb\nc'],
    ['^[a-c]+$', 'abc'],
    ['^[]a]+$', 'a]'],
    ['^[^]a]$', 'b'],
    ['^[a-]+$', 'a-'],
    ['^[-a]+$', 'a-'],
    ['^[\\d\\-x]+$', '1-x'],
    ['^[[:alpha:][:digit:]_]+$', 'aZ9_'],
    ['^\\w+@\\w+\\.com$', 'a_1@b.com'],
    ['^\\pL+\\p{Greek}\\p{^Lu}\\PN$', 'äα1x'],
    ['^\\x41\\x{1F600}$', 'A😀'],
    ['^.$', '😀'],
    ['^\\/\\_\\@\\"$', '/_@"'],
    ['\\bops\\b', 'my ops team'],
    ['\\Bps', 'ops'],
    ['^(a*)*$', 'aaa'],
    ['^(|a)+b$', 'ab'],
    ['^$', ''],
    ['^\\Qa.b\\E$', 'a.b'],
    ['^[[:^alpha:]]$', '1'],
    [`^${'('.repeat(400)}a${')'.repeat(400)}$`, 'a'],
  ])('%s matches %j', (pattern, text) => {
    expect(search(pattern)(text)).toBe(true);
  });

  test.each([
    ['^b', 'ab'],
    ['^abc$', 'abc\n'],
    ['^a.b$', 'a\nb'],
    ['^b$', 'a\nb'],
    ['(?i)^[^a-c]$', 'A'],
    ['^(?i:B)lue$', 'bLUE'],
    ['(a(?i)b)c', 'aBC'],
    ['(?i)a(?-i)b', 'AB'],
    ['^a{2,3}$', 'aaaa'],
    ['^\\s$', '\v'],
    ['^\\S$', '\t'],
    ['\\.com$', 'xcom'],
    ['(?i)^\\W$', 'k'],
  ])('%s does not match %j', (pattern, text) => {
    expect(search(pattern)(text)).toBe(false);
  });

  test.each([
    ['(?=a)', 'unsupported Perl syntax'],
    ['(?<=a)b', 'invalid named capture'],
    ['(a)\\1', '\\1'],
    ['\\C', '\\C'],
    ['*a', 'missing argument to repetition'],
    ['a**', 'nested repetition'],
    ['a++', 'nested repetition'],
    ['a{2}{3}', 'nested repetition'],
    ['a{3,2}', 'invalid repeat count'],
    ['a{1001}', 'invalid repeat count'],
    ['(a', 'missing closing )'],
    ['a)', 'unexpected )'],
    ['[a', 'missing closing ]'],
    ['[]', 'missing closing ]'],
    ['[z-a]', 'invalid character class range'],
    ['[a-\\d]', '\\d'],
    ['[[:nothing:]]', '[:nothing:]'],
    ['\\p{Klingon}', 'Klingon'],
    ['\\x{110000}', '\\x'],
    ['a\\', 'trailing backslash'],
    ['(a{1000}){1000}', 'invalid repeat count'],
    ['(((){1000}){1000}){1000}', 'too large'],
    ['a{500}b{500}', 'too large'],
    ['('.repeat(400), 'missing closing )'],
    ['a'.repeat(1_001), 'longer than 1000'],
  ])('refuses %.40s at creation', (pattern, problem) => {
    expect(() => search(pattern)).toThrow(ConfigurationError);
    expect(() => search(pattern)).toThrow(problem);
  });

  test.each(['(a+)+$', '^(a|a)*$', '(a|aa)+$', '(.*)*x', '(a*)*(a*)*(a*)*b', '^(([a-z])+.)+[A-Z]([a-z])+$'])(
    'ends where a backtracking search would not: %s',
    (pattern) => {
      expect(search(pattern)(`${'a'.repeat(2_000)}!`)).toBe(false);
    },
  );

  test('takes the longest text that it looks at through the largest pattern in a time that has a bound', () => {
    const largest = search('^(?:a?){200}(?:[ab]?){200}b{180}$');
    const begin = performance.now();
    expect(largest('ab'.repeat(1_024))).toBe(false);
    expect(performance.now() - begin).toBeLessThan(2_000);
  });

  test('gives no verdict over a text that is too long, and none is no match', () => {
    const long = { value: { x: 'a'.repeat(2_049) }, list: {} };
    const mapped = { value: ['x'], list: [] };
    expect(compileSelector('when', 'value.x matches a', mapped)(long)).toBe(false);
    expect(compileSelector('when', 'value.x not matches b', mapped)(long)).toBe(false);
  });
});

test('agrees with the regular expressions of the language, where both say the same', () => {
  const leaf = fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '\\d', '^', '$', '\\b', '\\B', 'é', '-');
  const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
      fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(${a}|${b})`),
      fc
        .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '{1,}', '*?'))
        .map(([a, repetition]) => `(?:${a})${repetition}`),
    ),
  }));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', 'é', '-', '\n', ' '), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (source, subject) => {
      // RE2's dot leaves out the line feed only; the language's leaves out three more, which do not occur here.
      expect(search(source)(subject)).toBe(new RegExp(source, 'u').test(subject));
    }),
    { numRuns: 2_000 },
  );
});
