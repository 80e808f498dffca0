import { ConfigurationError } from '../../errors/configuration-error.js';
import { readText } from './fields.js';

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };
const NUMBER = /^[+-]?\d+(\.\d+)?$/;
const DURATION = /^([+-]?)((?:\d+(?:\.\d+)?(?:h|ms|m|us|µs|ns|s))+)$/;

/** Reads a number of seconds, or a Go duration such as `2m30s`; `undefined` if it is neither. */
function secondsOf(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  const [, sign, parts] = DURATION.exec(text) ?? [];
  if (parts === undefined) return undefined;
  let seconds = 0;
  for (const [, amount, unit = ''] of parts.matchAll(/([\d.]+)([a-zµ]+)/g)) {
    seconds += Number(amount) * (UNITS[unit] ?? Number.NaN);
  }
  return sign === '-' ? -seconds : seconds;
}

/** Bounds of a leeway, in seconds. */
export interface LeewayRange {
  /** Value that 0 and a missing field stand for. */
  readonly unset: number;
  readonly max: number;
}

/**
 * Reads one of Consul's leeways in whole seconds, by its documentation: numbers are seconds, 0 is the default, and a
 * negative one (`-1`, `-1ns`) turns it off. (Consul's code reads the number 150 as nanoseconds, which nobody means.)
 * @throws {ConfigurationError} for what is not a duration, or longer than `max`.
 */
export function readLeeway(option: string, value: unknown, { unset, max }: LeewayRange): number {
  const text = readText(option, value).trim();
  const seconds = text === '' ? 0 : secondsOf(text);
  if (seconds === undefined || Number.isNaN(seconds)) {
    throw new ConfigurationError(option, 'expects a number of seconds, or a duration such as "150s"');
  }
  if (seconds < 0) return 0;
  if (seconds > max) throw new ConfigurationError(option, `expects at most ${max} seconds`);
  return seconds === 0 ? unset : Math.trunc(seconds);
}
