import { ConfigurationError } from '../errors/configuration-error.js';
import { assertStrings } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import type { ListOptions, Page } from './consumer-store.js';

const DEFAULT_SIZE = 100;
const MAX_SIZE = 1000;

/** An item, and how many were created before it. */
export type Numbered<T> = readonly [number: number, item: T];

function numberAfter(option: string, after: string | undefined): number {
  if (after === undefined) return -1;
  if (!/^\d{1,15}$/.test(after)) throw new ConfigurationError(`${option}.after`, 'expects the `next` of a page');
  return Number(after);
}

/**
 * Cuts a page out of items in order of creation. The cursor is the number of the last item seen, so items that are
 * added or removed meanwhile, that very one included, never shift a page.
 * @throws ConfigurationError
 */
export function pageOf<T extends { readonly tags: readonly string[] }>(
  option: string,
  items: readonly Numbered<T>[],
  options: ListOptions,
): Page<T> {
  checkOptionNames(option, options, ['size', 'after', 'tags']);
  const { size = DEFAULT_SIZE, after, tags = [] } = options;
  if (!Number.isInteger(size) || size < 1 || size > MAX_SIZE) {
    throw new ConfigurationError(`${option}.size`, `expects a whole number from 1 to ${MAX_SIZE}`);
  }
  assertStrings(`${option}.tags`, tags);
  const start = numberAfter(option, after);
  const wanted = items.filter(([number, item]) => number > start && tags.every((tag) => item.tags.includes(tag)));
  const page = wanted.slice(0, size);
  const data = page.map(([, item]) => item);
  const last = page.at(-1);
  return wanted.length > size && last !== undefined ? { data, next: String(last[0]) } : { data };
}
