import { InvalidTokenError } from '../errors/auth-error.js';
import { writtenNumber } from '../tokens/exact-numbers.js';

/**
 * A text for one value: strings stay, booleans and numbers become strings (fractions too, which Consul cuts off), a
 * missing or null value is skipped.
 * @throws InvalidTokenError `claim_invalid` for an object or a list.
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
      throw new InvalidTokenError('claim_invalid');
  }
}

function memberText(list: readonly unknown[], item: unknown, index: number): string | undefined {
  if (item === null) throw new InvalidTokenError('claim_invalid');
  return typeof item === 'number' ? (writtenNumber(list, String(index)) ?? toText(item)) : toText(item);
}

/**
 * Texts for a list, as Consul's `ListClaimMappings` make them: a single value is a list of one, empty texts are
 * dropped, and a list that holds an object, a list or null is an error.
 * @throws InvalidTokenError `claim_invalid`
 */
export function toTexts(value: unknown): string[] {
  const texts = Array.isArray(value) ? value.map((item, index) => memberText(value, item, index)) : [toText(value)];
  return texts.filter((text): text is string => text !== undefined && text !== '');
}

const wordsOf = (text: string): string[] => text.split(' ').filter((word) => word !== '');

/** Scopes: a space-separated text (RFC 8693 section 4.2, RFC 9068 section 2.2.3) or an array. */
export function toScopes(value: unknown): string[] {
  return typeof value === 'string' ? wordsOf(value) : toTexts(value).flatMap(wordsOf);
}
