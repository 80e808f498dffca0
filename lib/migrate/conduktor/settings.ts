import { ConfigurationError } from '../../errors/configuration-error.js';
import { isPlainRecord } from '../../tokens/strict-json.js';

/** Settings by their path in lower case and without dashes, for example `sso.jwtauth.usernameclaim`. */
export type Settings = ReadonlyMap<string, unknown>;

const ENVIRONMENT_PREFIX = 'CDK_';

const normalised = (path: string) => path.toLowerCase().replaceAll('-', '');

/** Path of an environment variable: `CDK_SSO_JWTAUTH_ISSUER` is `sso.jwtauth.issuer`. */
function pathOfVariable(name: string): string {
  return name.slice(ENVIRONMENT_PREFIX.length).toLowerCase().replaceAll('_', '.');
}

/** Lists every leaf with its path; keys may be nested, dotted, or both. */
function leaves(value: unknown, path: string): [path: string, value: unknown][] {
  if (!isPlainRecord(value)) return value === undefined || value === null ? [] : [[path, value]];
  return Object.entries(value).flatMap(([key, member]) => leaves(member, path === '' ? key : `${path}.${key}`));
}

/**
 * Brings a configuration of Conduktor's Console into one form, whether it is its YAML, dotted keys, or its environment
 * (`process.env` will do). A variable wins over the file, as it does there.
 * @throws {ConfigurationError} for one setting with two values.
 */
export function readSettings(option: string, config: unknown): Settings {
  if (!isPlainRecord(config))
    throw new ConfigurationError(option, 'expects the configuration, as an object or as text');
  const fromFile = new Map<string, unknown>();
  const fromEnvironment = new Map<string, unknown>();
  for (const [name, value] of Object.entries(config)) {
    if (name.startsWith(ENVIRONMENT_PREFIX)) {
      if (value !== undefined && value !== null) fromEnvironment.set(pathOfVariable(name), value);
      continue;
    }
    for (const [path, leaf] of leaves(value, name)) {
      const key = normalised(path);
      if (fromFile.has(key) && fromFile.get(key) !== leaf) {
        throw new ConfigurationError(`${option}.${path}`, 'is given twice, with different values');
      }
      fromFile.set(key, leaf);
    }
  }
  return new Map([...fromFile, ...fromEnvironment]);
}
