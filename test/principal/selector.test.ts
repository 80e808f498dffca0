import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConfigurationError } from '../../lib/index.js';
import { compileSelector } from '../../lib/principal/selector/compile-selector.js';

const MAPPED = {
  value: ['team', 'mail', 'level', 'empty', 'gone', 'odd-name', 'constructor'],
  list: ['groups', 'none', 'lost'],
};
const ALICE = {
  value: { team: 'blue', mail: 'alice@example.com', level: '7', empty: '', 'odd-name': 'odd' },
  list: { groups: ['ops', 'dev-eu', 'on call'], none: [] },
};

const compile = (selector: string) => compileSelector('roleBindings[0].when', selector, MAPPED);
const matches = (selector: string) => compile(selector)(ALICE);

describe('a selector', () => {
  test.each([
    'value.team == blue',
    'value.team=="blue"',
    'value.team == `blue`',
    'value["team"] == "blue"',
    'value["odd-name"] == odd',
    'value.level == 7',
    'value.empty == ""',
    'value.team != "red"',
    '"lu" in value.team',
    'value.team contains lu',
    '"red" not in value.team',
    'value.team not contains "red"',
    '"ops" in list.groups',
    'ops in list.groups',
    'list.groups contains "on call"',
    'list.groups contains `dev-eu`',
    'admins not in list.groups',
    'list.groups not contains admins',
    'list.none is empty',
    'list["groups"] is not empty',
    'value.mail matches "@example\\\\.com$"',
    'value.mail matches `^[a-z]+@example\\.com$`',
    'value.mail not matches `\\.org$`',
    'team in value',
    'value contains "odd-name"',
    '"gone" not in value',
    'groups in list and lost not in list',
    'value is not empty and list is not empty',
    'not value.team == red',
    'not not value.team == blue',
    'value.team == blue and value.level == 7',
    'value.team == red or value.level == 7',
    '(value.team == red or value.team == blue) and ops in list.groups',
    '((value.team == blue))',
    '\t value.team\n==\r\nblue ',
    'value.mail != "a\\tb\\u0041\\"\\\\"',
  ])('matches: %s', (selector) => {
    expect(matches(selector)).toBe(true);
  });

  test.each([
    'value.team == Blue',
    'value.team == "blue "',
    'value.team != blue',
    '"ue2" in value.team',
    'op in list.groups',
    '"on" in list.groups',
    'list.groups is empty',
    'list.none is not empty',
    'value.mail matches `^example`',
    'value.level == 7.0',
    'value is empty',
    'list is empty',
    'not value.team == blue',
    'value.team == blue and value.level == 8',
    'value.team == red or value.level == 8',
  ])('does not match: %s', (selector) => {
    expect(matches(selector)).toBe(false);
  });

  test('binds not before and, and and before or', () => {
    expect(matches('value.team == blue or value.team == blue and value.team == red')).toBe(true);
    expect(matches('(value.team == blue or value.team == blue) and value.team == red')).toBe(false);
    expect(matches('not value.team == red and value.team == red')).toBe(false);
    expect(matches('not (value.team == red and value.team == red)')).toBe(true);
  });
});

describe('a value that is missing never matches', () => {
  test.each([
    'value.gone == x',
    'value.gone == ""',
    'value.gone != x',
    'x in value.gone',
    'x not in value.gone',
    'value.gone contains x',
    'value.gone not contains x',
    'value.gone matches `.*`',
    'value.gone not matches x',
    'x in list.lost',
    'x not in list.lost',
    'list.lost is empty',
    'list.lost is not empty',
    'not value.gone == x',
    'not x in list.lost',
    'not (value.gone == x and value.team == blue)',
    'not (value.gone == x or value.team == red)',
    'value.constructor != x',
  ])('under %s', (selector) => {
    expect(matches(selector)).toBe(false);
  });

  test.each([
    'value.gone == x or value.team == blue',
    'value.team == blue or value.gone != x',
    'not (value.gone == x and value.team == red)',
  ])('but what does not hang on it is decided: %s', (selector) => {
    expect(matches(selector)).toBe(true);
  });

  test('and claims called like members of every object are missing too', () => {
    expect(compile('value.constructor != x')({ value: {}, list: {} })).toBe(false);
    const own = JSON.parse('{"constructor":"mine"}') as Record<string, string>;
    expect(compile('value.constructor == mine')({ value: own, list: {} })).toBe(true);
  });
});

