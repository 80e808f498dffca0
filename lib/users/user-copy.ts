import { types } from 'node:util';

/** Thrown within {@link copierOf} at a value that is no plain data. */
const NO_DATA = Symbol('no data');

/** Number of prototypes of a value: 1 for plain objects, 2 for arrays and the classes of the language itself. */
function prototypesOf(value: object): number {
  const prototype: unknown = Object.getPrototypeOf(value);
  return typeof prototype === 'object' && prototype !== null ? 1 + prototypesOf(prototype) : 0;
}

function copyMembers(value: object, seen: Map<object, unknown>): object {
  const copy: Record<PropertyKey, unknown> = Object.create(Object.getPrototypeOf(value));
  seen.set(value, copy);
  for (const name of Reflect.ownKeys(value)) {
    const { enumerable = false } = Object.getOwnPropertyDescriptor(value, name) ?? {};
    const member = copyOf(Reflect.get(value, name), seen);
    Object.defineProperty(copy, name, { value: member, enumerable, writable: true, configurable: true });
  }
  return copy;
}

/** Copies a date with its class and members: fake clocks of tests replace `Date` by a class that has some. */
function copyDate(date: Date): Date | undefined {
  const members = Object.getOwnPropertyDescriptors(date);
  if (Object.values(members).some(({ value }) => typeof value === 'object' && value !== null)) return undefined;
  return Object.setPrototypeOf(Object.defineProperties(new Date(date.getTime()), members), Object.getPrototypeOf(date));
}

/** Copies an array, date, map, set or bytes; `undefined` for any other object. */
function copyBuiltIn(value: object, seen: Map<object, unknown>): object | undefined {
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  if (types.isDate(value)) return copyDate(value);
  if (prototypesOf(value) > 2 && !types.isTypedArray(value)) return undefined;
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    seen.set(value, copy);
    for (const item of value) copy.push(copyOf(item, seen));
    return copy;
  }
  if (types.isMap(value)) return new Map([...value].map(([key, item]) => [copyOf(key, seen), copyOf(item, seen)]));
  if (types.isSet(value)) return new Set([...value].map((item) => copyOf(item, seen)));
  return types.isTypedArray(value) || types.isAnyArrayBuffer(value) ? structuredClone(value) : undefined;
}

function copyOf(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const copy = copyBuiltIn(value, seen);
  if (copy !== undefined) return copy;
  if (prototypesOf(value) <= 1) return copyMembers(value, seen);
  throw NO_DATA;
}

/**
 * Makes a function that returns a new deep copy of a user at every call, so that no request can change the user of the
 * next. It copies plain objects, arrays, dates, maps, sets and bytes; functions in them are shared. `undefined` for
 * users that contain an instance of another class, which cannot be copied from outside.
 */
export function copierOf(user: unknown): (() => unknown) | undefined {
  try {
    const kept = copyOf(user, new Map());
    return () => copyOf(kept, new Map());
  } catch (thrown) {
    if (thrown === NO_DATA) return undefined;
    throw thrown;
  }
}
