import { types } from 'node:util';
import { ConfigurationError } from '../errors/configuration-error.js';
import { described, describedBoolean, describedSeconds } from './described.js';
import type { OptionName } from './option-names.js';

/** What to look for where a value is `undefined` or empty. */
const IS_IT_SET = 'is the environment variable set?';

/**
 * Refuses options that are given as `undefined` although something is decided by them: a secret, a key, an address, an
 * audience. The usual cause is an environment variable that is not set, which a default in its place would hide.
 * @throws {ConfigurationError} when one of these options is `undefined`.
 */
export function assertNotUndefined<Options extends object>(
  option: string,
  options: Options,
  names: readonly OptionName<Options>[],
): void {
  const given: ReadonlyMap<string, unknown> = new Map(Object.entries(options));
  const unset = names.find((name) => given.has(name) && given.get(name) === undefined);
  if (unset !== undefined) throw undefinedOption(`${option}.${unset}`);
}

/** The refusal of a value that is `undefined` where it decides. To be thrown. */
export function undefinedOption(option: string): ConfigurationError {
  return new ConfigurationError(option, `is undefined: ${IS_IT_SET} Leave the option out if you do not mean it`);
}

// Each assertion throws a ConfigurationError that names the option and says what it expects.

/** Asserts a number of seconds between `min` and `max`. */
export function assertSeconds(
  option: string,
  value: unknown,
  { min, max }: { min: number; max: number },
): asserts value is number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < min || value > max) {
    throw new ConfigurationError(
      option,
      `expects a number of seconds from ${min} to ${max}, and this is ${describedSeconds(value, max)}`,
    );
  }
}

/** Asserts `true` or `false`. */
export function assertBoolean(option: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean')
    throw new ConfigurationError(option, `expects true or false, and this is ${describedBoolean(value)}`);
}

/** Asserts a text of at least one character. */
export function assertNonEmptyString(option: string, value: unknown): asserts value is string {
  if (typeof value === 'string' && value !== '') return;
  const isUnset = value === '' || value === undefined;
  throw new ConfigurationError(
    option,
    `expects a non-empty string, and this is ${described(value)}${isUnset ? `: ${IS_IT_SET}` : ''}`,
  );
}

function describedStrings(value: unknown): string {
  if (typeof value === 'string')
    return value === '' ? `this is empty: ${IS_IT_SET}` : 'this is a text: put brackets around it';
  if (!Array.isArray(value)) return `this is ${described(value)}`;
  const at = value.findIndex((item) => typeof item !== 'string' || item === '');
  return `member ${at} is ${described(value[at])}${(value[at] ?? '') === '' ? `: ${IS_IT_SET}` : ''}`;
}

/** Asserts an array of non-empty texts; the array may be empty. */
export function assertStrings(option: string, value: unknown): asserts value is readonly string[] {
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string' || item === '')) {
    throw new ConfigurationError(option, `expects an array of non-empty strings, and ${describedStrings(value)}`);
  }
}

/** Asserts a `Date` that is not an invalid one. It may be of another realm, as in tests under Jest. */
export function assertDate(option: string, value: unknown): asserts value is Date {
  if (!(types.isDate(value) && Number.isFinite(value.getTime()))) {
    throw new ConfigurationError(
      option,
      `expects a valid Date, as in new Date('2030-01-01'), and this is ${described(value)}`,
    );
  }
}

/** Asserts a function. */
export function assertFunction(option: string, value: unknown): void {
  if (typeof value !== 'function')
    throw new ConfigurationError(option, `expects a function, and this is ${described(value)}`);
}

/** Asserts an object that has all of these methods. `maker` shows how one is made. */
export function assertImplements(option: string, value: unknown, methods: readonly string[], maker?: string): void {
  const missing = methods.find(
    (method) => typeof (value as Record<string, unknown> | null | undefined)?.[method] !== 'function',
  );
  if (missing === undefined) return;
  const example = maker === undefined ? '' : `, such as ${maker}`;
  const call = typeof value === 'function' && value.name !== '' ? `; call it: ${value.name}(…)` : '';
  throw new ConfigurationError(
    option,
    `expects an object with the method ${missing}()${example}, and this is ${described(value)}${call}`,
  );
}

/** Asserts the name of a cookie, a parameter or a member of a body, without what stands around it there. */
export function assertPlaceName(option: string, name: unknown): asserts name is string {
  assertNonEmptyString(option, name);
  const around = /[\s;,=&?]/.exec(name)?.[0];
  if (around !== undefined)
    throw new ConfigurationError(option, `expects a name alone, as in 'token', and this has "${around}" in it`);
}