describe('a selector that means nothing is refused at creation, with the place:', () => {
  test.each([
    ['   ', 4],
    ['value.team', 11],
    ['value.team ==', 14],
    ['value.team = blue', 12],
    ['value.team == blue blue', 20],
    ['value.team == dev-eu', 18],
    ['value.team == 007', 15],
    ['value.team == "blue', 15],
    ['value.team == `blue', 15],
    ['value.team == "a\\d"', 17],
    ['value.team == blue and', 23],
    ['or value.team == blue', 4],
    ['(value.team == blue', 20],
    ['value.team == blue)', 19],
    ['value[team] == blue', 7],
    ['value["team" == blue', 14],
    ['value.team is nice', 12],
    ['blue == value.team', 1],
    ['team == blue', 1],
    ['value.team.name == blue', 1],
    ['"team" == blue', 1],
    ['x in "value.team"', 6],
    ['value.unmapped == x', 1],
    ['list.team contains x', 1],
    ['value.groups == x', 1],
    ['unmapped in value', 1],
    ['list contains unmapped', 15],
    ['value.team is empty', 12],
    ['list.groups == ops', 13],
    ['list.groups matches ops', 13],
    ['value == x', 7],
    ['value.team matches "("', 20],
    ['value.team matches `(?=x)`', 20],
    ['value.team; drop', 11],
  ])('%s', (selector, position) => {
    const create = () => compile(selector);
    expect(create).toThrow(ConfigurationError);
    expect(create).toThrow(new RegExp(`^roleBindings\\[0\\]\\.when: .*position ${position}\\)$`));
  });

  test('one that is nested too deeply or too long', () => {
    expect(() => compile(`${'('.repeat(5_000)}value.team == blue${')'.repeat(5_000)}`)).toThrow(ConfigurationError);
    expect(() => compile(`${'('.repeat(1_000)}value.team == blue`)).toThrow('nested too deeply');
    expect(() => compile(`${'not '.repeat(1_000)}value.team == blue`)).toThrow('nested too deeply');
    expect(() => compile(`value.team == "${'x'.repeat(9_000)}"`)).toThrow('longer than 8192');
  });
});

/** Words that selectors are made of, so that what is made up often comes close. */
const WORDS = ['value', 'list', 'value.team', 'list.groups', 'value.gone', '["team"]', '==', '!=', 'in', 'not', 'is'];
const MORE = ['empty', 'contains', 'matches', 'and', 'or', '(', ')', '"blue"', '`b+`', 'blue', '7', '-1.5', '"', '\\'];

describe('whatever is written', () => {
  const orConfigurationError = (selector: string) => {
    let predicate: ReturnType<typeof compile>;
    try {
      predicate = compile(selector);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
      return;
    }
    expect(typeof predicate(ALICE)).toBe('boolean');
    expect(predicate({ value: {}, list: {} })).toBe(predicate({ value: {}, list: {} }));
  };

  test('parses, or is a ConfigurationError', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), orConfigurationError), { numRuns: 1_000 });
  });

  test('out of its own words parses, or is a ConfigurationError', () => {
    const sentence = fc.array(fc.constantFrom(...WORDS, ...MORE), { maxLength: 12 }).map((words) => words.join(' '));
    fc.assert(fc.property(sentence, orConfigurationError), { numRuns: 1_500 });
  });

  test('as a pattern works, or is a ConfigurationError', () => {
    const pattern = fc.string({ unit: fc.constantFrom(...'ab(|)*+?{},1[]^-$.\\dwpPLsx:im'), maxLength: 20 });
    fc.assert(
      fc.property(pattern, (text) => orConfigurationError(`value.mail matches \`${text}\``)),
      { numRuns: 1_500 },
    );
  });

  test('a value is compared as it stands, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const quoted = JSON.stringify(value);
        expect(compile(`value.team == ${quoted}`)({ value: { team: value }, list: {} })).toBe(true);
        expect(compile(`value.team == ${quoted}`)({ value: { team: `${value}x` }, list: {} })).toBe(false);
      }),
    );
  });
});
