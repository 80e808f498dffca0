import type { KeyObject } from 'node:crypto';
import { isPlainRecord, MAX_KID_BYTES } from '../tokens/jose-header.js';
import type { Algorithm } from './algorithms.js';
import { importPublicJwk } from './public-jwk.js';
import { UnusableKeyError } from './verification-key.js';

/** A usable member of a JWK Set. */
export interface JwkSetKey {
  readonly kid?: string;
  /** What it may verify: its `alg`, or all that its type and curve allow. */
  readonly algorithms: readonly Algorithm[];
  readonly key: KeyObject;
}

/** What became of a JWK Set. */
export interface JwkSet {
  readonly keys: readonly JwkSetKey[];
  /** Members that cannot be used, and why; worth a warning each. Says nothing of a key's value. */
  readonly dropped: readonly { readonly kid?: string; readonly reason: string }[];
}

/** More members than this no issuer needs. */
const MAX_MEMBERS = 100;

function isKid(kid: unknown): kid is string {
  return typeof kid === 'string' && Buffer.byteLength(kid) <= MAX_KID_BYTES;
}

function membersOf(set: unknown): readonly unknown[] {
  if (!isPlainRecord(set) || !Array.isArray(set.keys)) throw new UnusableKeyError('this is not a JWK Set');
  if (set.keys.length > MAX_MEMBERS) throw new UnusableKeyError(`the JWK Set has more than ${MAX_MEMBERS} members`);
  return set.keys;
}

function importMember(member: unknown): JwkSetKey {
  if (!isPlainRecord(member)) throw new UnusableKeyError('this is not a JWK');
  const { kid } = member;
  if (kid === undefined) return importPublicJwk(member);
  if (!isKid(kid)) throw new UnusableKeyError(`the kid is not a text of at most ${MAX_KID_BYTES} bytes`);
  return { kid, ...importPublicJwk(member) };
}

/** Which key such a kid means nobody can say. The same key listed twice, for example once per alg, is no riddle. */
function isAmbiguous({ kid, key }: JwkSetKey, keys: readonly JwkSetKey[]): boolean {
  return kid !== undefined && keys.some((other) => other.kid === kid && !other.key.equals(key));
}

/**
 * Takes the keys for verifying out of a parsed JWK Set. Members that cannot be used are dropped one by one (RFC 7517
 * section 5); so are all that share a `kid` with a different key.
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
  const ambiguous = keys.filter((key) => isAmbiguous(key, keys));
  for (const { kid } of ambiguous) drop(kid, 'another key of the set has the same kid');
  return { keys: keys.filter((key) => !ambiguous.includes(key)), dropped };
}
