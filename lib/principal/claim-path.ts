import type { JWTPayload } from 'jose';
import { synchronousCode } from '../errors/application-code.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { writtenNumber } from '../tokens/exact-numbers.js';

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

/** One step down, over own members only: `constructor` and its like are names as any other, and missing. */
function step(value: unknown, segment: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return /^(0|[1-9]\d{0,8})$/.test(segment) ? value[Number(segment)] : undefined;
  return Object.hasOwn(value, segment) ? (value as Record<string, unknown>)[segment] : undefined;
}

/** The last step where a text is wanted: a number that a double cannot hold comes as it was written. */
function exactStep(value: unknown, segment: string): unknown {
  const found = step(value, segment);
  if (typeof found !== 'number' || typeof value !== 'object' || value === null) return found;
  return writtenNumber(value, segment) ?? found;
}

function compile(option: string, path: unknown, lastStep: typeof step): ClaimReader {
  if (typeof path === 'function') return synchronousCode(option, path as ClaimReader);
  if (typeof path === 'string' && path !== '') {
    if (!path.startsWith('/')) return (claims) => lastStep(claims, path);
    return compile(option, pointerSegments(option, path), lastStep);
  }
  if (Array.isArray(path) && path.every((segment) => typeof segment === 'string')) {
    const way: readonly string[] = path.slice(0, -1);
    const last = path.at(-1);
    if (last !== undefined) return (claims) => lastStep(way.reduce<unknown>(step, claims), last);
  }
  throw new ConfigurationError(option, 'expects a claim name, a JSON Pointer, an array of names, or a function');
}

/** Turns a path into a reader, once, at creation. @throws ConfigurationError for what is not a path. */
export function compileClaimPath(option: string, path: unknown): ClaimReader {
  return compile(option, path, step);
}

/**
 * As {@link compileClaimPath}, for values that become texts: a number of which JSON parsing lost something is read
 * as the digits that were signed. A function gets parsed claims, so what it returns is as exact as a double is.
 */
export function compileExactClaimPath(option: string, path: unknown): ClaimReader {
  return compile(option, path, exactStep);
}
