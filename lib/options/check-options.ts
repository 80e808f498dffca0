import { ConfigurationError } from '../errors/configuration-error.js';
import { OTHER_LIBRARIES_NAMES } from './other-names.js';

/**
 * Refuses anything but a plain options object whose names are all known. Names of other libraries
 * get the name to use instead, because a silently ignored option is the worst mistake when moving.
 */
export function checkOptionNames(factory: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigurationError(factory, 'expects an options object');
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const others = Object.hasOwn(OTHER_LIBRARIES_NAMES, name) ? [OTHER_LIBRARIES_NAMES[name] ?? []].flat() : [];
    // A hint may name a member of an option, as in `client.id`.
    const meant = others.find((other) => known.includes(other.replace(/\..*$/, ''))) ?? nearest(name, known);
    const hint = meant === undefined ? `known options: ${[...known].sort().join(', ')}` : `did you mean "${meant}"?`;
    throw new ConfigurationError(`${factory}.${name}`, `unknown option; ${hint}`);
  }
}

/** The known name that differs only in case, separators, or by a letter or two. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[_-]/g, '');
  const wanted = plain(name);
  return (
    known.find((candidate) => plain(candidate) === wanted) ??
    known.find((candidate) => withinTwoEdits(plain(candidate), wanted))
  );
}

function withinTwoEdits(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 2 || Math.min(a.length, b.length) < 4) return false;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return (row[b.length] ?? 3) <= 2;
}
