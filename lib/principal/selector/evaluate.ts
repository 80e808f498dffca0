import { compilePattern } from './compile-pattern.js';
import type { Comparison, Expression, Fail, SelectorInput, Target } from './syntax.js';

/**
 * What an expression says: yes, no, or, where the answer hangs on a value that is not there, nothing.
 *
 * Consul answers "no" in place of nothing, so that `!=`, `not in` and `is empty` match whoever lacks the claim, and
 * a mistyped claim name opens the rule to everybody. Here what is missing is unknown and stays unknown under `not`,
 * as in SQL.
 */
type Verdict = boolean | undefined;

type Judge = (input: SelectorInput) => Verdict;
type Ask<Found> = (found: Found) => Verdict;

/** Own members only: an attribute may be called anything. */
function find<Found>(record: Readonly<Record<string, Found>>, name: string): Found | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** `in` on a single value looks for a part of it, as Consul does: `"a" in value.x` is true for `xay`. */
function askValue({ test, operand, position }: Comparison, fail: Fail): Ask<string> {
  if (test === 'equals') return (value) => value === operand;
  if (test === 'holds') return (value) => value.includes(operand);
  return compilePattern(operand, (problem) => fail(problem, position));
}

/** A list, or the names of all that is there. */
function askNames({ test, operand }: Comparison): Ask<readonly string[]> {
  return test === 'holds' ? (names) => names.includes(operand) : (names) => names.length === 0;
}

function over<Found>(read: (input: SelectorInput) => Found | undefined, ask: Ask<Found>): Judge {
  return (input) => {
    const found = read(input);
    return found === undefined ? undefined : ask(found);
  };
}

function judgeTarget(comparison: Comparison, { of, name }: Target, fail: Fail): Judge {
  // All the values, or all the lists, are never missing: asking for a name among them is asking what there is.
  if (name === undefined) return over((input) => Object.keys(input[of]), askNames(comparison));
  if (of === 'list') return over(({ list }) => find(list, name), askNames(comparison));
  return over(({ value }) => find(value, name), askValue(comparison, fail));
}

const negate =
  (judge: Judge): Judge =>
  (input) => {
    const verdict = judge(input);
    return verdict === undefined ? undefined : !verdict;
  };

/** The first term that decides, else unknown if one is, else the other answer. */
function chain(judges: readonly Judge[], decisive: boolean): Judge {
  return (input) => {
    let unknown = false;
    for (const judge of judges) {
      const verdict = judge(input);
      if (verdict === decisive) return decisive;
      unknown ||= verdict === undefined;
    }
    return unknown ? undefined : !decisive;
  };
}

/** Turns an expression into a function that judges. */
export function compileVerdict(expression: Expression, fail: Fail): Judge {
  switch (expression.kind) {
    case 'comparison': {
      const judge = judgeTarget(expression, expression.target, fail);
      return expression.negated ? negate(judge) : judge;
    }
    case 'not':
      return negate(compileVerdict(expression.term, fail));
    default:
      return chain(
        expression.terms.map((term) => compileVerdict(term, fail)),
        expression.kind === 'or',
      );
  }
}
