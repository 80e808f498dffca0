import type { KeyObject } from 'node:crypto';
import type { Algorithm } from './algorithms.js';

/** A key that passed all checks, bound to the one algorithm it may verify (RFC 8725 section 3.1). */
export interface VerificationKey {
  readonly algorithm: Algorithm;
  readonly key: KeyObject;
}

/** Why a key cannot be used. Says nothing of its value. */
export class UnusableKeyError extends Error {
  override readonly name = 'UnusableKeyError';
}
