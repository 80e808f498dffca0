import { malformedRequest } from '../errors/token-refusals.js';
import { advise } from '../errors/warnings.js';
import { assertPlaceName } from '../options/assertions.js';
import type { AuthRequest } from './request.js';
import type { TokenSource } from './token-source.js';

/** Reads a member of a parsed body that is an object; texts, arrays, buffers and absent bodies have none. */
function bodyMember(body: unknown, name: string): unknown {
  const isRecord = typeof body === 'object' && body !== null && !Array.isArray(body) && !ArrayBuffer.isView(body);
  return isRecord && Object.hasOwn(body, name) ? (body as Record<string, unknown>)[name] : undefined;
}

const UNPARSED =
  'found a body that nobody has parsed; mount the parser, such as express.json() or express.urlencoded(), before the method';

function hasBody({ headers }: AuthRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * Token source: a member of the parsed body, of a form or of JSON. The application mounts the parser. A member that is
 * not a text is a 400.
 * @throws {ConfigurationError} when the name is empty.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.2 | RFC 6750 section 2.2}
 */
export function fromBody(name: string): TokenSource {
  assertPlaceName('fromBody.name', name);
  return {
    place: `body ${name}`,
    read(req: AuthRequest) {
      // A list is no token, however many elements it has: parsers make one of `name[]=…` and of a repeated name.
      if (bodyMember(req.body, `${name}[]`) !== undefined) throw malformedRequest(`the body’s ${name} is a list`);
      if (req.body === undefined && hasBody(req)) advise(`fromBody('${name}')`, UNPARSED);
      const member = bodyMember(req.body, name);
      if (member === undefined || member === null || member === '') return [];
      if (typeof member !== 'string') throw malformedRequest(`the body’s ${name} is not a text`);
      return [member];
    },
    remove(req: AuthRequest) {
      if (bodyMember(req.body, name) !== undefined) delete (req.body as Record<string, unknown>)[name];
    },
  };
}
