import { ConfigurationError } from '../../errors/configuration-error.js';
import { compileExpression } from './evaluate.js';
import { parseSelector } from './parse-selector.js';
import type { Fail, MappedNames, SelectorInput } from './syntax.js';

/** Longest selector in characters. A longer one is generated, and better written as a function. */
const MAX_LENGTH = 8_192;

/**
 * Compiles a selector of Consul's binding rules into a function that tells whether an identity matches:
 *
 * ```
 * value.team == "blue" and ("ops" in list.groups or list.groups contains admins) and value.mail matches `@example\.com$`
 * ```
 *
 * `value.x` takes `==`, `!=`, `in`, `contains` (part of the text, as in Consul) and `matches` (RE2, in linear time).
 * `list.x`, and `value` and `list` themselves, take `in`, `contains` and `is empty`. Each operator can be negated with
 * `not`. Names with other characters are quoted: `value["odd-name"]`. A comparison with a missing value never holds,
 * not even with `!=`, `not` or `is empty`; `"x" not in value` tests whether a value is missing.
 *
 * @throws {ConfigurationError} when the selector does not parse, or names an attribute that is not mapped. The message
 * has the position.
 */
export function compileSelector(option: string, text: string, mapped: MappedNames): (input: SelectorInput) => boolean {
  const fail: Fail = (problem, position) => {
    throw new ConfigurationError(option, `${problem} (selector, position ${position + 1})`);
  };
  if (text.length > MAX_LENGTH) fail(`is longer than ${MAX_LENGTH} characters`, MAX_LENGTH);
  const evaluate = compileExpression(parseSelector(text, mapped, fail), fail);
  return (input) => evaluate(input) === true;
}
