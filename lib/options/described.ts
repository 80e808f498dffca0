/** Whether a value is a Promise, or something else that has to be awaited. */
export function isThenable(value: unknown): boolean {
  // Cast: whatever has members may be asked for one.
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** Names the class of an object that is more than a plain record: `a Map`, `a URL`. */
function describedObject(value: object): string {
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object' ? `a ${name}` : 'an object';
}

/**
 * Says what a wrong option is, for the end of a message: `a text`, `an empty list`, `the function fromBearer`. The value
 * of a text is never told, because it may be a secret.
 */
export function described(value: unknown): string {
  if (value === undefined || value === null || typeof value === 'boolean') return String(value);
  if (isThenable(value)) return 'a Promise: await it first';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  switch (typeof value) {
    case 'string':
      return value === '' ? 'empty' : 'a text';
    case 'number':
    case 'bigint':
      return `the number ${value}`;
    case 'function':
      return value.name === '' ? 'a function' : `the function ${value.name}`;
    default:
      return typeof value === 'object' ? describedObject(value) : `a ${typeof value}`;
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

/** What to write for a time that is given in another form than seconds; nothing where that does not show. */
function meantSeconds(value: unknown, max: number): string {
  if (typeof value === 'number') {
    const isMilliseconds = value > max && value % 1000 === 0 && value / 1000 <= max;
    return isMilliseconds ? `, which looks like milliseconds; write ${value / 1000}` : '';
  }
  const [, digits, unit = 's'] = typeof value === 'string' ? (/^(\d+)\s*([a-z]+)?$/.exec(value) ?? []) : [];
  const seconds = Number(digits) * (UNITS[unit] ?? Number.NaN);
  return Number.isNaN(seconds) ? '' : `; write the number ${seconds}, or Number(…) around a variable`;
}

/** Says what came where seconds were expected, and what to write instead. */
export function describedSeconds(value: unknown, max: number): string {
  return `${described(value)}${meantSeconds(value, max)}`;
}

/** Says what came where `true` or `false` was expected, and what to write instead. */
export function describedBoolean(value: unknown): string {
  if (value !== 'true' && value !== 'false') return described(value);
  return `the text '${value}'; write ${value} without quotes, or compare a variable: process.env.NAME === 'true'`;
}
