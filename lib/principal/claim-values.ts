import { InvalidTokenError } from '../errors/auth-error.js';

/** A text for one value: strings stay, booleans and numbers become strings, a missing or null value is skipped. */
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

/** Texts for a list; a single value is a list of one. Members that are missing or null are skipped. */
export function toTexts(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.flatMap((item) => {
    const text = toText(item);
    return text === undefined ? [] : [text];
  });
}

/** Scopes: a space-separated text (RFC 8693 section 4.2, RFC 9068 section 2.2.3) or an array. */
export function toScopes(value: unknown): string[] {
  return toTexts(value).flatMap((text) => text.split(' ').filter((scope) => scope !== ''));
}
