import { malformedRequest } from '../errors/token-refusals.js';
import { assertNonEmptyString } from '../options/assertions.js';
import type { AuthRequest } from './request.js';
import type { TokenSource } from './token-source.js';

/** The member of a parsed object body; texts, arrays, buffers and absent bodies have none. */
function bodyMember(body: unknown, name: string): unknown {
  const isRecord = typeof body === 'object' && body !== null && !Array.isArray(body) && !ArrayBuffer.isView(body);
  return isRecord && Object.hasOwn(body, name) ? (body as Record<string, unknown>)[name] : undefined;
}

/**
 * A member of the parsed body (RFC 6750 section 2.2, and JSON likewise). The application mounts the parser.
 * A member that is not a text is a 400.
 */
export function fromBody(name: string): TokenSource {
  assertNonEmptyString('fromBody.name', name);
  return {
    place: `body ${name}`,
    read(req: AuthRequest) {
      const member = bodyMember(req.body, name);
      if (member === undefined || member === null) return [];
      const values: unknown[] = Array.isArray(member) ? member : [member];
      return values
        .map((value) => {
          if (typeof value !== 'string') throw malformedRequest(`the body’s ${name} is not a text`);
          return value;
        })
        .filter((value) => value !== '');
    },
    remove(req: AuthRequest) {
      if (bodyMember(req.body, name) !== undefined) delete (req.body as Record<string, unknown>)[name];
    },
  };
}
