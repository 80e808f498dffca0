import { synchronousCode } from '../errors/application-code.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertNonEmptyString } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import type { ReadableClaims } from '../tokens/readable-claims.js';
import type { ClaimMapping, MappedClaims } from './claim-mapping.js';
import { compileRoleName } from './role-name.js';
import { compileSelector } from './selector/compile-selector.js';
import type { MappedNames } from './selector/syntax.js';

/** What a role binding looks at: what the mapping found in a verified token, its issuer, and its claims. */
export interface BindingIdentity extends MappedClaims {
  /** The token's issuer; `undefined` where it names none. */
  readonly issuer?: string | undefined;
  readonly claims: ReadableClaims;
}

/** Gives a role to the identities that it matches, as Consul's binding rules do. All bindings that match apply. */
export interface RoleBinding {
  /**
   * Who gets the role: a selector in Consul's language over `value.<attribute>` and `list.<list>`, or a function.
   * Left out or empty: everybody, as in Consul. A function gives the role by returning `true`, and nothing else; one
   * that throws is a 503 `check_failed`, so it asks for claims that may be missing with `?.`.
   * @default '', everybody
   */
  when?: (string | ((identity: BindingIdentity) => boolean)) | undefined;
  /** The role, such as `team-${value.team}`. Where a value is missing or empty, the binding does not apply. */
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
  // Its promise would never be `true`.
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

/** The names that selectors and roles may ask for: what the mapping maps. */
export function mappedNames({ attributes = {}, lists = {} }: ClaimMapping): MappedNames {
  return { value: Object.keys(attributes), list: Object.keys(lists) };
}

/**
 * Compiles role bindings, once, at creation, into a function that gives the roles of an identity, each once and in
 * the order of the bindings.
 *
 * @throws ConfigurationError for what is not a binding, a selector that does not parse, and an attribute or list that
 * the mapping does not know. The function that it returns throws ServiceUnavailableError `check_failed` where a function
 * of the application's does.
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
