import { generateKeyPair as generateKeyPairCallback, type KeyObject, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import { type Algorithm, algorithmSpec } from '../keys/algorithms.js';

/** Signature algorithm of a test issuer. */
export type IssuerAlgorithm = Exclude<Algorithm, 'HS256' | 'HS384' | 'HS512' | 'Ed448'>;

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Key pair of an issuer, with its algorithm and key id. */
export interface IssuerKey extends KeyPair {
  readonly algorithm: IssuerAlgorithm;
  readonly kid: string;
}

const generateKeyPair = promisify(generateKeyPairCallback);

async function keyPairFor(algorithm: IssuerAlgorithm): Promise<KeyPair> {
  const spec = algorithmSpec(algorithm);
  if (spec.family === 'ec') return generateKeyPair('ec', { namedCurve: spec.curve });
  if (spec.family === 'eddsa') return generateKeyPair('ed25519');
  return generateKeyPair('rsa', { modulusLength: 2048 });
}

async function newKey(algorithm: IssuerAlgorithm): Promise<IssuerKey> {
  return { algorithm, kid: randomUUID(), ...(await keyPairFor(algorithm)) };
}

/** Keys of a test issuer: one signing key per algorithm, and old keys that are still published. */
export class IssuerKeys {
  #signing: readonly IssuerKey[] = [];
  #retired: readonly IssuerKey[] = [];
  readonly #algorithms: readonly IssuerAlgorithm[];

  constructor(algorithms: readonly IssuerAlgorithm[]) {
    this.#algorithms = algorithms;
  }

  /** Generates new signing keys. The old ones stay in the key set if `keepOld` is true. */
  async rotate(keepOld: boolean): Promise<void> {
    const fresh = await Promise.all(this.#algorithms.map(newKey));
    this.#retired = keepOld ? [...this.#signing, ...this.#retired] : [];
    this.#signing = fresh;
  }

  /**
   * @throws {TypeError} when there is no key for the algorithm.
   */
  signingKey(algorithm = this.#algorithms[0]): IssuerKey {
    const found = this.#signing.find((key) => key.algorithm === algorithm);
    if (found === undefined) {
      throw new TypeError(
        `this issuer signs with ${this.#algorithms.join(', ')}; testIssuer({ algorithms }) adds more`,
      );
    }
    return found;
  }

  get published(): readonly IssuerKey[] {
    return [...this.#signing, ...this.#retired];
  }

  /** Returns the published keys as a JWK Set (RFC 7517 section 5). */
  toJwks(): { keys: JWK[] } {
    return {
      keys: this.published.map(({ publicKey, kid, algorithm }) => ({
        ...(publicKey.export({ format: 'jwk' }) as JWK), // Node's JsonWebKey leaves kty open; every public key has one.
        kid,
        alg: algorithm,
        use: 'sig',
      })),
    };
  }
}
