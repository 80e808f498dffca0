/** No texts at all; the same list everywhere, because nobody can change it. */
export const NONE: readonly string[] = Object.freeze([]);

/** The same for records. */
export const NOTHING: Readonly<Record<string, never>> = Object.freeze({});

/** Everything that stands in either list, once. */
export function union(a: readonly string[] = [], b: readonly string[] = []): readonly string[] {
  return a.length === 0 && b.length === 0 ? NONE : [...new Set([...a, ...b])];
}
