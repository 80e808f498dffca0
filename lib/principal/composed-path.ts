import { ConfigurationError } from '../errors/configuration-error.js';
import { type ClaimPath, ComposedPath } from './claim-path.js';

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/**
 * Joins the values at several paths into one list, each value once. Missing paths are skipped; the result is missing if
 * all are.
 *
 * ```ts
 * claims: { roles: anyOf('/realm_access/roles', '/resource_access/shop/roles') }
 * ```
 *
 * @throws {ConfigurationError} when there is no path.
 */
export function anyOf(...paths: readonly ClaimPath[]): ComposedPath {
  if (paths.length === 0) throw new ConfigurationError('anyOf', 'expects at least one path');
  return new ComposedPath(paths, (found) => {
    const there = found.filter((value) => !isAbsent(value));
    // The set keeps one of equal texts; the mapping refuses values that are no texts.
    return there.length === 0 ? undefined : [...new Set(there.flat())];
  });
}

/**
 * Reads the keys of an object as a list, as ZITADEL writes roles. A list, and a missing value, stay as they are.
 *
 * ```ts
 * claims: { roles: keysOf('urn:zitadel:iam:org:project:roles') }
 * ```
 */
export function keysOf(path: ClaimPath): ComposedPath {
  return new ComposedPath([path], ([value]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.keys(value);
  });
}

/**
 * Splits a text into a list without empty parts. A list, and a missing value, stay as they are.
 *
 * ```ts
 * claims: { groups: split('memberships', ',') }
 * ```
 *
 * @throws {ConfigurationError} when the separator is empty.
 */
export function split(path: ClaimPath, separator: string): ComposedPath {
  if (typeof separator !== 'string' || separator === '')
    throw new ConfigurationError('split', 'expects a path and a separator of at least one character');
  return new ComposedPath([path], ([value]) => {
    if (typeof value !== 'string') return value;
    const parts = value.split(separator).map((part) => part.trim());
    return parts.filter((part) => part !== '');
  });
}
