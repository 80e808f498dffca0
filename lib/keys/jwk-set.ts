import type { KeyObject } from 'node:crypto';
import { MAX_KID_BYTES } from '../tokens/jose-header.js';
import { isPlainRecord } from '../tokens/strict-json.js';
import type { Algorithm } from './algorithms.js';
import { importPublicJwk, type PublicJwk, presentMembers } from './public-jwk.js';
import { readPublicKey } from './public-key.js';
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

/**
 * How a key set is written: `jwks` is a JWK Set (RFC 7517 section 5), `pem-map` an object of key ids and PEM keys or
 * certificates, as Google publishes them for Firebase. `any` is whichever of the two it is.
 */
export type KeySetFormat = 'jwks' | 'pem-map' | 'any';

/** Most members of a key set. The largest real ones have about a dozen. */
const MAX_MEMBERS = 100;

/** A member of a key set before it is imported: its id, if it is a usable one, and how it is imported. */
interface Member {
  readonly kid: unknown;
  readonly read: () => PublicJwk;
}

function isKid(kid: unknown): kid is string {
  return typeof kid === 'string' && Buffer.byteLength(kid) <= MAX_KID_BYTES;
}

function jwkMember(given: unknown): Member {
  if (!isPlainRecord(given)) {
    const read = () => {
      throw new UnusableKeyError('this is not a JWK');
    };
    return { kid: undefined, read };
  }
  const { kid, ...jwk } = presentMembers(given);
  return { kid, read: () => importPublicJwk(jwk) };
}

function pemMember([kid, pem]: readonly [string, unknown]): Member {
  return { kid, read: () => readPublicKey(typeof pem === 'string' ? pem : '') };
}

function importMember({ kid, read }: Member): JwkSetKey {
  if (kid === undefined) return read();
  if (!isKid(kid)) throw new UnusableKeyError(`the kid is not a text of at most ${MAX_KID_BYTES} bytes`);
  return { kid, ...read() };
}

/** Members that cannot be used are dropped one by one (RFC 7517 section 5). */
function importMembers(members: readonly Member[]): JwkSet {
  if (members.length > MAX_MEMBERS) throw new UnusableKeyError(`the key set has more than ${MAX_MEMBERS} members`);
  const keys: JwkSetKey[] = [];
  const dropped: { kid?: string; reason: string }[] = [];
  for (const member of members) {
    try {
      keys.push(importMember(member));
    } catch (thrown) {
      if (!(thrown instanceof UnusableKeyError)) throw thrown;
      dropped.push({ ...(isKid(member.kid) ? { kid: member.kid } : {}), reason: thrown.message });
    }
  }
  return { keys, dropped };
}

/**
 * Takes the keys for verifying out of a parsed JWK Set. Members that cannot be used are dropped. Several keys may share
 * a `kid` (RFC 7517 section 4.5): the token's algorithm tells them apart.
 * @throws {UnusableKeyError} when it is not a JWK Set, or has more than 100 members.
 */
export function readJwkSet(set: unknown): JwkSet {
  if (!isPlainRecord(set) || !Array.isArray(set.keys)) throw new UnusableKeyError('this is not a JWK Set');
  return importMembers(set.keys.map(jwkMember));
}

/** Takes the keys for verifying out of an object of key ids and PEMs, as {@link readJwkSet} does out of a JWK Set. */
function readPemMap(map: unknown): JwkSet {
  if (!isPlainRecord(map)) throw new UnusableKeyError('this is not an object of key ids and PEMs');
  return importMembers(Object.entries(map).map(pemMember));
}

/**
 * Takes the keys for verifying out of a parsed key set.
 * @throws {UnusableKeyError} when it is not written in that format.
 */
export function readKeySet(format: KeySetFormat, set: unknown): JwkSet {
  const isJwks = format === 'jwks' || (format === 'any' && isPlainRecord(set) && Array.isArray(set.keys));
  return isJwks ? readJwkSet(set) : readPemMap(set);
}
