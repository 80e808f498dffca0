/** Properties of a signature algorithm: key type, hash, curve, lengths (RFC 7518 section 3.1, RFC 8037, RFC 9864). */
export type AlgorithmSpec =
  | { readonly family: 'hmac'; readonly hash: string; readonly minSecretBytes: number }
  | { readonly family: 'rsa'; readonly hash: string }
  | { readonly family: 'rsa-pss'; readonly hash: string }
  | { readonly family: 'ec'; readonly hash: string; readonly curve: string; readonly signatureBytes: number }
  | { readonly family: 'eddsa'; readonly keyTypes: readonly string[] };

const TABLE = {
  HS256: { family: 'hmac', hash: 'sha256', minSecretBytes: 32 },
  HS384: { family: 'hmac', hash: 'sha384', minSecretBytes: 48 },
  HS512: { family: 'hmac', hash: 'sha512', minSecretBytes: 64 },
  RS256: { family: 'rsa', hash: 'sha256' },
  RS384: { family: 'rsa', hash: 'sha384' },
  RS512: { family: 'rsa', hash: 'sha512' },
  PS256: { family: 'rsa-pss', hash: 'sha256' },
  PS384: { family: 'rsa-pss', hash: 'sha384' },
  PS512: { family: 'rsa-pss', hash: 'sha512' },
  ES256: { family: 'ec', hash: 'sha256', curve: 'prime256v1', signatureBytes: 64 },
  ES384: { family: 'ec', hash: 'sha384', curve: 'secp384r1', signatureBytes: 96 },
  ES512: { family: 'ec', hash: 'sha512', curve: 'secp521r1', signatureBytes: 132 },
  EdDSA: { family: 'eddsa', keyTypes: ['ed25519', 'ed448'] },
  Ed25519: { family: 'eddsa', keyTypes: ['ed25519'] },
  Ed448: { family: 'eddsa', keyTypes: ['ed448'] },
} as const satisfies Record<string, AlgorithmSpec>;

/** A signature algorithm by its JOSE name. `EdDSA` takes Ed25519 and Ed448 keys. `none` does not exist here. */
export type Algorithm = keyof typeof TABLE;

/** A signature algorithm with a shared secret (RFC 7518 section 3.2). */
export type HmacAlgorithm = {
  [Name in Algorithm]: (typeof TABLE)[Name]['family'] extends 'hmac' ? Name : never;
}[Algorithm];

/** A signature algorithm with a pair of keys, the public one of which verifies. */
export type AsymmetricAlgorithm = Exclude<Algorithm, HmacAlgorithm>;

/** The names of all algorithms that can be configured. */
export const ALGORITHM_NAMES = Object.keys(TABLE) as readonly Algorithm[];

/** Whether a value is exactly the name of an algorithm that can be configured. */
export function isAlgorithm(name: unknown): name is Algorithm {
  return typeof name === 'string' && Object.hasOwn(TABLE, name);
}

/** The end of a message about an unknown algorithm: the one of `allowed` that it is in another case, or nothing. */
export function meantAlgorithm(given: unknown, allowed: readonly Algorithm[] = ALGORITHM_NAMES): string {
  const meant = allowed.find((name) => typeof given === 'string' && name.toLowerCase() === given.toLowerCase());
  return meant === undefined || meant === given ? '' : `; did you mean "${meant}"? Case counts`;
}

/** Looks up the properties of an algorithm. */
export function algorithmSpec(algorithm: Algorithm): AlgorithmSpec {
  return TABLE[algorithm];
}

/** Whether public keys verify what this algorithm signs. */
export function isAsymmetric(algorithm: Algorithm): algorithm is AsymmetricAlgorithm {
  return algorithmSpec(algorithm).family !== 'hmac';
}
