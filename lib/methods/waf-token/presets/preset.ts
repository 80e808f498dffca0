import { ConfigurationError } from '../../../errors/configuration-error.js';
import type { AsymmetricAlgorithm } from '../../../keys/algorithms.js';
import type { ClaimMapping } from '../../../principal/claim-mapping.js';
import type { TokenDialect } from '../../../tokens/compact-token.js';

/** A template of the place where a product publishes one PEM per key id. */
export interface PemPerKid {
  /** URL with `{kid}` where the key id goes. */
  url: string;
  /**
   * Key ids that are known beforehand. `ready()` loads their keys, and no flood of invented ids can keep them out.
   * @default none
   */
  kids?: readonly string[] | undefined;
  /**
   * What a key id looks like; anything else is refused without a fetch.
   * @default letters, digits, `-` and `_`, at most 128
   */
  kidPattern?: RegExp | undefined;
}

/** Everything about a product that does not differ per customer, in the words of `wafToken`. */
export interface PresetFacts {
  readonly header: string;
  /** Unsigned headers that the product writes beside the token; a name that ends in `*` stands for all that begin so. */
  readonly siblings: readonly string[];
  readonly issuer: string;
  readonly audience: string | readonly string[] | null;
  readonly algorithms: readonly AsymmetricAlgorithm[];
  readonly jwksUri?: string;
  readonly pemPerKid?: PemPerKid;
  readonly clockTolerance?: number;
  readonly maxLifetime?: number;
  readonly claims?: ClaimMapping;
  /** Members that the JOSE header must have, each with one of the values. */
  readonly headerMembers?: Readonly<Record<string, readonly string[]>>;
  /** Claims that must have exactly this value. */
  readonly claimValues?: Readonly<Record<string, string>>;
  /** Whether segments carry `=` padding, inside the signed bytes. Default: no. */
  readonly padding?: TokenDialect['padding'];
  /** Times and issuer may stand in the JOSE header instead of the payload. */
  readonly timesInHeader?: boolean;
  /** The claim that names a program where the subject is empty. */
  readonly clientClaim?: string;
  /** Claims that the application may rely on, refused when missing. */
  readonly requiredClaims?: readonly string[];
}

/** A text option of a preset, refused when it is missing. */
export function required(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '')
    throw new ConfigurationError(option, 'is required: a non-empty string');
  return value;
}

/** Text options of a preset that take one text or several, as a list; refused when they are missing. */
export function requiredList(option: string, value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new ConfigurationError(option, 'is required');
  return list.map((item) => required(option, item));
}

/** The host of an option that may be written as a host or as a URL. */
export function hostOf(option: string, value: unknown): string {
  const text = required(option, value)
    .replace(/^https:\/\//, '')
    .replace(/\/$/, '');
  if (!URL.canParse(`https://${text}`) || /[/?#@]/.test(text))
    throw new ConfigurationError(option, 'expects a host name');
  return text;
}
