import type { JWTPayload } from 'jose';
import { synchronousCode } from '../errors/application-code.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { TokenClaims } from '../tokens/compact-token.js';
import { memberOf, type WrittenNumbers } from '../tokens/exact-numbers.js';

/**
 * Where in the claims a value stands: a literal top-level name, a JSON Pointer (RFC 6901) when it starts with
 * `/`, an array of segments, or a function. Names with dots, colons or slashes inside are therefore never
 * ambiguous: `https://example.com/roles` is literal, `/realm_access/roles` is a pointer.
 */
export type ClaimPath = string | readonly string[] | ((claims: Readonly<JWTPayload>) => unknown);

/** Reads a value out of claims; `undefined` where it is missing. */
export type ClaimReader = (claims: Readonly<JWTPayload>) => unknown;

function pointerSegments(option: string, pointer: string): string[] {
  return pointer
    .slice(1)
    .split('/')
    .map((segment) => {
      if (/~(?![01])/.test(segment)) throw new ConfigurationError(option, 'is not a valid JSON Pointer (RFC 6901)');
      return segment.replaceAll('~1', '/').replaceAll('~0', '~');
    });
}

/** A function as it was given, or the names on the way to the value. @throws ConfigurationError */
function resolvePath(option: string, path: unknown): readonly [string, ...string[]] | ClaimReader {
  if (typeof path === 'function') return path as ClaimReader;
  const isText = typeof path === 'string' && path !== '';
  const names: unknown = !isText ? path : path.startsWith('/') ? pointerSegments(option, path) : [path];
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) {
    const [first, ...others] = names;
    if (first !== undefined) return [first, ...others];
  }
  throw new ConfigurationError(option, 'expects a claim name, a JSON Pointer, an array of names, or a function');
}

/** Turns a path into a reader, once, at creation. @throws ConfigurationError for what is not a path. */
export function compileClaimPath(option: string, path: unknown): ClaimReader {
  const resolved = resolvePath(option, path);
  if (typeof resolved === 'function') return synchronousCode(option, resolved);
  const [only, ...others] = resolved;
  return others.length === 0 ? (claims) => memberOf(claims, only) : (claims) => resolved.reduce(memberOf, claims);
}

/** A value with the literals of numbers that a double cannot hold, its own or those in a list. */
function exactly(value: unknown, path: readonly string[], numbers: WrittenNumbers): unknown {
  if (typeof value === 'number') return numbers.literal(path, value) ?? value;
  if (!Array.isArray(value) || !value.some((item) => typeof item === 'number')) return value;
  return value.map((item: unknown, index) =>
    typeof item === 'number' ? (numbers.literal([...path, String(index)], item) ?? item) : item,
  );
}

/**
 * Turns a path into a reader for values that become texts: a number of which JSON parsing lost something is read as
 * the digits that were signed. A function gets parsed claims, so what it returns is as exact as a double is.
 * @throws ConfigurationError for what is not a path.
 */
export function compileExactClaimPath(option: string, path: unknown): (content: TokenClaims) => unknown {
  const read = compileClaimPath(option, path);
  const resolved = resolvePath(option, path);
  if (typeof resolved === 'function') return ({ claims }) => read(claims);
  return ({ claims, numbers }) => exactly(read(claims), resolved, numbers);
}
