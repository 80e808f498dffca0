import { ConfigurationError } from '../errors/configuration-error.js';
import { ALGORITHM_NAMES, type AsymmetricAlgorithm, isAlgorithm, isAsymmetric } from './algorithms.js';

const ASYMMETRIC = ALGORITHM_NAMES.filter(isAsymmetric);

/**
 * Reads the option that lists the signature algorithms which tokens may use.
 *
 * @throws ConfigurationError for those that public keys cannot verify.
 */
export function resolveAlgorithms(
  option: string,
  algorithms: readonly AsymmetricAlgorithm[] = ASYMMETRIC,
): readonly AsymmetricAlgorithm[] {
  const given: readonly unknown[] = Array.isArray(algorithms) ? algorithms : [];
  if (given.length === 0 || !given.every(isAlgorithm)) {
    throw new ConfigurationError(option, `expects some of ${ASYMMETRIC.join(', ')}`);
  }
  const shared = given.find((name) => !isAsymmetric(name));
  if (shared !== undefined) {
    throw new ConfigurationError(option, `${shared} signs with a shared secret, which public keys can never verify`);
  }
  return given.filter(isAsymmetric);
}
