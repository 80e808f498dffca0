import { ConfigurationError } from '../errors/configuration-error.js';

// Each assertion throws a ConfigurationError that names the option and says what it expects.

/** Asserts a number of seconds between `min` and `max`. */
export function assertSeconds(
  option: string,
  value: unknown,
  { min, max }: { min: number; max: number },
): asserts value is number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < min || value > max) {
    throw new ConfigurationError(option, `expects a number of seconds from ${min} to ${max}`);
  }
}

/** Asserts `true` or `false`. */
export function assertBoolean(option: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw new ConfigurationError(option, 'expects true or false');
}

/** Asserts a text of at least one character. */
export function assertNonEmptyString(option: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || value === '') throw new ConfigurationError(option, 'expects a non-empty string');
}

/** Asserts an array of non-empty texts; the array may be empty. */
export function assertStrings(option: string, value: unknown): asserts value is readonly string[] {
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string' || item === '')) {
    throw new ConfigurationError(option, 'expects an array of non-empty strings');
  }
}

/** Asserts a `Date` that is not an invalid one. */
export function assertDate(option: string, value: unknown): asserts value is Date {
  if (!(value instanceof Date && Number.isFinite(value.getTime()))) {
    throw new ConfigurationError(option, 'expects a valid Date');
  }
}

/** Asserts a function. */
export function assertFunction(option: string, value: unknown): void {
  if (typeof value !== 'function') throw new ConfigurationError(option, 'expects a function');
}

/** Asserts an object that has all of these methods. */
export function assertImplements(option: string, value: unknown, methods: readonly string[]): void {
  const missing = methods.find(
    (method) => typeof (value as Record<string, unknown> | null | undefined)?.[method] !== 'function',
  );
  if (missing !== undefined) throw new ConfigurationError(option, `expects an object with the method ${missing}()`);
}
