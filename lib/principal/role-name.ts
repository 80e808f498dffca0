import { ConfigurationError } from '../errors/configuration-error.js';
import type { NameList } from './selector/syntax.js';

/** Part of a role name: a literal text, or an attribute. */
interface Part {
  readonly literal: string;
  readonly attribute?: string;
}

/** Returns the attribute that `${…}` names. */
function attributeOf(option: string, inside: string, mapped: NameList): string {
  const expression = inside.trim();
  if (expression.startsWith('list.')) {
    throw new ConfigurationError(option, `takes values only; \${${expression}} is a list`);
  }
  const name = expression.startsWith('value.') ? expression.slice('value.'.length) : undefined;
  if (name === undefined)
    throw new ConfigurationError(option, `expects \${value.<name>} in place of \${${expression}}`);
  if (!mapped.includes(name)) {
    throw new ConfigurationError(option, `names value.${name}, which claims.attributes does not map`);
  }
  return name;
}

function partsOf(option: string, role: string, mapped: NameList): Part[] {
  const [literal = '', ...rest] = role.split('${');
  const parts = rest.map((part): readonly [attribute: string, literal: string] => {
    const end = part.indexOf('}');
    if (end === -1) throw new ConfigurationError(option, `has a \${ without its }`);
    return [attributeOf(option, part.slice(0, end), mapped), part.slice(end + 1)];
  });
  return [{ literal }, ...parts.flatMap(([attribute, after]) => [{ literal: '', attribute }, { literal: after }])];
}

/**
 * Compiles a role name with `${value.x}` in it, as Consul's `BindName`. A missing or empty value gives no name at all,
 * where Consul would give `team-`. Values keep their case, so that no two become one.
 * @throws {ConfigurationError} when an attribute is not mapped, or is a list, or a brace is not closed.
 */
export function compileRoleName(
  option: string,
  role: string,
  mapped: NameList,
): (values: Readonly<Record<string, string>>) => string | undefined {
  const parts = partsOf(option, role, mapped);
  return (values) => {
    let name = '';
    for (const { literal, attribute } of parts) {
      const value = attribute === undefined || !Object.hasOwn(values, attribute) ? undefined : values[attribute];
      if (attribute !== undefined && (value === undefined || value === '')) return undefined;
      name += literal + (value ?? '');
    }
    return name;
  };
}
