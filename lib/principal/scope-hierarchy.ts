import { ConfigurationError } from '../errors/configuration-error.js';
import { assertStrings } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';

/** Which scopes contain others. */
export interface ScopeOptions {
  /**
   * The scopes that each scope implies, as `{ admin: ['write'], write: ['read'] }`. What is implied implies further;
   * `principal.scopes` holds all of it, and the claims stay as they are.
   */
  implies: Readonly<Record<string, readonly string[]>>;
}

/** Adds to a principal's scopes those that they imply. */
export type WithImplied = <Scopes extends readonly string[] | undefined>(scopes: Scopes) => Scopes | readonly string[];

const NAMES = namesOf<ScopeOptions>()({ implies: true });

// RFC 6749 section 3.3: printable ASCII without space, `"` and `\`.
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** @throws ConfigurationError */
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
  // A set that grows while it is walked is walked to its end, and a scope that implies itself adds nothing.
  for (const scope of all) for (const implied of implies.get(scope) ?? []) all.add(implied);
  return [...all];
}

/**
 * Compiles a scope hierarchy into what adds the implied scopes; without one, scopes stay as they are.
 * @throws ConfigurationError for what is no hierarchy.
 */
export function compileScopes(option: string, given: ScopeOptions | undefined): WithImplied {
  if (given === undefined) return (scopes) => scopes;
  checkOptionNames(option, given, NAMES);
  const implies = checkedImplies(`${option}.implies`, given.implies);
  return (scopes) => (scopes === undefined || scopes.length === 0 ? scopes : closure(scopes, implies));
}
