import { ConfigurationError } from '../errors/configuration-error.js';
import { type ClaimPath, ComposedPath } from './claim-path.js';

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/**
 * Joins what stands at several paths into one list, each value once. Paths that are missing are passed over; where all
 * are, the whole is missing.
 *
 * ```ts
 * claims: { roles: anyOf('/realm_access/roles', '/resource_access/shop/roles') }
 * ```
 *
 * @throws ConfigurationError without a path.
 */
export function anyOf(...paths: readonly ClaimPath[]): ComposedPath {
  if (paths.length === 0) throw new ConfigurationError('anyOf', 'expects at least one path');
  return new ComposedPath(paths, (found) => {
    const there = found.filter((value) => !isAbsent(value));
    // A set keeps one of equal texts; what is no text is for the mapping to refuse.
    return there.length === 0 ? undefined : [...new Set(there.flat())];
  });
}

/**
 * Reads the keys of an object as a list, as ZITADEL writes roles. A list stays as it is, and what is absent stays absent.
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
 * Splits a text into a list; empty parts are dropped. A list stays as it is, and what is absent stays absent.
 *
 * ```ts
 * claims: { groups: split('memberships', ',') }
 * ```
 *
 * @throws ConfigurationError for an empty separator.
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
