import { KeyObject } from 'node:crypto';
import { ConfigurationError } from '../errors/configuration-error.js';
import { unknownKey } from '../errors/token-refusals.js';
import { undefinedOption } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import type { Algorithm, AsymmetricAlgorithm } from './algorithms.js';
import type { JwkSetKey } from './jwk-set.js';
import type { KeySource } from './key-source.js';
import { presentMembers } from './public-jwk.js';
import { type PublicKeyInput, readPublicKey } from './public-key.js';
import { selectKeys, stillSelects } from './select-keys.js';
import { resolveAlgorithms } from './token-algorithms.js';
import { UnusableKeyError } from './verification-key.js';

/** Options of {@link staticKeys}. */
export interface StaticKeysOptions {
  /** PEM, X.509 certificates, JWKs or imported keys. A JWK's `kid` counts; a key without one may verify any token. */
  readonly publicKeys: PublicKeyInput | readonly PublicKeyInput[];
  /**
   * Signature algorithms that tokens may use; asymmetric ones only.
   * @default all that fit the keys
   */
  readonly algorithms?: readonly AsymmetricAlgorithm[] | undefined;
}

function importConfigured(option: string, input: PublicKeyInput, algorithms: readonly Algorithm[]): JwkSetKey {
  const given: unknown = input;
  if (given === undefined) throw undefinedOption(option);
  try {
    const { key, algorithms: fitting } = readPublicKey(input);
    const usable = fitting.filter((algorithm) => algorithms.includes(algorithm));
    if (usable.length === 0) {
      throw new UnusableKeyError('the key fits none of the algorithms, so it could never verify anything');
    }
    const kid = typeof input === 'string' || input instanceof KeyObject ? undefined : presentMembers({ ...input }).kid;
    return { key, algorithms: usable, ...(typeof kid === 'string' ? { kid } : {}) };
  } catch (thrown) {
    if (!(thrown instanceof UnusableKeyError)) throw thrown;
    throw new ConfigurationError(option, thrown.message);
  }
}

/**
 * Creates a source of keys that stand in the configuration. A token with a `kid` that none of them has may still be
 * verified by a key without a `kid`.
 * @throws {ConfigurationError} when a key is private, symmetric, weak, or fits none of the algorithms.
 */
export function staticKeys(options: StaticKeysOptions): KeySource {
  checkOptionNames('staticKeys', options, ['publicKeys', 'algorithms']);
  const { publicKeys } = options;
  const algorithms = resolveAlgorithms('staticKeys.algorithms', options.algorithms);
  const inputs = Array.isArray(publicKeys) ? publicKeys : [publicKeys];
  if (inputs.length === 0)
    throw new ConfigurationError('publicKeys', 'expects at least one key, and this is an empty list');
  const keys = inputs.map((input, index) => importConfigured(`publicKeys[${index}]`, input, algorithms));
  const policy = { algorithms, anonymousKeys: true };
  const loaded = new Date();
  const find: KeySource['find'] = async (header) => {
    const fitting = selectKeys(keys, header, policy);
    if (fitting.length === 0) throw unknownKey(header);
    return fitting;
  };
  return {
    source: 'static',
    find,
    // A copy of this object with a `find` of its own is to be asked by that.
    holds(header, key) {
      return this.find === find && stillSelects(keys, header, key, policy);
    },
    ready: async () => undefined,
    health: () => ({ source: 'static', keyCount: keys.length, lastSuccess: loaded }),
    close: () => undefined,
  };
}
