/** What a binding rule binds to in Consul, and how it is named among our roles. */
export interface BindType {
  /** Stands before the name, so that no two kinds can be mistaken for each other; `:` is in no name of Consul. */
  readonly prefix: string;
  /** What a name looks like; a login whose computed name does not is refused. */
  readonly form: RegExp;
}

const LOWER_CASE_NAME = /^(?=.{1,256}$)[a-z0-9]([a-z0-9\-_]*[a-z0-9])?$/;
const NAME = /^[A-Za-z0-9\-_]{1,256}$/;

const BIND_TYPES: Readonly<Record<string, BindType>> = {
  role: { prefix: '', form: NAME },
  service: { prefix: 'service:', form: LOWER_CASE_NAME },
  node: { prefix: 'node:', form: LOWER_CASE_NAME },
  policy: { prefix: 'policy:', form: NAME },
  'templated-policy': { prefix: 'templated-policy:', form: /^[a-z]+(?:[/-][a-z]+)*$/ },
};

export const BIND_TYPE_NAMES: readonly string[] = Object.keys(BIND_TYPES);

/** What stands for the variable `Name` of a templated policy. */
export const TEMPLATE_VARIABLE: BindType = { prefix: ':', form: NAME };

export function findBindType(name: string): BindType | undefined {
  return Object.hasOwn(BIND_TYPES, name) ? BIND_TYPES[name] : undefined;
}
