import { readFileSync } from 'node:fs';

/** A block of TypeScript on a page of the documentation. */
export interface DocsBlock {
  readonly page: string;
  /** Heading that the block stands under. */
  readonly heading: string;
  /** Line of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
}

/** Returns the blocks of TypeScript of a page, in their order. */
export function docsBlocks(page: string): DocsBlock[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(({ index, 1: code = '' }) => {
    const before = text.slice(0, index);
    const headings = [...before.matchAll(/^#+ (.*)$/gm)];
    return { page, heading: headings.at(-1)?.[1] ?? '', line: before.split('\n').length + 1, code };
  });
}

/** Returns the code of one block under a heading; the first has the index 0. */
export function docsCode(page: string, heading: string, index = 0): string {
  const block = docsBlocks(page).filter((candidate) => candidate.heading === heading)[index];
  if (block === undefined) throw new Error(`${page} has no block ${index} under "${heading}"`);
  return block.code;
}
