/** Everything that stands in either list, once. */
export function union(a: readonly string[] = [], b: readonly string[] = []): readonly string[] {
  return a.length === 0 && b.length === 0 ? [] : [...new Set([...a, ...b])];
}
