import { parseSelector } from '../../principal/selector/parse-selector.js';
import {
  ANY_NAMES,
  type Comparison,
  type Expression,
  type Fail,
  type Target,
} from '../../principal/selector/syntax.js';

/**
 * Returns Consul's answer to a comparison over a claim that the token lacks: yes to everything negated, to `is empty`,
 * and, since go-bexpr 0.1.2 has no case for it, to `matches` with and without `not`.
 */
function answersYes({ test, negated }: Comparison): boolean {
  return test === 'matches' || (test === 'empty' ? !negated : negated);
}

/** An attribute by whose absence a selector may match in Consul. */
export interface MissedAttribute {
  readonly of: Target['of'];
  readonly name: string;
}

/** The attributes whose absence may make an expression come out as `wanted` in Consul. */
function opened(expression: Expression, wanted: boolean): MissedAttribute[] {
  if (expression.kind === 'not') return opened(expression.term, !wanted);
  if (expression.kind !== 'comparison') return expression.terms.flatMap((term) => opened(term, wanted));
  const { of, name } = expression.target;
  return name !== undefined && answersYes(expression) === wanted ? [{ of, name }] : [];
}

const unreachable: Fail = (problem) => {
  throw new TypeError(problem);
};

/**
 * Names the attributes by whose absence a selector may match in Consul, and never matches here: there a rule over a
 * mistyped claim opens itself to everybody.
 * @param selector one that compiles.
 */
export function attributesMissedByConsul(selector: string): readonly MissedAttribute[] {
  const found = opened(parseSelector(selector, ANY_NAMES, unreachable), true);
  return [...new Map(found.map((attribute) => [`${attribute.of}.${attribute.name}`, attribute])).values()];
}
