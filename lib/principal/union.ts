/** Empty list, shared because it is frozen. */
export const NONE: readonly string[] = Object.freeze([]);

/** Empty record, shared because it is frozen. */
export const NOTHING: Readonly<Record<string, never>> = Object.freeze({});

/** Joins two lists, each member once. */
export function union(a: readonly string[] = [], b: readonly string[] = []): readonly string[] {
  return a.length === 0 && b.length === 0 ? NONE : [...new Set([...a, ...b])];
}
