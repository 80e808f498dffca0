import type { Target, Test } from './syntax.js';

/** An operator: its words, its test, and the side on which the attribute stands. */
export interface Operator {
  readonly words: readonly string[];
  readonly test: Test;
  readonly negated: boolean;
  /** `value in attribute` rather than `attribute contains value`. */
  readonly valueFirst?: boolean;
}

/** Operators of Consul's selectors. An operator that begins with the words of another one stands before it. */
export const OPERATORS: readonly Operator[] = [
  { words: ['=='], test: 'equals', negated: false },
  { words: ['!='], test: 'equals', negated: true },
  { words: ['in'], test: 'holds', negated: false, valueFirst: true },
  { words: ['not', 'in'], test: 'holds', negated: true, valueFirst: true },
  { words: ['contains'], test: 'holds', negated: false },
  { words: ['not', 'contains'], test: 'holds', negated: true },
  { words: ['is', 'not', 'empty'], test: 'empty', negated: true },
  { words: ['is', 'empty'], test: 'empty', negated: false },
  { words: ['matches'], test: 'matches', negated: false },
  { words: ['not', 'matches'], test: 'matches', negated: true },
];

const VALUE_TESTS: readonly Test[] = ['equals', 'holds', 'matches'];
const LIST_TESTS: readonly Test[] = ['holds', 'empty'];

/** Whether a test applies to a target, by the rules that Consul checks when a binding rule is written. */
export function appliesTo(test: Test, { of, name }: Target): boolean {
  return (of === 'value' && name !== undefined ? VALUE_TESTS : LIST_TESTS).includes(test);
}
