import { ForbiddenError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { type ClaimPath, compileClaimPath } from '../principal/claim-path.js';
import { type Guard, guard } from './guard.js';

/** What a claim must be: a value, or a rule over whatever stands there. */
export type ClaimExpectation = string | number | boolean | ((value: unknown) => boolean);

/**
 * Asks that a claim has a value: equal to `expected`, or, where the claim is a list, that the list holds it. A
 * function decides by itself; what it throws counts as no. A missing claim never passes a value. Else 403
 * `insufficient_claim`.
 *
 * @param path a claim name, a JSON Pointer, an array of names, or a function.
 * @throws ConfigurationError for what is not a path, or an expectation that nothing could meet.
 */
export function requireClaim(path: ClaimPath, expected: ClaimExpectation): Guard {
  const read = compileClaimPath('requireClaim.path', path);
  if (!['string', 'number', 'boolean', 'function'].includes(typeof expected) || Number.isNaN(expected)) {
    throw new ConfigurationError('requireClaim.expected', 'expects a text, a number, a boolean or a function');
  }
  const matches = (value: unknown): boolean => {
    if (typeof expected === 'function') return expected(value) === true;
    return value === expected || (Array.isArray(value) && value.includes(expected));
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
