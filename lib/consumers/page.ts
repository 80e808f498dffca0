import { ConfigurationError } from '../errors/configuration-error.js';
import type { ListOptions, Page } from './consumer-store.js';

const DEFAULT_SIZE = 100;
const MAX_SIZE = 1000;

/**
 * Cuts a page out of items in order of creation. The cursor is the id of the last item seen, so items that are
 * added or removed meanwhile never shift a page.
 */
export function pageOf<T extends { readonly id: string; readonly tags: readonly string[] }>(
  items: Iterable<T>,
  { size = DEFAULT_SIZE, after, tags = [] }: ListOptions,
): Page<T> {
  if (!Number.isInteger(size) || size < 1 || size > MAX_SIZE) {
    throw new ConfigurationError('size', `expects a whole number from 1 to ${MAX_SIZE}`);
  }
  const all = [...items];
  const start = after === undefined ? 0 : all.findIndex((item) => item.id === after) + 1;
  if (after !== undefined && start === 0)
    throw new ConfigurationError('after', 'is not the `next` of a page of this listing');
  const wanted = all.slice(start).filter((item) => tags.every((tag) => item.tags.includes(tag)));
  const data = wanted.slice(0, size);
  const last = data.at(-1);
  return wanted.length > size && last !== undefined ? { data, next: last.id } : { data };
}
