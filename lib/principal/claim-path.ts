import type { JWTPayload } from 'jose';
import { synchronousCode } from '../errors/application-code.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { TokenClaims } from '../tokens/compact-token.js';
import { memberOf, type WrittenNumbers } from '../tokens/exact-numbers.js';
import type { ReadableClaims } from '../tokens/readable-claims.js';

/**
 * Where in the claims a value stands: a literal top-level name, a JSON Pointer (RFC 6901) when it starts with
 * `/`, an array of segments, a function, or what `anyOf()`, `keysOf()` and `split()` return. Names with colons or slashes
 * inside are never ambiguous: `https://example.com/roles` is literal, `/realm_access/roles` is a pointer.
 */
export type ClaimPath = string | readonly string[] | ((claims: ReadableClaims) => unknown) | ComposedPath;

/** A path that is made of other paths: what `anyOf()`, `keysOf()` and `split()` return. */
export class ComposedPath {
  readonly paths: readonly ClaimPath[];
  /** Makes one value of those that stand at the paths. */
  readonly combine: (found: readonly unknown[]) => unknown;

  constructor(paths: readonly ClaimPath[], combine: (found: readonly unknown[]) => unknown) {
    this.paths = paths;
    this.combine = combine;
  }
}

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

/** Names with dots that look like a path and not like an address: `realm_access.roles`. */
const DOTTED = /^[A-Za-z_][\w-]+(?:\.[A-Za-z_][\w-]+)+$/;

/** Kubernetes writes a claim whose own name has a dot. */
const DOTTED_NAMES = /^kubernetes\.io$/;

function literalName(option: string, name: string): string[] {
  if (!DOTTED.test(name) || DOTTED_NAMES.test(name)) return [name];
  const segments = name
    .split('.')
    .map((segment) => `'${segment}'`)
    .join(', ');
  const meaning = `["${name}"] if the claim itself is called so`;
  throw new ConfigurationError(option, `is one name and no path; write [${segments}], or ${meaning}`);
}

/** A function or a composition as it was given, or the names on the way to the value. @throws ConfigurationError */
function resolvePath(option: string, path: unknown): readonly [string, ...string[]] | ClaimReader | ComposedPath {
  if (typeof path === 'function') return path as ClaimReader;
  if (path instanceof ComposedPath) return path;
  const isText = typeof path === 'string' && path !== '';
  const names: unknown = !isText
    ? path
    : path.startsWith('/')
      ? pointerSegments(option, path)
      : literalName(option, path);
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) {
    const [first, ...others] = names;
    if (first !== undefined) return [first, ...others];
  }
  throw new ConfigurationError(
    option,
    'expects a claim name, a JSON Pointer, an array of names, a function, or anyOf(), keysOf() or split()',
  );
}

/** Turns a path into a reader, once, at creation. @throws ConfigurationError for what is not a path. */
export function compileClaimPath(option: string, path: unknown): ClaimReader {
  const resolved = resolvePath(option, path);
  if (resolved instanceof ComposedPath) {
    const readers = resolved.paths.map((inner) => compileClaimPath(option, inner));
    return (claims) => resolved.combine(readers.map((read) => read(claims)));
  }
  if (typeof resolved === 'function') return synchronousCode(option, resolved);
  const [only, ...others] = resolved;
  return others.length === 0 ? (claims) => memberOf(claims, only) : (claims) => resolved.reduce(memberOf, claims);
}

/** Gives a value with the literals of numbers that a double cannot hold, its own or those in a list. */
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
  const resolved = resolvePath(option, path);
  if (resolved instanceof ComposedPath) {
    const readers = resolved.paths.map((inner) => compileExactClaimPath(option, inner));
    return (content) => resolved.combine(readers.map((read) => read(content)));
  }
  const read = compileClaimPath(option, path);
  if (typeof resolved === 'function') return ({ claims }) => read(claims);
  return ({ claims, numbers }) => exactly(read(claims), resolved, numbers);
}

/** The name of the claim that a path begins with, for refusals; `undefined` where a function reads it. */
export function claimNameOf(path: ClaimPath): string | undefined {
  if (typeof path === 'string') return path;
  if (typeof path === 'function') return undefined;
  if (!(path instanceof ComposedPath)) return path.join('.');
  const [first] = path.paths;
  return first === undefined ? undefined : claimNameOf(first);
}
