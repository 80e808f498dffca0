import { ForbiddenError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { type ClaimPath, compileClaimPath } from '../principal/claim-path.js';
import { type Guard, guard } from './guard.js';

/** A value that a claim must have. */
type ClaimValue = string | number | boolean;

/** Expectation of a claim: a value, several values all of which its list must hold, or a rule over its value. */
export type ClaimExpectation = ClaimValue | readonly ClaimValue[] | ((value: unknown) => boolean);

const isClaimValue = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value) && !Number.isNaN(value);

/**
 * Asks that a claim has a value: equal to `expected`, or, where the claim is a list, that the list holds it. Of several
 * values it asks for all. A function decides by itself; what it throws counts as no. A missing claim never passes a
 * value. Else 403 `insufficient_claim`.
 *
 * @param path a claim name, a JSON Pointer, an array of names, or a function.
 * @throws ConfigurationError for what is not a path, or an expectation that nothing could meet.
 */
export function requireClaim(path: ClaimPath, expected: ClaimExpectation): Guard {
  const read = compileClaimPath('requireClaim.path', path);
  const values: readonly unknown[] = Array.isArray(expected) ? [...expected] : [expected];
  if (typeof expected !== 'function' && (values.length === 0 || !values.every(isClaimValue))) {
    throw new ConfigurationError(
      'requireClaim.expected',
      'expects a text, a number, a boolean, an array of them or a function',
    );
  }
  const matches = (value: unknown): boolean => {
    if (typeof expected === 'function') return expected(value) === true;
    return values.every((each) => value === each || (Array.isArray(value) && value.includes(each)));
  };
  return guard('requireClaim', ({ claims }) => {
    try {
      if (matches(read(claims))) return undefined;
    } catch (cause) {
      return new ForbiddenError('insufficient_claim', { cause });
    }
    return new ForbiddenError('insufficient_claim');
  });
}
