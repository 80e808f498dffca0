import { isPlainRecord } from './jose-header.js';

/**
 * Freezes objects and arrays at every depth. Of a date only the properties are frozen, because its time is not one of
 * them.
 */
export function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) for (const item of value) deepFreeze(item);
  // `for … in` takes half the time of `Object.values`.
  else if (isPlainRecord(value)) for (const name in value) if (Object.hasOwn(value, name)) deepFreeze(value[name]);
  Object.freeze(value);
}
