import { synchronousCode } from '../errors/application-code.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertNonEmptyString } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import type { ReadableClaims } from '../tokens/readable-claims.js';
import type { ClaimMapping, MappedClaims } from './mapped-claims.js';
import { compileRoleName } from './role-name.js';
import { compileSelector } from './selector/compile-selector.js';
import type { MappedNames } from './selector/syntax.js';

/** Argument of role bindings: the mapped claims of a verified token, its issuer, and its claims. */
export interface BindingIdentity extends MappedClaims {
  /** Issuer of the token; `undefined` where it names none. */
  readonly issuer?: string | undefined;
  /** Verified claims of the token. */
  readonly claims: ReadableClaims;
}

/**
 * Role binding: gives a role to the identities that it matches, as Consul's binding rules do. All bindings that match
 * apply.
 */
export interface RoleBinding {
  /**
   * Condition for the role: a selector in Consul's language over `value.<attribute>` and `list.<list>`, or a function
   * that returns `true`. A function that throws, or answers a promise, is a 503 `check_failed`, so it
   * must read missing claims with `?.`.
   * @default '', everybody gets the role
   */
  when?: (string | ((identity: BindingIdentity) => boolean)) | undefined;
  /** Name of the role, such as `team-${value.team}`. The binding does not apply where a value is missing or empty. */
  role: string;
}

type Matches = (identity: BindingIdentity) => boolean;

function compileWhen(option: string, when: unknown, mapped: MappedNames): Matches {
  if (when === undefined || when === '') return () => true;
  if (typeof when === 'string') {
    const matches = compileSelector(option, when, mapped);
    return ({ attributes, listAttributes }) => matches({ value: attributes, list: listAttributes });
  }
  if (typeof when !== 'function') throw new ConfigurationError(option, 'expects a selector or a function');
  // A promise would never equal `true`.
  if (when.constructor.name === 'AsyncFunction') throw new ConfigurationError(option, 'expects a synchronous function');
  const ask = synchronousCode(option, when as Matches);
  return (identity) => ask(identity) === true;
}

function compileBinding(
  option: string,
  binding: RoleBinding,
  mapped: MappedNames,
): (identity: BindingIdentity) => string | undefined {
  checkOptionNames(option, binding, namesOf<RoleBinding>()({ when: true, role: true }));
  const { when, role } = binding;
  assertNonEmptyString(`${option}.role`, role);
  const matches = compileWhen(`${option}.when`, when, mapped);
  const nameFor = compileRoleName(`${option}.role`, role, mapped.value);
  return (identity) => (matches(identity) ? nameFor(identity.attributes) : undefined);
}

/** Returns the names that selectors and role names may use: those that the mapping maps. */
export function mappedNames({ attributes = {}, lists = {} }: ClaimMapping): MappedNames {
  return { value: Object.keys(attributes), list: Object.keys(lists) };
}

/**
 * Compiles role bindings, once, when a method is created, to a function that returns the roles of an identity, each
 * once and in the order of the bindings. That function throws {@link ServiceUnavailableError} `check_failed` where a
 * function of the application throws.
 * @throws {ConfigurationError} when a binding has a wrong shape, a selector does not parse, or a name is not mapped.
 */
export function compileRoleBindings(
  option: string,
  bindings: readonly RoleBinding[],
  mapped: MappedNames,
): (identity: BindingIdentity) => string[] {
  if (!Array.isArray(bindings)) throw new ConfigurationError(option, 'expects an array of { when, role }');
  const roleOf = bindings.map((binding, index) => compileBinding(`${option}[${index}]`, binding, mapped));
  return (identity) => {
    const roles = roleOf.map((role) => role(identity)).filter((role) => role !== undefined);
    return [...new Set(roles)];
  };
}
