import type { KeyObject } from 'node:crypto';
import type { Algorithm } from './algorithms.js';

/** A key that passed all checks, bound to the one algorithm it may verify (RFC 8725 section 3.1). */
export interface VerificationKey {
  readonly algorithm: Algorithm;
  readonly key: KeyObject;
}

/** Whether two keys are one: the same material, for the same algorithm. */
export function isSameKey(a: VerificationKey, b: VerificationKey): boolean {
  return a.algorithm === b.algorithm && (a.key === b.key || a.key.equals(b.key));
}

/** Why a key cannot be used. Says nothing of its value. */
export class UnusableKeyError extends Error {
  override readonly name = 'UnusableKeyError';
}
