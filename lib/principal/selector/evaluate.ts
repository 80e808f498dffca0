import { compilePattern } from './compile-pattern.js';
import type { Comparison, Expression, Fail, SelectorInput, Target } from './syntax.js';

/**
 * Three-valued result of an expression: `undefined` is "unknown", for a result that depends on a missing value.
 *
 * Consul takes false for unknown, so that `!=`, `not in` and `is empty` match every identity without the claim, and a
 * mistyped claim name lets the rule match everybody. Here unknown stays unknown under `not`, as in SQL.
 */
type Ternary = boolean | undefined;

type Evaluate = (input: SelectorInput) => Ternary;
type Predicate<Found> = (found: Found) => Ternary;

/** Reads an own member, because an attribute may have any name, `constructor` for example. */
function find<Found>(record: Readonly<Record<string, Found>>, name: string): Found | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Test of a single value. `in` searches for a part of it, as in Consul: `"a" in value.x` is true for `xay`. */
function valuePredicate({ test, operand, position }: Comparison, fail: Fail): Predicate<string> {
  if (test === 'equals') return (value) => value === operand;
  if (test === 'holds') return (value) => value.includes(operand);
  return compilePattern(operand, (problem) => fail(problem, position));
}

/** Test of a list, or of the names of all values or lists. */
function listPredicate({ test, operand }: Comparison): Predicate<readonly string[]> {
  return test === 'holds' ? (names) => names.includes(operand) : (names) => names.length === 0;
}

function applied<Found>(read: (input: SelectorInput) => Found | undefined, predicate: Predicate<Found>): Evaluate {
  return (input) => {
    const found = read(input);
    return found === undefined ? undefined : predicate(found);
  };
}

function compileComparison(comparison: Comparison, { of, name }: Target, fail: Fail): Evaluate {
  // The names of all values, or all lists, are never missing: `"x" in value` tests whether x is there.
  if (name === undefined) return applied((input) => Object.keys(input[of]), listPredicate(comparison));
  if (of === 'list') return applied(({ list }) => find(list, name), listPredicate(comparison));
  return applied(({ value }) => find(value, name), valuePredicate(comparison, fail));
}

const negate =
  (evaluate: Evaluate): Evaluate =>
  (input) => {
    const result = evaluate(input);
    return result === undefined ? undefined : !result;
  };

/** Evaluates terms up to the first `decisive` result. Without one, the result is unknown if any term is. */
function chain(terms: readonly Evaluate[], decisive: boolean): Evaluate {
  return (input) => {
    let unknown = false;
    for (const evaluate of terms) {
      const result = evaluate(input);
      if (result === decisive) return decisive;
      unknown ||= result === undefined;
    }
    return unknown ? undefined : !decisive;
  };
}

/** Compiles an expression into a function that evaluates it. */
export function compileExpression(expression: Expression, fail: Fail): Evaluate {
  switch (expression.kind) {
    case 'comparison': {
      const evaluate = compileComparison(expression, expression.target, fail);
      return expression.negated ? negate(evaluate) : evaluate;
    }
    case 'not':
      return negate(compileExpression(expression.term, fail));
    default:
      return chain(
        expression.terms.map((term) => compileExpression(term, fail)),
        expression.kind === 'or',
      );
  }
}
