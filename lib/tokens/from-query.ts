import { malformedRequest } from '../errors/token-refusals.js';
import { assertPlaceName } from '../options/assertions.js';
import type { AuthRequest } from './request.js';
import type { TokenSource } from './token-source.js';

/**
 * Parses a query. The `&` in front keeps URLSearchParams from dropping a leading `?`, which other parsers read as part
 * of the first name.
 */
const parametersOf = (query: string) => new URLSearchParams(`&${query}`);

function splitUrl(url: string): [path: string, query: string] {
  const mark = url.indexOf('?');
  return mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}

/** Removes a parameter from a URL, and leaves every other one as it was written. */
function withoutParameter(url: string, name: string): string {
  const [path, query] = splitUrl(url);
  const kept = query.split('&').filter((pair) => pair !== '' && !parametersOf(pair).has(name));
  return kept.length === 0 ? path : `${path}?${kept.join('&')}`;
}

function removeFromQuery(req: AuthRequest, name: string): void {
  if (req.url !== undefined) req.url = withoutParameter(req.url, name);
  if (req.originalUrl !== undefined) req.originalUrl = withoutParameter(req.originalUrl, name);
  // Express 5 computes `query` from the URL on every read; Express 4 has stored it already.
  const query = Object.getOwnPropertyDescriptor(req, 'query')?.value as Record<string, unknown> | undefined;
  if (query !== undefined && query !== null) delete query[name];
}

/**
 * Token source: a query parameter. URLs end up in logs, histories and `Referer` headers, so it is never a default, and
 * answers to such requests are marked `no-store` and `no-referrer`.
 *
 * The URL is read directly, so no query parser is needed, and none can change the value.
 *
 * @throws {ConfigurationError} when the name is empty.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.3 | RFC 6750 section 2.3}
 */
export function fromQuery(name: string): TokenSource {
  assertPlaceName('fromQuery.name', name);
  const read = (req: AuthRequest) => {
    const [, query] = splitUrl(req.url ?? '');
    if (query === '') return [];
    const parameters = parametersOf(query);
    // Query parsers make a list or an object of it, which is no token.
    if ([...parameters.keys()].some((written) => written.startsWith(`${name}[`)))
      throw malformedRequest(`the query’s ${name} is a list or an object`);
    return parameters.getAll(name).filter((value) => value !== '');
  };
  return {
    place: `query ${name}`,
    inUrl: ({ url = '' }) =>
      [...parametersOf(splitUrl(url)[1])].some(
        ([written, value]) => value !== '' && (written === name || written.startsWith(`${name}[`)),
      ),
    read,
    remove: (req) => removeFromQuery(req, name),
  };
}
