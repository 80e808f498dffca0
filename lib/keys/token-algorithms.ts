import { ConfigurationError } from '../errors/configuration-error.js';
import { ALGORITHM_NAMES, type Algorithm, algorithmSpec, isAlgorithm } from './algorithms.js';

const ASYMMETRIC = ALGORITHM_NAMES.filter((name) => algorithmSpec(name).family !== 'hmac');

/** The signature algorithms that tokens may use. @throws ConfigurationError for those that public keys cannot verify. */
export function resolveAlgorithms(option: string, algorithms: readonly Algorithm[] = ASYMMETRIC): readonly Algorithm[] {
  if (!Array.isArray(algorithms) || algorithms.length === 0 || !algorithms.every(isAlgorithm)) {
    throw new ConfigurationError(option, `expects some of ${ASYMMETRIC.join(', ')}`);
  }
  const shared = algorithms.find((name) => !ASYMMETRIC.includes(name));
  if (shared !== undefined) {
    throw new ConfigurationError(option, `${shared} signs with a shared secret, which public keys can never verify`);
  }
  return [...algorithms];
}
