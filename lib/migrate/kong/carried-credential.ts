import type { ConsumerCredential } from '../../consumers/consumer.js';
import type { NewCredential } from '../../consumers/consumer-store.js';
import { credentialKey } from '../../consumers/credential-key.js';
import { algorithmSpec } from '../../keys/algorithms.js';
import type { SecretEncoding } from '../../keys/secret-key.js';
import { UnusableKeyError, type VerificationKey } from '../../keys/verification-key.js';
import type { JwtSecret } from './consumers/jwt-secret.js';
import { KONG_PSS_BYTES } from './consumers/kong-credential-key.js';
import type { Warnings } from './warnings.js';

type Material = Pick<NewCredential, 'secret' | 'secretEncoding' | 'allowWeakSecret' | 'publicKey'>;

/** Imports the key of a credential. Returns the reason where the material makes no usable key. */
function imported({ algorithm }: JwtSecret, material: Material): VerificationKey | string {
  const credential: ConsumerCredential = { key: '', algorithm, ...material };
  try {
    return credentialKey(credential);
  } catch (thrown) {
    if (thrown instanceof UnusableKeyError) return thrown.message;
    throw thrown;
  }
}

/** Carries a secret over. Kong takes any of one byte or more; a weak one is taken here too, with a warning. */
function secretMaterial(from: JwtSecret, secretEncoding: SecretEncoding, warnings: Warnings): Material | undefined {
  const { record, algorithm, secret } = from;
  if (secret === undefined) {
    warnings.add(record, 'secret', 'is missing; one is generated, as in Kong, and nobody knows it');
    return {};
  }
  const strong: Material = { secret, secretEncoding };
  if (typeof imported(from, strong) !== 'string') return strong;
  const weak: Material = { ...strong, allowWeakSecret: true };
  const key = imported(from, weak);
  const problem =
    typeof key === 'string'
      ? `${key}; its tokens are refused with "Invalid key/secret"`
      : `is shorter than ${algorithm} needs (RFC 7518 section 3.2); carried over as it is, replace it`;
  warnings.add(record, 'secret', problem);
  return typeof key === 'string' ? undefined : weak;
}

/** Carries a public key over, with a warning for one that could never verify a token. */
function publicKeyMaterial(from: JwtSecret, warnings: Warnings): Material | undefined {
  const { record, algorithm, rsaPublicKey } = from;
  const material: Material = rsaPublicKey === undefined ? {} : { publicKey: rsaPublicKey };
  const key = imported(from, material);
  if (typeof key === 'string') {
    warnings.add(record, 'rsa_public_key', `${key}; its tokens are refused with "Invalid key/secret"`);
    return undefined;
  }
  const bits = key.key.asymmetricKeyDetails?.modulusLength;
  if (algorithm.startsWith('PS') && bits !== KONG_PSS_BYTES * 8) {
    warnings.add(
      record,
      'rsa_public_key',
      `has ${bits} bits; with ${algorithm}, tokens of keys of 2048 bits only are accepted, as in Kong`,
    );
  }
  return material;
}

/**
 * Turns a `jwt_secrets` entity into a credential for the store. Returns `undefined` for one that Kong loads and that
 * could never verify a token here: a warning and no error, so that one consumer's broken key keeps nobody else back.
 */
export function carriedCredential(
  from: JwtSecret,
  encoding: SecretEncoding,
  warnings: Warnings,
): NewCredential | undefined {
  const { record, id, key, algorithm, tags } = from;
  if (key === undefined) warnings.add(record, 'key', 'is missing; one is generated, as in Kong');
  const isSecret = algorithmSpec(algorithm).family === 'hmac';
  const material = isSecret ? secretMaterial(from, encoding, warnings) : publicKeyMaterial(from, warnings);
  const names = { ...(id === undefined ? {} : { id }), ...(key === undefined ? {} : { key }) };
  return material && { ...names, algorithm, tags, ...material };
}
