import { kindOf } from '../errors/error-detail.js';
import { invalidClaim } from '../errors/token-refusals.js';

/** Thrown by conversions, and turned into a refusal that names the claim, or into no value. */
class UnfitValue extends Error {
  readonly detail: { readonly expected: string; readonly received: string };

  constructor(value: unknown, expected: string) {
    super('unfit value');
    this.detail = { expected, received: kindOf(value) };
  }
}

/** Marks a claim of another shape than its field takes. */
export const UNFIT = Symbol('unfit');

/** Converts a claim; {@link UNFIT} where it has another shape. What else is thrown passes through. */
export function fitting<T>(convert: () => T): T | typeof UNFIT {
  try {
    return convert();
  } catch (thrown) {
    if (thrown instanceof UnfitValue) return UNFIT;
    throw thrown;
  }
}

/** Converts a claim. @throws InvalidTokenError `claim_invalid`, with the claim's name, where it has another shape. */
export function named<T>(claim: string, convert: () => T): T {
  try {
    return convert();
  } catch (thrown) {
    if (thrown instanceof UnfitValue) throw invalidClaim(claim, 'cannot be used as it is mapped', thrown.detail);
    throw thrown;
  }
}

/**
 * Makes a text of one value: strings stay, booleans and numbers become strings (fractions too, which Consul cuts off), a
 * missing or null value is skipped. An object or a list does not fit.
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
 * Makes texts of a list, as Consul's `ListClaimMappings` do: a single value is a list of one, empty texts are
 * dropped, and a list that holds an object, a list or null does not fit.
 */
function toTexts(value: unknown): string[] {
  const texts = Array.isArray(value) ? value.map(itemText) : [toText(value)];
  return texts.filter((text): text is string => text !== undefined && text !== '');
}

const wordsOf = (text: string): string[] => text.split(' ').filter((word) => word !== '');

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/** Makes texts of a claim that is there. */
export const listOrNothing = (value: unknown) => (isAbsent(value) ? undefined : toTexts(value));

/** Makes scopes of a space-separated text (RFC 8693 section 4.2, RFC 9068 section 2.2.3) or an array. */
export const scopesOrNothing = (value: unknown) => (isAbsent(value) ? undefined : toTexts(value).flatMap(wordsOf));

/** Reads JSON true and false, and takes nothing else for either (OpenID Connect Core section 5.1). */
export function jsonTruth(value: unknown): boolean | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'boolean') throw new UnfitValue(value, 'true or false');
  return value;
}

/** Reads JSON true and the text that some providers write for it; everything else that is there says no. */
export const textualTruth = (value: unknown) => (isAbsent(value) ? undefined : value === true || value === 'true');
