import type { KeyObject } from 'node:crypto';
import type { Algorithm } from './algorithms.js';

/** A key that passed all checks, bound to the one algorithm it may verify (RFC 8725 section 3.1). */
export interface VerificationKey {
  /** Algorithm that the key verifies, and no other. */
  readonly algorithm: Algorithm;
  /** Public key or secret. */
  readonly key: KeyObject;
}

/** Whether two keys have equal material and algorithm. */
export function isSameKey(a: VerificationKey, b: VerificationKey): boolean {
  return a.algorithm === b.algorithm && (a.key === b.key || a.key.equals(b.key));
}

/** A key that cannot be used. The message says why, and nothing of the key's value. */
export class UnusableKeyError extends Error {
  override readonly name = 'UnusableKeyError';
}
