/** A kind of thing that binding rules bind to in Consul, and how it is named among the roles here. */
export interface BindType {
  /** Text before the name that tells the kinds apart; no name in Consul holds a `:`. */
  readonly prefix: string;
  /** Form of a name; a login whose computed name has another form is refused. */
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

/** The variable `Name` of a templated policy. */
export const TEMPLATE_VARIABLE: BindType = { prefix: ':', form: NAME };

export function findBindType(name: string): BindType | undefined {
  return Object.hasOwn(BIND_TYPES, name) ? BIND_TYPES[name] : undefined;
}
