import { wrongAlgorithm } from '../errors/token-refusals.js';
import type { JoseHeader } from '../tokens/jose-header.js';
import { type Algorithm, isAlgorithm } from './algorithms.js';
import type { JwkSetKey } from './jwk-set.js';
import type { VerificationKey } from './verification-key.js';

/** Most keys that are tried for one token. More would let its sender cost us CPU time. */
const MAX_CANDIDATES = 8;

/** Rules for selecting keys. */
export interface KeyPolicy {
  readonly algorithms: readonly Algorithm[];
  /** Whether a key without an id may verify a token that names one; true for configured keys only. */
  readonly anonymousKeys: boolean;
}

/** Whether any key has the token's `kid`, or the token has none. */
export function isNamed(keys: readonly JwkSetKey[], { kid }: JoseHeader): boolean {
  return kid === undefined || keys.some((key) => key.kid === kid);
}

/**
 * @throws {InvalidTokenError} `algorithm_not_allowed`
 */
export function allowedAlgorithm({ alg }: JoseHeader, { algorithms }: KeyPolicy): Algorithm {
  if (!isAlgorithm(alg) || !algorithms.includes(alg)) throw wrongAlgorithm(alg, algorithms);
  return alg;
}

function namedKeys(keys: readonly JwkSetKey[], { kid }: JoseHeader, { anonymousKeys }: KeyPolicy) {
  if (kid === undefined) return keys;
  const exact = keys.filter((key) => key.kid === kid);
  return exact.length > 0 || !anonymousKeys ? exact : keys.filter((key) => key.kid === undefined);
}

/**
 * Whether {@link selectKeys} still gives a token a key that it gave before, told without making the list. An equal key
 * that is another object is for `selectKeys` to find.
 */
export function stillSelects(
  keys: readonly JwkSetKey[],
  header: JoseHeader,
  wanted: VerificationKey,
  { anonymousKeys }: KeyPolicy,
): boolean {
  const at = keys.findIndex(({ key }) => key === wanted.key);
  const found = keys[at];
  if (found === undefined || at >= MAX_CANDIDATES || !found.algorithms.includes(wanted.algorithm)) return false;
  if (header.kid === undefined || found.kid === header.kid) return true;
  return anonymousKeys && found.kid === undefined && !isNamed(keys, header);
}

/**
 * The keys that may have signed a token: those with its `kid`, never others in their stead; without a `kid`, all
 * that fit its algorithm.
 * @throws {InvalidTokenError} `algorithm_not_allowed`
 */
export function selectKeys(keys: readonly JwkSetKey[], header: JoseHeader, policy: KeyPolicy): VerificationKey[] {
  const algorithm = allowedAlgorithm(header, policy);
  return namedKeys(keys, header, policy)
    .filter(({ algorithms }) => algorithms.includes(algorithm))
    .slice(0, MAX_CANDIDATES)
    .map(({ key }) => ({ algorithm, key }));
}
