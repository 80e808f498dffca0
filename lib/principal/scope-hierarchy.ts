import { ConfigurationError } from '../errors/configuration-error.js';
import { assertStrings } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';

/** Options of a scope hierarchy: which scopes contain others. */
export interface ScopeOptions {
  /**
   * Implied scopes by scope, as `{ admin: ['write'], write: ['read'] }`. Implied scopes imply further ones;
   * `principal.scopes` contains all of them, and the claims stay unchanged.
   */
  implies: Readonly<Record<string, readonly string[]>>;
}

/** Adds implied scopes to the scopes of a principal. */
export type WithImplied = <Scopes extends readonly string[] | undefined>(scopes: Scopes) => Scopes | readonly string[];

const NAMES = namesOf<ScopeOptions>()({ implies: true });

// Syntax of a scope (RFC 6749 section 3.3): printable ASCII without space, `"` and `\`.
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * Checks the option `implies`.
 * @throws {ConfigurationError} when it is no object of lists, or a text is not one scope.
 */
function checkedImplies(option: string, implies: unknown): ReadonlyMap<string, readonly string[]> {
  if (typeof implies !== 'object' || implies === null || Array.isArray(implies))
    throw new ConfigurationError(option, "expects an object of lists, such as { admin: ['write', 'read'] }");
  return new Map(
    Object.entries(implies).map(([scope, implied]: [string, unknown]) => {
      assertStrings(`${option}.${scope}`, implied);
      const wrong = [scope, ...implied].find((text) => !SCOPE.test(text));
      if (wrong !== undefined)
        throw new ConfigurationError(`${option}.${scope}`, `"${wrong}" is not one scope: RFC 6749 section 3.3`);
      return [scope, [...implied]];
    }),
  );
}

function closure(scopes: readonly string[], implies: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const all = new Set(scopes);
  // Iteration reaches members added meanwhile, and a scope that implies itself adds nothing.
  for (const scope of all) for (const implied of implies.get(scope) ?? []) all.add(implied);
  return [...all];
}

/**
 * Compiles a scope hierarchy to a function that adds the implied scopes; without a hierarchy, scopes stay unchanged.
 * @throws {ConfigurationError} when the hierarchy has a wrong shape.
 */
export function compileScopes(option: string, given: ScopeOptions | undefined): WithImplied {
  if (given === undefined) return (scopes) => scopes;
  checkOptionNames(option, given, NAMES);
  const implies = checkedImplies(`${option}.implies`, given.implies);
  return (scopes) => (scopes === undefined || scopes.length === 0 ? scopes : closure(scopes, implies));
}
