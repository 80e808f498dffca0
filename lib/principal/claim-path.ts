import type { JWTPayload } from 'jose';
import { synchronousCode } from '../errors/application-code.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { described } from '../options/described.js';
import type { TokenClaims } from '../tokens/compact-token.js';
import { memberOf, type WrittenNumbers } from '../tokens/exact-numbers.js';
import type { ReadableClaims } from '../tokens/readable-claims.js';

/**
 * Path to a value in the claims: a literal top-level name, a JSON Pointer (RFC 6901) when it starts with `/`, an array
 * of segments, a function, or a result of `anyOf()`, `keysOf()` or `split()`. `https://example.com/roles` is a literal
 * name, `/realm_access/roles` is a pointer.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6901 | RFC 6901}
 */
export type ClaimPath = string | readonly string[] | ((claims: ReadableClaims) => unknown) | ComposedPath;

/** Path that is composed of other paths; result of `anyOf()`, `keysOf()` and `split()`. */
export class ComposedPath {
  /** Paths that the value is read from. */
  readonly paths: readonly ClaimPath[];
  /** Makes one value out of those at the paths. */
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

/**
 * Matches names with dots that look like a path, such as `realm_access.roles`, and not those that look like an address.
 */
const DOTTED = /^[A-Za-z_][\w-]+(?:\.[A-Za-z_][\w-]+)+$/;

/** Names with dots that are claims: Kubernetes writes one. */
const DOTTED_NAMES = /^kubernetes\.io$/;

function literalName(option: string, name: string): string[] {
  if (name.startsWith('$.')) {
    const written = name
      .slice(2)
      .split('.')
      .map((segment) => `'${segment}'`);
    throw new ConfigurationError(option, `is JSONPath, which is not read; write [${written.join(', ')}]`);
  }
  if (!DOTTED.test(name) || DOTTED_NAMES.test(name)) return [name];
  const segments = name
    .split('.')
    .map((segment) => `'${segment}'`)
    .join(', ');
  const meaning = `["${name}"] if the claim itself is called so`;
  throw new ConfigurationError(option, `is one name and no path; write [${segments}], or ${meaning}`);
}

/**
 * Returns a function or a composed path as given, and any other path as its names.
 * @throws {ConfigurationError} when the value is no path.
 */
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
    `expects a claim name, a JSON Pointer, an array of names, a function, or anyOf(), keysOf() or split(), and this is ${described(path)}`,
  );
}

/**
 * Compiles a path to a reader, once, when a method is created.
 * @throws {ConfigurationError} when the value is no path.
 */
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

/** Replaces numbers that a double cannot hold by their literals, in a value or its list. */
function exactly(value: unknown, path: readonly string[], numbers: WrittenNumbers): unknown {
  if (typeof value === 'number') return numbers.literal(path, value) ?? value;
  if (!Array.isArray(value) || !value.some((item) => typeof item === 'number')) return value;
  return value.map((item: unknown, index) =>
    typeof item === 'number' ? (numbers.literal([...path, String(index)], item) ?? item) : item,
  );
}

/**
 * Compiles a path to a reader of values that become texts: a number that JSON parsing rounded is read as the digits
 * that were signed. A function receives parsed claims, so its result is as exact as a double.
 * @throws {ConfigurationError} when the value is no path.
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

/** Returns the name of the claim that a path begins with, for refusals; `undefined` where a function reads it. */
export function claimNameOf(path: ClaimPath): string | undefined {
  if (typeof path === 'string') return path;
  if (typeof path === 'function') return undefined;
  if (!(path instanceof ComposedPath)) return path.join('.');
  const [first] = path.paths;
  return first === undefined ? undefined : claimNameOf(first);
}
