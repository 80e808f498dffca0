/** The names that a claim mapping defines. */
export type NameList = Pick<readonly string[], 'includes'>;

/** Attributes that a selector may name: those of `claims.attributes` as `value`, those of `claims.lists` as `list`. */
export interface MappedNames {
  readonly value: NameList;
  readonly list: NameList;
}

/** Allows every name, for role bindings over principals of several methods with different mappings. */
export const ANY_NAMES: MappedNames = { value: { includes: () => true }, list: { includes: () => true } };

/** Input of a selector: single values and lists, by the names of the claim mapping. */
export interface SelectorInput {
  readonly value: Readonly<Record<string, string>>;
  readonly list: Readonly<Record<string, readonly string[]>>;
}

/** Left side of a comparison: `value.x` or `list.x`, or without a name the names of all values or lists. */
export interface Target {
  readonly of: keyof SelectorInput;
  readonly name?: string;
}

/** Test of a comparison. `holds` stands for both `contains` and `in`, which has its sides swapped. */
export type Test = 'equals' | 'holds' | 'empty' | 'matches';

/** A comparison, for example `value.team == "blue"`. */
export interface Comparison {
  readonly kind: 'comparison';
  readonly target: Target;
  readonly test: Test;
  readonly negated: boolean;
  /** The text to compare with; empty for the test `empty`. */
  readonly operand: string;
  /** Position of the operand, for errors. */
  readonly position: number;
}

/** Parsed selector. */
export type Expression =
  | Comparison
  | { readonly kind: 'not'; readonly term: Expression }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Expression[] };

/** Throws a ConfigurationError for a problem at a position, counted from 0. */
export type Fail = (problem: string, position: number) => never;
