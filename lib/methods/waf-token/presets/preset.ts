import { ConfigurationError } from '../../../errors/configuration-error.js';
import type { AsymmetricAlgorithm } from '../../../keys/algorithms.js';
import type { ClaimMapping } from '../../../principal/mapped-claims.js';
import type { TokenDialect } from '../../../tokens/compact-token.js';

/** Options for keys that a product publishes as one PEM per key id. */
export interface PemPerKid {
  /** URL of a key, with `{kid}` in place of the key id. */
  url: string;
  /**
   * Key ids that are known in advance. `ready()` loads their keys, and no number of invented ids can keep them out.
   * @default none
   */
  kids?: readonly string[] | undefined;
  /**
   * Pattern of key ids; other ids are refused without a fetch.
   * @default letters, digits, `-` and `_`, at most 128
   */
  kidPattern?: RegExp | undefined;
}

/** Facts about a product that do not differ per customer, mostly as options of `wafToken`. */
export interface PresetFacts {
  readonly header: string;
  /**
   * Unsigned headers that the product writes beside the token; a name that ends in `*` matches every one with that
   * beginning.
   */
  readonly siblings: readonly string[];
  readonly issuer: string;
  readonly audience: string | readonly string[] | null;
  readonly algorithms: readonly AsymmetricAlgorithm[];
  readonly jwksUri?: string;
  readonly pemPerKid?: PemPerKid;
  readonly clockTolerance?: number;
  readonly maxLifetime?: number;
  readonly claims?: ClaimMapping;
  /** Members that the JOSE header must have, with their allowed values. */
  readonly headerMembers?: Readonly<Record<string, readonly string[]>>;
  /** Claims that must have exactly this value. */
  readonly claimValues?: Readonly<Record<string, string>>;
  /**
   * Whether segments are padded with `=`, inside the signed bytes.
   * @default undefined, they are not
   */
  readonly padding?: TokenDialect['padding'];
  /** Whether `exp` and `iss` may be in the JOSE header instead of the claims. */
  readonly timesInHeader?: boolean;
  /** Claim that names a program where the subject is empty. */
  readonly clientClaim?: string;
  /** Claims that a token must have, because applications rely on them. */
  readonly requiredClaims?: readonly string[];
}

/**
 * Checks a text option of a preset.
 * @throws {ConfigurationError} when it is missing.
 */
export function required(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '')
    throw new ConfigurationError(option, 'is required: a non-empty string');
  return value;
}

/**
 * Resolves an option of a preset that takes one text or several to a list.
 * @throws {ConfigurationError} when it is missing.
 */
export function requiredList(option: string, value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new ConfigurationError(option, 'is required');
  return list.map((item) => required(option, item));
}

/**
 * Returns the host of an option that takes a host or a URL.
 * @throws {ConfigurationError} when it is neither.
 */
export function hostOf(option: string, value: unknown): string {
  const text = required(option, value)
    .replace(/^https:\/\//, '')
    .replace(/\/$/, '');
  if (!URL.canParse(`https://${text}`) || /[/?#@]/.test(text))
    throw new ConfigurationError(option, 'expects a host name');
  return text;
}
