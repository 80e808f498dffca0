import { ConfigurationError } from '../errors/configuration-error.js';
import { ourNamesFor, plainName } from './other-names.js';

/**
 * Checks that options are an object and that all of their names are known, because an ignored option is a silent
 * mistake. The message suggests a name: for a typing error, and for the name that another library gives to an option.
 * @throws {ConfigurationError} when `options` is not an object, or has an unknown name.
 */
export function checkOptionNames(factory: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigurationError(factory, 'expects an options object');
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    // A suggestion may name a member of an option, as in `client.id`.
    const isKnown = (other: string) => known.includes(other.replace(/\..*$/, ''));
    const meant = ourNamesFor(name).find(isKnown) ?? nearest(name, known);
    const hint = meant === undefined ? `known options: ${[...known].sort().join(', ')}` : `did you mean "${meant}"?`;
    throw new ConfigurationError(`${factory}.${name}`, `unknown option; ${hint}`);
  }
}

/** A known name that differs in case, separators, or at most two letters. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = plainName(name);
  return (
    known.find((candidate) => plainName(candidate) === wanted) ??
    known.find((candidate) => withinTwoEdits(plainName(candidate), wanted))
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
