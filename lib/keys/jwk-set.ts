import type { KeyObject } from 'node:crypto';
import { isPlainRecord, MAX_KID_BYTES } from '../tokens/jose-header.js';
import type { Algorithm } from './algorithms.js';
import { importPublicJwk, presentMembers } from './public-jwk.js';
import { UnusableKeyError } from './verification-key.js';

/** A verification key with the id that its set gives it. */
export interface JwkSetKey {
  readonly kid?: string;
  /** The algorithms that it may verify: its `alg`, or all that its type and curve allow. */
  readonly algorithms: readonly Algorithm[];
  readonly key: KeyObject;
}

/** A key set as read: the usable keys, and the members that were dropped. */
export interface JwkSet {
  readonly keys: readonly JwkSetKey[];
  /** Members that cannot be used, and why; each deserves a warning. Nothing of a key's value is in here. */
  readonly dropped: readonly { readonly kid?: string; readonly reason: string }[];
}

/** Most members of a key set. The largest real ones have about a dozen. */
const MAX_MEMBERS = 100;

function isKid(kid: unknown): kid is string {
  return typeof kid === 'string' && Buffer.byteLength(kid) <= MAX_KID_BYTES;
}

function membersOf(set: unknown): readonly unknown[] {
  if (!isPlainRecord(set) || !Array.isArray(set.keys)) throw new UnusableKeyError('this is not a JWK Set');
  if (set.keys.length > MAX_MEMBERS) throw new UnusableKeyError(`the JWK Set has more than ${MAX_MEMBERS} members`);
  return set.keys;
}

function importMember(given: unknown): JwkSetKey {
  if (!isPlainRecord(given)) throw new UnusableKeyError('this is not a JWK');
  const { kid, ...jwk } = presentMembers(given);
  if (kid === undefined) return importPublicJwk(jwk);
  if (!isKid(kid)) throw new UnusableKeyError(`the kid is not a text of at most ${MAX_KID_BYTES} bytes`);
  return { kid, ...importPublicJwk(jwk) };
}

/**
 * Takes the keys for verifying out of a parsed JWK Set. Members that cannot be used are dropped one by one (RFC 7517
 * section 5). Several keys may share a `kid` (section 4.5): the token's algorithm tells them apart.
 * @throws UnusableKeyError if it is not a JWK Set, or has more than 100 members.
 */
export function readJwkSet(set: unknown): JwkSet {
  const keys: JwkSetKey[] = [];
  const dropped: { kid?: string; reason: string }[] = [];
  const drop = (kid: unknown, reason: string) => dropped.push({ ...(isKid(kid) ? { kid } : {}), reason });
  for (const member of membersOf(set)) {
    try {
      keys.push(importMember(member));
    } catch (thrown) {
      if (!(thrown instanceof UnusableKeyError)) throw thrown;
      drop(isPlainRecord(member) ? member.kid : undefined, thrown.message);
    }
  }
  return { keys, dropped };
}
