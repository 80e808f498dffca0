import { types } from 'node:util';
import { ConfigurationError } from '../errors/configuration-error.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';

/** Options of how groups in a token become stored memberships. */
export interface GroupSyncOptions {
  /**
   * What tokens do to memberships. `none`: nothing. `add`: they only add. `mirror`: they also remove what their issuer
   * granted before.
   */
  mode: 'none' | 'add' | 'mirror';
  /**
   * Names in the application by names in the token, or a function. Names that are not mapped are dropped.
   * @default undefined, names stay as they are
   */
  map?:
    | Readonly<Record<string, string | readonly string[]>>
    | ((group: string) => string | readonly string[] | undefined);
  /**
   * Text put before every name, after mapping.
   * @default ''
   */
  prefix?: string | undefined;
  /**
   * Pattern, or function, that chooses which names in the token count, before mapping.
   * @default undefined, all count
   */
  filter?: (RegExp | ((group: string) => boolean)) | undefined;
  /**
   * Meaning of a missing claim. `keep`: memberships stay unchanged. `clear`: no groups. `deny`: 403.
   * @default 'keep'
   */
  absent?: 'keep' | 'clear' | 'deny' | undefined;
}

/** Resolved {@link GroupSyncOptions}. */
export interface GroupPolicy {
  readonly mode: 'none' | 'add' | 'mirror';
  readonly absent: 'keep' | 'clear' | 'deny';
  /** Maps names in the token to names in the application. */
  readonly translate: (groups: readonly string[]) => readonly string[];
  /** Path of the option, for warnings. */
  readonly option: string;
}

function mapperOf(option: string, map: GroupSyncOptions['map']): (group: string) => readonly string[] {
  if (map === undefined) return (group) => [group];
  if (typeof map === 'function') return (group) => [map(group) ?? []].flat();
  if (typeof map !== 'object' || map === null) throw new ConfigurationError(option, 'expects an object or a function');
  const table = new Map(Object.entries(map));
  return (group) => [table.get(group) ?? []].flat();
}

function filterOf(option: string, filter: GroupSyncOptions['filter']): (group: string) => boolean {
  if (filter === undefined) return () => true;
  if (typeof filter === 'function') return (group) => filter(group) === true;
  if (types.isRegExp(filter) && !filter.global && !filter.sticky) return (group) => filter.test(group);
  throw new ConfigurationError(
    option,
    'expects a function, or a regular expression without the flags g and y, which remember where they were',
  );
}

/**
 * Resolves {@link GroupSyncOptions}.
 * @throws {ConfigurationError} when an option is missing, unknown or wrong.
 */
export function resolveGroupPolicy(option: string, options: GroupSyncOptions = { mode: 'none' }): GroupPolicy {
  checkOptionNames(
    option,
    options,
    namesOf<GroupSyncOptions>()({ mode: true, map: true, prefix: true, filter: true, absent: true }),
  );
  const { mode, map, prefix = '', filter, absent = 'keep' } = options;
  if (!['none', 'add', 'mirror'].includes(mode))
    throw new ConfigurationError(`${option}.mode`, 'expects "none", "add" or "mirror"');
  if (!['keep', 'clear', 'deny'].includes(absent))
    throw new ConfigurationError(`${option}.absent`, 'expects "keep", "clear" or "deny"');
  if (typeof prefix !== 'string') throw new ConfigurationError(`${option}.prefix`, 'expects a string');
  const counts = filterOf(`${option}.filter`, filter);
  const mapped = mapperOf(`${option}.map`, map);
  const translate = (groups: readonly string[]) => {
    const wanted = groups.filter(counts).flatMap(mapped);
    return [...new Set(wanted.filter((group) => group !== '').map((group) => `${prefix}${group}`))];
  };
  return { mode, absent, translate, option };
}
