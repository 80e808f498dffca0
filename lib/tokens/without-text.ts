/**
 * Removes every member and item of a parsed JSON value that equals a text, at every depth. Parts without it are
 * returned unchanged.
 */
export function withoutText(value: unknown, text: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .filter(([, member]) => member !== text)
    .map(([name, member]) => [name, withoutText(member, text)] as const);
  const members: Readonly<Record<string, unknown>> = { ...value };
  if (kept.length === Object.keys(members).length && kept.every(([name, member]) => members[name] === member)) {
    return value;
  }
  return Array.isArray(value) ? kept.map(([, member]) => member) : Object.fromEntries(kept);
}
