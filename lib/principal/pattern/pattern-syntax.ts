import type { CharacterTest } from './characters.js';

/** Asks about a place between two characters; `undefined` stands for the end of the text on that side. */
export type PlaceTest = (before: string | undefined, after: string | undefined) => boolean;

export type Pattern =
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'place'; readonly test: PlaceTest }
  | { readonly kind: 'sequence' | 'choice'; readonly items: readonly Pattern[] }
  | { readonly kind: 'repeat'; readonly item: Pattern; readonly min: number; readonly max: number };

const isWord = (character: string | undefined) => character !== undefined && /^\w$/.test(character);

/** Where a text or a line begins and ends, and where a word does. */
export const PLACES = {
  textStart: (before) => before === undefined,
  textEnd: (_before, after) => after === undefined,
  lineStart: (before) => before === undefined || before === '\n',
  lineEnd: (_before, after) => after === undefined || after === '\n',
  wordEdge: (before, after) => isWord(before) !== isWord(after),
  noWordEdge: (before, after) => isWord(before) === isWord(after),
} as const satisfies Record<string, PlaceTest>;
