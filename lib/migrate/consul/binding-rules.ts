import { ForbiddenError } from '../../errors/auth-error.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import type { MappedClaims } from '../../principal/mapped-claims.js';
import { compileRoleName } from '../../principal/role-name.js';
import { compileSelector } from '../../principal/selector/compile-selector.js';
import type { MappedNames, NameList } from '../../principal/selector/syntax.js';
import { attributesMissedByConsul, type MissedAttribute } from './absent-claims.js';
import { BIND_TYPE_NAMES, type BindType, findBindType, TEMPLATE_VARIABLE } from './bind-types.js';
import { type Fields, readFields, readText } from './fields.js';

const FIELDS = [
  'ID',
  'Description',
  'AuthMethod',
  'Selector',
  'BindType',
  'BindName',
  'BindVars',
  'Namespace',
  'Partition',
  'CreateIndex',
  'ModifyIndex',
] as const;

type Values = Readonly<Record<string, string>>;
type NameOf = (values: Values) => string | undefined;

/** The auth method that binding rules belong to. */
export interface RuleOwner {
  readonly name: string;
  readonly mapped: MappedNames;
}

/**
 * Returns the roles of an identity.
 * @throws {ForbiddenError} `insufficient_role` if no rule gives one, or a name is impossible.
 */
export type RolesOf = (identity: MappedClaims) => string[];

/** Receives a warning about a rule. */
type Warn = (warning: string) => void;

/** Accepts every name, as Consul does, with a warning for one that no claim is mapped to, which is nearly always mistyped. */
function askingAnything(option: string, mapped: MappedNames, warn: Warn): MappedNames {
  const noting = (of: keyof MappedNames): NameList => ({
    includes(name) {
      if (!mapped[of].includes(name)) warn(`${option} asks for ${of}.${name}, which no claim is mapped to.`);
      return true;
    },
  });
  return { value: noting('value'), list: noting('list') };
}

/** Compiles a selector. A mistake is reported in Consul's words, and then where in the selector it is. */
function compileRuleSelector(option: string, selector: string, mapped: MappedNames, warn: Warn) {
  if (selector === '') return () => true;
  try {
    const matches = compileSelector(option, selector, askingAnything(option, mapped, warn));
    // What no claim is mapped to has its own warning.
    const isMapped = ({ of, name }: MissedAttribute) => mapped[of].includes(name);
    const missed = attributesMissedByConsul(selector)
      .filter(isMapped)
      .map(({ of, name }) => `${of}.${name}`)
      .join(' and ');
    if (missed !== '')
      warn(
        `${option} never matches a token that lacks ${missed}, though in Consul it does where the answer hangs on it.`,
      );
    return matches;
  } catch (cause) {
    if (!(cause instanceof ConfigurationError)) throw cause;
    const problem = cause.message.slice(option.length + ': '.length);
    throw new ConfigurationError(option, `invalid Binding Rule: Selector is invalid: ${problem}`, { cause });
  }
}

/** Compiles a `BindName`. A literal name is checked at once, one with `${…}` in it for each identity. */
function compileName(option: string, template: string, { prefix, form }: BindType, mapped: MappedNames): NameOf {
  const nameFor = compileRoleName(option, template, mapped.value);
  if (!template.includes('${') && !form.test(template)) {
    throw new ConfigurationError(option, 'invalid Binding Rule: this name is not possible for this BindType');
  }
  return (values) => {
    const name = nameFor(values);
    if (name === undefined) return undefined;
    // As in Consul the whole login is refused, and not only the rule skipped.
    if (!form.test(name)) throw new ForbiddenError('insufficient_role');
    return prefix + name;
  };
}

function compileTemplateVariable(option: string, bindVars: unknown, mapped: MappedNames): NameOf {
  if (bindVars === undefined) return () => '';
  const name = readText(`${option}.Name`, readFields(option, bindVars, ['Name']).Name);
  return name === '' ? () => '' : compileName(`${option}.Name`, name, TEMPLATE_VARIABLE, mapped);
}

function compileBinding(option: string, fields: Fields<(typeof FIELDS)[number]>, mapped: MappedNames): NameOf {
  const type = readText(`${option}.BindType`, fields.BindType);
  const bindType = findBindType(type);
  if (bindType === undefined) {
    const problem = `invalid Binding Rule: unknown BindType "${type}", expects one of ${BIND_TYPE_NAMES.join(', ')}`;
    throw new ConfigurationError(`${option}.BindType`, problem);
  }
  const template = readText(`${option}.BindName`, fields.BindName);
  if (template === '') throw new ConfigurationError(`${option}.BindName`, 'invalid Binding Rule: no BindName is set');
  if (type !== 'templated-policy' && fields.BindVars !== undefined) {
    throw new ConfigurationError(`${option}.BindVars`, 'invalid Binding Rule: BindVars go with templated-policy only');
  }
  const nameOf = compileName(`${option}.BindName`, template, bindType, mapped);
  const variableOf = compileTemplateVariable(`${option}.BindVars`, fields.BindVars, mapped);
  return (values) => {
    const [name, variable] = [nameOf(values), variableOf(values)];
    return name === undefined || variable === undefined ? undefined : name + variable;
  };
}

/** Lower-cases A to Z only: other letters, such as the Kelvin sign, would become ASCII letters. */
function toLowerCase(value: string): string {
  return value.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Lower-cases the values that are interpolated, for every bind type. */
function lowerCased(values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toLowerCase(value)]));
}

type Rule = (identity: MappedClaims, lowered: Values) => string | undefined;

function compileRule(option: string, rule: unknown, owner: RuleOwner, warn: Warn): Rule | undefined {
  const fields = readFields(option, rule, FIELDS);
  const authMethod = readText(`${option}.AuthMethod`, fields.AuthMethod);
  if (authMethod !== '' && authMethod !== owner.name) return undefined;
  const selector = readText(`${option}.Selector`, fields.Selector);
  const matches = compileRuleSelector(`${option}.Selector`, selector, owner.mapped, warn);
  const nameOf = compileBinding(option, fields, owner.mapped);
  return ({ attributes, listAttributes }, lowered) =>
    matches({ value: attributes, list: listAttributes }) ? nameOf(lowered) : undefined;
}

/**
 * Compiles binding rules at creation. All that match apply; where none does, the login is refused, as in Consul
 * (`Permission denied`). A rule that names a value which the token lacks does not apply.
 * @throws {ConfigurationError} with Consul's words.
 */
export function compileBindingRules(
  option: string,
  rules: readonly unknown[],
  owner: RuleOwner,
): { rolesOf: RolesOf; foreign: number; count: number; warnings: readonly string[] } {
  const warnings = new Set<string>();
  const warn: Warn = (warning) => warnings.add(warning);
  const compiled = rules.map((rule, index) => compileRule(`${option}[${index}]`, rule, owner, warn));
  const own = compiled.filter((rule) => rule !== undefined);
  const rolesOf: RolesOf = (identity) => {
    const lowered = lowerCased(identity.attributes);
    const roles = own.map((rule) => rule(identity, lowered)).filter((role) => role !== undefined);
    if (roles.length === 0) throw new ForbiddenError('insufficient_role');
    return [...new Set(roles)];
  };
  return { rolesOf, count: own.length, foreign: rules.length - own.length, warnings: [...warnings] };
}
