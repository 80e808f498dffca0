import { synchronousCode } from '../errors/application-code.js';
import { asAuthError, ForbiddenError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertCalled } from '../options/check-options.js';
import { described } from '../options/described.js';
import { type ClaimPath, compileClaimPath } from '../principal/claim-path.js';
import { type Guard, guard } from './guard.js';

/** Value that a claim is compared with. */
type ClaimValue = string | number | boolean;

/** What a claim must be: a value, several values that its list must all contain, or a function over its value. */
export type ClaimExpectation = ClaimValue | readonly ClaimValue[] | ((value: unknown) => boolean);

const isClaimValue = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value) && !Number.isNaN(value);

/**
 * Requires a claim to equal `expected`, or, where the claim is a list, to contain it. Several values must all be
 * contained. A function decides by itself, synchronously. A missing claim equals no value. A request that fails is a 403
 * `insufficient_claim`; a function that throws, or answers a promise, is a 503 `check_failed`, of which a warning tells.
 * @param path a claim name, a JSON Pointer, an array of names, or a function.
 * @throws {ConfigurationError} when `path` is no path, or no claim could meet `expected`.
 */
export function requireClaim(path: ClaimPath, expected: ClaimExpectation): Guard {
  assertCalled('requireClaim', path);
  const read = compileClaimPath('requireClaim.path', path);
  const values: readonly unknown[] = Array.isArray(expected) ? [...expected] : [expected];
  if (typeof expected !== 'function' && (values.length === 0 || !values.every(isClaimValue))) {
    throw new ConfigurationError(
      'requireClaim.expected',
      `expects a text, a number, a boolean, an array of them or a function, and this is ${described(expected)}`,
    );
  }
  const predicate = typeof expected === 'function' ? synchronousCode('requireClaim.expected', expected) : undefined;
  const matches = (value: unknown): boolean => {
    if (predicate !== undefined) return predicate(value) === true;
    return values.every((each) => value === each || (Array.isArray(value) && value.includes(each)));
  };
  return guard('requireClaim', ({ claims }) => {
    try {
      return matches(read(claims)) ? undefined : new ForbiddenError('insufficient_claim');
    } catch (thrown) {
      return asAuthError(thrown);
    }
  });
}
