import { ConfigurationError } from '../errors/configuration-error.js';
import { described, isThenable } from './described.js';
import { callOf, exampleOf } from './examples.js';
import { nearest, ourNamesFor } from './other-names.js';
import { wordsFor } from './other-words.js';

/** Names of members by which a request is known, where the factory itself was given to `app.use()`. */
const REQUEST_MEMBERS = ['headers', 'method', 'url', 'socket'] as const;

/** What a client of a database is known by. */
const CLIENT_MEMBERS = ['query', 'sendCommand', 'call'] as const;

const hasAny = (value: object, names: readonly string[]) => names.some((name) => name in value);

/**
 * Checks that a factory was called and not mounted.
 *
 * @throws {ConfigurationError} when a factory was given a request, which happens where nobody called it.
 */
export function assertCalled(factory: string, given: unknown): void {
  if (typeof given !== 'object' || given === null || !REQUEST_MEMBERS.every((name) => name in given)) return;
  throw new ConfigurationError(
    factory,
    `was given a request: call it, and give app.use() what it returns: app.use(${callOf(factory)})`,
  );
}

/**
 * Checks that options are an object.
 *
 * @throws {ConfigurationError} when it is not.
 */
function assertOptionsObject(factory: string, options: unknown, known: readonly string[]): asserts options is object {
  assertCalled(factory, options);
  if (typeof options !== 'object' || options === null || Array.isArray(options) || isThenable(options))
    throw new ConfigurationError(
      factory,
      `expects an options object${exampleOf(factory)}, and this is ${described(options)}`,
    );
  if (known.includes('client') && !('client' in options) && hasAny(options, CLIENT_MEMBERS))
    throw new ConfigurationError(
      factory,
      `expects an options object${exampleOf(factory)}, and this is the client itself`,
    );
}

function assertNoPromise(option: string, value: unknown): void {
  const isPromise = isThenable(value) || (Array.isArray(value) && value.some(isThenable));
  if (isPromise) throw new ConfigurationError(option, 'is a Promise: await it before it is given, as no factory waits');
}

/**
 * Checks that options are an object and that all of their names are known, because an ignored option is a silent
 * mistake. The message suggests a name: for a typing error, and for the name that another library gives to an option.
 * @throws {ConfigurationError} when `options` is not an object, or has an unknown name.
 */
export function checkOptionNames(factory: string, options: unknown, known: readonly string[]): void {
  assertOptionsObject(factory, options, known);
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name))
      throw new ConfigurationError(`${factory}.${name}`, `unknown option; ${hintFor(name, known)}`);
    assertNoPromise(`${factory}.${name}`, value);
  }
}

/** What to write in place of an unknown option: our name for it, a sentence, a name that is nearly it, or all names. */
function hintFor(name: string, known: readonly string[]): string {
  // A suggestion may name a member of an option, as in `client.id`.
  const isKnown = (other: string) => known.includes(other.replace(/\..*$/, ''));
  const words = wordsFor(name);
  const meant = ourNamesFor(name).find(isKnown) ?? nearest(name, known);
  if (meant === undefined) return words ?? `known options: ${[...known].sort().join(', ')}`;
  return [`did you mean "${meant}"?`, ...(name.startsWith('secret') && words !== undefined ? [words] : [])].join(' ');
}
