import type { CharacterTest, FailPattern } from './characters.js';
import type { Pattern, PlaceTest } from './pattern-syntax.js';

/** A state of the machine, and the states that it leads to, by index. */
export type State =
  | { readonly kind: 'character'; readonly test: CharacterTest; readonly next: number }
  | { readonly kind: 'place'; readonly test: PlaceTest; readonly next: number }
  | { readonly kind: 'fork'; readonly next: readonly number[] }
  | { readonly kind: 'match' };

export interface Program {
  readonly states: readonly State[];
  readonly start: number;
}

/** Bounds the work per character; `[0-9a-f]{8}-…` of a UUID takes 36. */
const MAX_STATES = 1_000;
/** Bounds the work of building: repetitions of nothing cost time without making states. */
const MAX_STEPS = 10_000;

/** Builds the states of a pattern from its end to its beginning (Thompson's construction). */
class ProgramBuilder {
  readonly states: State[] = [];
  readonly #fail: FailPattern;
  #steps = 0;

  constructor(fail: FailPattern) {
    this.#fail = fail;
  }

  add(state: State): number {
    this.states.push(state);
    if (this.states.length > MAX_STATES) this.#fail('is too large');
    return this.states.length - 1;
  }

  /** The state where `pattern` begins that goes on with the state `next`. */
  emit(pattern: Pattern, next: number): number {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) this.#fail('is too large');
    switch (pattern.kind) {
      case 'character':
        return this.add({ kind: 'character', test: pattern.test, next });
      case 'place':
        return this.add({ kind: 'place', test: pattern.test, next });
      case 'sequence':
        return pattern.items.reduceRight((after, item) => this.emit(item, after), next);
      case 'choice':
        return this.#emitChoice(pattern.items, next);
      default:
        return this.#emitRepeat(pattern.item, pattern.min, pattern.max, next);
    }
  }

  #emitChoice(items: readonly Pattern[], next: number): number {
    const starts = items.map((item) => this.emit(item, next));
    const [only] = starts;
    return starts.length === 1 && only !== undefined ? only : this.add({ kind: 'fork', next: starts });
  }

  #emitRepeat(item: Pattern, min: number, max: number, next: number): number {
    let start = next;
    if (max === Number.POSITIVE_INFINITY) {
      // The loop leads back to a fork that has to exist before its body does.
      const ways = [next];
      start = this.add({ kind: 'fork', next: ways });
      ways.push(this.emit(item, start));
    } else {
      for (let count = min; count < max; count += 1) {
        start = this.add({ kind: 'fork', next: [this.emit(item, start), next] });
      }
    }
    for (let count = 0; count < min; count += 1) start = this.emit(item, start);
    return start;
  }
}

export function buildProgram(pattern: Pattern, fail: FailPattern): Program {
  const builder = new ProgramBuilder(fail);
  const match = builder.add({ kind: 'match' });
  const start = builder.emit(pattern, match);
  return { states: builder.states, start };
}
