import { createPublicKey, type KeyObject } from 'node:crypto';
import { type Algorithm, algorithmSpec, isAlgorithm } from './algorithms.js';
import { fittingAlgorithms } from './fitting-algorithms.js';
import { assertSoundRsaKey } from './rsa-hygiene.js';
import { UnusableKeyError } from './verification-key.js';

/** An imported public key and the algorithms that it may verify. */
export interface PublicJwk {
  readonly key: KeyObject;
  readonly algorithms: readonly Algorithm[];
}

/** Members that only private or secret keys have (RFC 7518 sections 6.2.2, 6.3.2 and 6.4, RFC 8037 section 2). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'] as const;

/** Whether a JWK holds a private or shared secret. */
export function isPrivateJwk(jwk: Readonly<Record<string, unknown>>): boolean {
  return jwk.kty === 'oct' || PRIVATE_MEMBERS.some((member) => jwk[member] !== undefined && jwk[member] !== null);
}

/** Refuses a JWK whose `use` or `key_ops` is not for verifying signatures (RFC 7517 sections 4.2 and 4.3). */
function assertForVerifying(jwk: Readonly<Record<string, unknown>>): void {
  if (jwk.kty === 'oct') throw new UnusableKeyError('a symmetric JWK is a secret, not a public key');
  if (isPrivateJwk(jwk)) throw new UnusableKeyError('this JWK is private; give the public one');
  if (jwk.use !== undefined && jwk.use !== 'sig') throw new UnusableKeyError('this JWK is not for signatures');
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes('verify')))
    throw new UnusableKeyError('this JWK is not for verifying');
}

function keyOf({ kty, crv, x, y, n, e }: Readonly<Record<string, unknown>>): KeyObject {
  try {
    // The casts hand on whatever stands there: Node checks types, lengths and that a point is on its curve.
    const key = { kty, crv, x, y, n, e } as Record<string, string>;
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    throw new UnusableKeyError('this is not a valid public JWK');
  }
}

/**
 * Lists the algorithms of a JWK: its `alg` if it has one, otherwise all that its type and curve allow. `EdDSA` and the name
 * of the curve are two names of one algorithm (RFC 9864 section 2.2), so either stands for both.
 */
function algorithmsOf(alg: unknown, key: KeyObject): readonly Algorithm[] {
  const fitting = fittingAlgorithms(key);
  if (fitting.length === 0) throw new UnusableKeyError('no supported algorithm has keys of this type or curve');
  if (alg === undefined) return fitting;
  if (!isAlgorithm(alg)) throw new UnusableKeyError('the alg of this JWK is not a supported signature algorithm');
  if (!fitting.includes(alg)) throw new UnusableKeyError('this JWK has another type or curve than its alg needs');
  return algorithmSpec(alg).family === 'eddsa' ? fitting : [alg];
}

/** A JWK without the members that count as absent: `null`, as serialisers write what is not there, and an empty `kid`. */
export function presentMembers(jwk: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(jwk).filter(([member, value]) => value !== null && (member !== 'kid' || value !== '')),
  );
}

/**
 * Imports a public JWK (RFC 7517) for verifying. Members that are `null` count as absent.
 * @throws {UnusableKeyError} when the key is private, symmetric, weak unknown, or for another use.
 */
export function importPublicJwk(given: Readonly<Record<string, unknown>>): PublicJwk {
  const jwk = presentMembers(given);
  assertForVerifying(jwk);
  const key = keyOf(jwk);
  const algorithms = algorithmsOf(jwk.alg, key);
  assertSoundRsaKey(key);
  return { key, algorithms };
}
