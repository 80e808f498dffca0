import { ConfigurationError } from '../../errors/configuration-error.js';
import { parseSelector } from './parse-selector.js';
import type { Fail, MappedNames, SelectorInput } from './syntax.js';
import { compileVerdict } from './verdict.js';

/** Longer selectors than this are machine-made, and better written as a function. In characters. */
const MAX_LENGTH = 8_192;

/**
 * Compiles a selector of Consul's binding rules, once, at creation:
 *
 * ```
 * value.team == "blue" and ("ops" in list.groups or list.groups contains admins) and value.mail matches `@example\.com$`
 * ```
 *
 * `value.x` takes `==`, `!=`, `in`, `contains` (parts of the text, as in Consul) and `matches` (RE2, in linear time);
 * `list.x`, and `value` and `list` themselves, take `in`, `contains` and `is empty`; each also with `not`. Names with
 * odd characters: `value["odd-name"]`. A value that is missing never matches, under `!=`, `not` and `is empty` neither;
 * whether it is there can be asked: `"x" not in value`.
 *
 * @throws ConfigurationError for what does not parse, or names an attribute that is not mapped; it says where.
 */
export function compileSelector(option: string, text: string, mapped: MappedNames): (input: SelectorInput) => boolean {
  const fail: Fail = (problem, position) => {
    throw new ConfigurationError(option, `${problem} (selector, position ${position + 1})`);
  };
  if (text.length > MAX_LENGTH) fail(`is longer than ${MAX_LENGTH} characters`, MAX_LENGTH);
  const judge = compileVerdict(parseSelector(text, mapped, fail), fail);
  return (input) => judge(input) === true;
}
