/** Most values compared, on either side, so that bad tokens cannot cost much time. */
const MAX_COMPARED = 100;

const withoutSlash = (text: string) => text.replace(/\/+$/, '');
const withoutScheme = (text: string) => text.replace(/^https?:\/\//i, '');

/** Small differences, in the order in which they are tried: the smallest first. */
const DIFFERENCES: readonly (readonly [alike: (text: string) => string, what: string])[] = [
  [withoutSlash, 'by a slash at its end'],
  [(text) => text.toLowerCase(), 'by upper and lower case'],
  [(text) => withoutSlash(text).toLowerCase(), 'by upper and lower case and a slash at its end'],
  [(text) => text.trim(), 'by a space around it'],
  [(text) => withoutSlash(withoutScheme(text)), 'by http, https or a slash at its end'],
];

/**
 * Describes how a received text differs from the configured one that it nearly equals, as a hint for people;
 * `undefined` where none is near. The decision itself always compares exactly.
 */
export function nearMiss(got: unknown, configured: Iterable<string>): string | undefined {
  if (Array.isArray(got)) {
    for (const item of got.slice(0, MAX_COMPARED)) {
      const found = nearMiss(item, configured);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (typeof got !== 'string' || got === '') return undefined;
  const candidates = [...configured].slice(0, MAX_COMPARED);
  for (const [alike, what] of DIFFERENCES) {
    const near = candidates.find((candidate) => candidate !== got && alike(candidate) === alike(got));
    if (near !== undefined) return `It differs from the configured ${near} only ${what}.`;
  }
  return undefined;
}
