import { ConfigurationError } from '../errors/configuration-error.js';
import { assertStrings } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import type { ListOptions, Page } from './consumer-store.js';

const PAGE_NAMES = namesOf<Pick<ListOptions, 'size' | 'after'>>()({ size: true, after: true });
const LIST_NAMES = namesOf<ListOptions>()({ tags: true }, PAGE_NAMES);
/** Options of a listing of API keys. */
export const API_KEY_LIST_NAMES = [...PAGE_NAMES, 'owner'];
const DEFAULT_SIZE = 100;
const MAX_SIZE = 1000;

/** An item and its number in order of creation. */
export type Numbered<T> = readonly [number: number, item: T];

/** Resolved {@link ListOptions}, without tags. */
export interface PageRequest {
  readonly size: number;
  /** Number of the last item of the previous page; -1 for the first page. */
  readonly start: number;
}

function numberAfter(option: string, after: string | undefined): number {
  if (after === undefined) return -1;
  if (!/^\d{1,15}$/.test(after)) throw new ConfigurationError(`${option}.after`, 'expects the `next` of a page');
  return Number(after);
}

/**
 * Resolves the page size and position of a listing.
 * @throws {ConfigurationError} when `size` is out of range, or `after` is not the `next` of a page.
 */
export function pageRequest(
  option: string,
  { size = DEFAULT_SIZE, after }: Pick<ListOptions, 'size' | 'after'>,
): PageRequest {
  if (!Number.isInteger(size) || size < 1 || size > MAX_SIZE) {
    throw new ConfigurationError(`${option}.size`, `expects a whole number from 1 to ${MAX_SIZE}`);
  }
  return { size, start: numberAfter(option, after) };
}

/**
 * Resolves the options of a listing that can be filtered by tags.
 * @throws {ConfigurationError} when an option is unknown or invalid.
 */
export function taggedPageRequest(option: string, options: ListOptions): PageRequest & { tags: readonly string[] } {
  checkOptionNames(option, options, LIST_NAMES);
  const { tags = [] } = options;
  assertStrings(`${option}.tags`, tags);
  return { ...pageRequest(option, options), tags };
}

/**
 * Takes a page out of items in order of creation. The cursor is the number of the last item, so that items which are
 * added or removed between two calls, the last item itself included, never shift a page. There is a next page if
 * `items` holds at least one item more than the page.
 */
export function cutPage<T>(items: readonly Numbered<T>[], { size, start }: PageRequest): Page<T> {
  const wanted = items.filter(([number]) => number > start);
  const page = wanted.slice(0, size);
  const data = page.map(([, item]) => item);
  const last = page.at(-1);
  return wanted.length > size && last !== undefined ? { data, next: String(last[0]) } : { data };
}

/**
 * Filters all items of a store by tags and takes a page of them.
 * @throws {ConfigurationError} when an option is unknown or invalid.
 */
export function pageOf<T extends { readonly tags: readonly string[] }>(
  option: string,
  items: readonly Numbered<T>[],
  options: ListOptions,
): Page<T> {
  const { tags, ...request } = taggedPageRequest(option, options);
  const tagged = items.filter(([, item]) => tags.every((tag) => item.tags.includes(tag)));
  return cutPage(tagged, request);
}
