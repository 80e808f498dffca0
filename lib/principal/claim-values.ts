import { kindOf } from '../errors/error-detail.js';
import { invalidClaim } from '../errors/token-refusals.js';

/** Error of a conversion. It becomes a refusal that names the claim, or the claim counts as absent. */
class UnfitValue extends Error {
  readonly detail: { readonly expected: string; readonly received: string };

  constructor(value: unknown, expected: string) {
    super('unfit value');
    this.detail = { expected, received: kindOf(value) };
  }
}

/** Result for a claim of another shape than its field takes. */
export const UNFIT = Symbol('unfit');

/** Converts a claim; {@link UNFIT} where its shape does not fit. Other exceptions are thrown on. */
export function fitting<T>(convert: () => T): T | typeof UNFIT {
  try {
    return convert();
  } catch (thrown) {
    if (thrown instanceof UnfitValue) return UNFIT;
    throw thrown;
  }
}

/**
 * Converts a claim.
 * @throws {InvalidTokenError} `claim_invalid`, with the claim's name, when its shape does not fit.
 */
export function named<T>(claim: string, convert: () => T): T {
  try {
    return convert();
  } catch (thrown) {
    if (thrown instanceof UnfitValue) throw invalidClaim(claim, 'cannot be used as it is mapped', thrown.detail);
    throw thrown;
  }
}

/**
 * Converts a single value to text: strings stay, booleans and numbers become strings (with fractions, which Consul cuts
 * off), a missing or null value is left out. An object or a list does not fit.
 */
export function toText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
    case 'number':
      return String(value);
    case 'undefined':
      return undefined;
    default:
      if (value === null) return undefined;
      throw new UnfitValue(value, 'a text, a number or a boolean');
  }
}

function itemText(item: unknown): string | undefined {
  if (item === null) throw new UnfitValue(item, 'a list of texts');
  return toText(item);
}

/**
 * Converts a list to texts, as Consul's `ListClaimMappings`: a single value is a list of one, empty texts are dropped.
 * A list that contains an object, a list or null does not fit.
 */
function toTexts(value: unknown): string[] {
  const texts = Array.isArray(value) ? value.map(itemText) : [toText(value)];
  return texts.filter((text): text is string => text !== undefined && text !== '');
}

const wordsOf = (text: string): string[] => text.split(' ').filter((word) => word !== '');

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/** Converts a claim to a list of texts; `undefined` where it is absent. */
export const listOrNothing = (value: unknown) => (isAbsent(value) ? undefined : toTexts(value));

/** Converts a space-separated text (RFC 8693 section 4.2, RFC 9068 section 2.2.3) or an array to scopes. */
export const scopesOrNothing = (value: unknown) => (isAbsent(value) ? undefined : toTexts(value).flatMap(wordsOf));

/** Reads JSON true or false; no other value fits (OpenID Connect Core section 5.1). */
export function jsonTruth(value: unknown): boolean | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'boolean') throw new UnfitValue(value, 'true or false');
  return value;
}

/** Reads JSON true, and the text `true` that some providers write, as true; any other value is false. */
export const textualTruth = (value: unknown) => (isAbsent(value) ? undefined : value === true || value === 'true');
