/** Says whether a name is mapped. */
export type NameList = Pick<readonly string[], 'includes'>;

/** Which attributes there are to ask about: the names of `claims.attributes` and of `claims.lists`. */
export interface MappedNames {
  readonly value: NameList;
  readonly list: NameList;
}

/** For bindings over the principals of several methods, whose mappings differ: any name may be asked for. */
export const ANY_NAMES: MappedNames = { value: { includes: () => true }, list: { includes: () => true } };

/** What a selector is asked about: single values and lists, by the names that the mapping gave them. */
export interface SelectorInput {
  readonly value: Readonly<Record<string, string>>;
  readonly list: Readonly<Record<string, readonly string[]>>;
}

/** `value.x` or `list.x`; without a name, all the values or lists there are. */
export interface Target {
  readonly of: keyof SelectorInput;
  readonly name?: string;
}

/** What is asked of the target. `contains` is `in` with its sides swapped. */
export type Test = 'equals' | 'holds' | 'empty' | 'matches';

/** One question, for example `value.team == "blue"`. */
export interface Comparison {
  readonly kind: 'comparison';
  readonly target: Target;
  readonly test: Test;
  readonly negated: boolean;
  /** The text compared with; empty where the test has none. */
  readonly operand: string;
  /** Where the operand stands, for errors. */
  readonly position: number;
}

export type Expression =
  | Comparison
  | { readonly kind: 'not'; readonly term: Expression }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Expression[] };

/** Ends the compilation with a ConfigurationError that names the place; positions count from 0. */
export type Fail = (problem: string, position: number) => never;
