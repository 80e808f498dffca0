import { ConfigurationError } from '../errors/configuration-error.js';
import { assertStrings } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import type { ListOptions, Page } from './consumer-store.js';

const DEFAULT_SIZE = 100;
const MAX_SIZE = 1000;

/** An item, and how many were created before it. */
export type Numbered<T> = readonly [number: number, item: T];

/** What a listing asks for, with nothing left open. `start` is the number of the last item seen. */
export interface PageRequest {
  readonly size: number;
  readonly start: number;
}

function numberAfter(option: string, after: string | undefined): number {
  if (after === undefined) return -1;
  if (!/^\d{1,15}$/.test(after)) throw new ConfigurationError(`${option}.after`, 'expects the `next` of a page');
  return Number(after);
}

/** Checks the part of a listing's options that all listings have. @throws ConfigurationError */
export function pageRequest(
  option: string,
  { size = DEFAULT_SIZE, after }: Pick<ListOptions, 'size' | 'after'>,
): PageRequest {
  if (!Number.isInteger(size) || size < 1 || size > MAX_SIZE) {
    throw new ConfigurationError(`${option}.size`, `expects a whole number from 1 to ${MAX_SIZE}`);
  }
  return { size, start: numberAfter(option, after) };
}

/** The same for listings of what carries tags. @throws ConfigurationError */
export function taggedPageRequest(option: string, options: ListOptions): PageRequest & { tags: readonly string[] } {
  checkOptionNames(option, options, ['size', 'after', 'tags']);
  const { tags = [] } = options;
  assertStrings(`${option}.tags`, tags);
  return { ...pageRequest(option, options), tags };
}

/**
 * Cuts a page out of items in order of creation. The cursor is the number of the last item seen, so items that are
 * added or removed meanwhile, that very one included, never shift a page. One item more than the page holds says
 * that there is a next one.
 */
export function cutPage<T>(items: readonly Numbered<T>[], { size, start }: PageRequest): Page<T> {
  const wanted = items.filter(([number]) => number > start);
  const page = wanted.slice(0, size);
  const data = page.map(([, item]) => item);
  const last = page.at(-1);
  return wanted.length > size && last !== undefined ? { data, next: String(last[0]) } : { data };
}

/** A page out of all there is. @throws ConfigurationError */
export function pageOf<T extends { readonly tags: readonly string[] }>(
  option: string,
  items: readonly Numbered<T>[],
  options: ListOptions,
): Page<T> {
  const { tags, ...request } = taggedPageRequest(option, options);
  const tagged = items.filter(([, item]) => tags.every((tag) => item.tags.includes(tag)));
  return cutPage(tagged, request);
}
