import { ConfigurationError } from '../errors/configuration-error.js';
import { described } from '../options/described.js';
import {
  ALGORITHM_NAMES,
  type Algorithm,
  type AsymmetricAlgorithm,
  type HmacAlgorithm,
  isAlgorithm,
  isAsymmetric,
  meantAlgorithm,
} from './algorithms.js';

const ASYMMETRIC = ALGORITHM_NAMES.filter(isAsymmetric);
const HMAC = ALGORITHM_NAMES.filter((name): name is HmacAlgorithm => !isAsymmetric(name));

/** The signature algorithms of an issuer that has shared secrets beside its other keys. */
export interface SplitAlgorithms {
  readonly asymmetric: readonly AsymmetricAlgorithm[];
  readonly hmac: readonly HmacAlgorithm[];
}

/** The refusal of a list of algorithms that is none, or names something else. To be thrown. */
function wrongAlgorithms(option: string, given: unknown, allowed: readonly Algorithm[]): ConfigurationError {
  const names: readonly unknown[] = Array.isArray(given) ? given : [given];
  const meant = meantAlgorithm(
    names.find((name) => !isAlgorithm(name)),
    allowed,
  );
  const bracketed = `, and this is a text: write a list, ["${allowed.find((name) => name === given) ?? allowed[0]}"]`;
  const came = typeof given === 'string' ? bracketed : Array.isArray(given) ? '' : `, and this is ${described(given)}`;
  const cure = meant === '' ? came : meant;
  return new ConfigurationError(option, `expects some of ${allowed.join(', ')}${cure}`);
}

/**
 * Reads the option that lists the signature algorithms which tokens may use, where there are shared secrets: those of
 * the secrets, and those of all other keys.
 * @throws {ConfigurationError} where the secrets could never verify anything.
 */
export function splitAlgorithms(option: string, algorithms: readonly Algorithm[] = ALGORITHM_NAMES): SplitAlgorithms {
  const given: readonly unknown[] = Array.isArray(algorithms) ? algorithms : [];
  if (given.length === 0 || !given.every(isAlgorithm)) {
    throw wrongAlgorithms(option, algorithms, ALGORITHM_NAMES);
  }
  const hmac = HMAC.filter((name) => given.includes(name));
  if (hmac.length === 0) {
    throw new ConfigurationError(
      option,
      'names none of HS256, HS384, HS512, so the secret could never verify anything',
    );
  }
  return { asymmetric: given.filter(isAsymmetric), hmac };
}

/**
 * Reads the option that lists the signature algorithms of tokens that are signed with a shared secret and nothing else.
 * @throws {ConfigurationError} for anything but HS256, HS384 and HS512.
 */
export function resolveHmacAlgorithms(
  option: string,
  algorithms: readonly HmacAlgorithm[] = ['HS256'],
): readonly HmacAlgorithm[] {
  const given: readonly unknown[] = Array.isArray(algorithms) ? algorithms : [];
  const asymmetric = given.find((name) => isAlgorithm(name) && isAsymmetric(name));
  if (asymmetric !== undefined) {
    throw new ConfigurationError(
      option,
      `${asymmetric} verifies with a public key and not with a secret; oidcBearer takes an issuer's publicKeys, jwksUri or discovery`,
    );
  }
  const chosen = HMAC.filter((name) => given.includes(name));
  if (chosen.length === 0 || !given.every(isAlgorithm)) throw wrongAlgorithms(option, algorithms, HMAC);
  return chosen;
}

/**
 * Reads the option that lists the signature algorithms which tokens may use.
 * @throws {ConfigurationError} when public keys cannot verify one of them.
 */
export function resolveAlgorithms(
  option: string,
  algorithms: readonly Algorithm[] = ASYMMETRIC,
): readonly AsymmetricAlgorithm[] {
  const given: readonly unknown[] = Array.isArray(algorithms) ? algorithms : [];
  if (given.length === 0 || !given.every(isAlgorithm)) {
    throw wrongAlgorithms(option, algorithms, ASYMMETRIC);
  }
  const shared = given.find((name) => !isAsymmetric(name));
  if (shared !== undefined) {
    throw new ConfigurationError(
      option,
      `${shared} signs with a shared secret, which public keys can never verify; the method for one secret is sharedSecretJwt({ secret })`,
    );
  }
  return given.filter(isAsymmetric);
}
