import { ConfigurationError } from '../errors/configuration-error.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';

/** How groups in a token become memberships. */
export interface GroupSyncOptions {
  /** `none` (default): not at all. `add`: grants only. `mirror`: grants and takes away what this issuer granted. */
  mode: 'none' | 'add' | 'mirror';
  /** Names of ours by names of theirs, or a function. Unmapped names are dropped. */
  map?:
    | Readonly<Record<string, string | readonly string[]>>
    | ((group: string) => string | readonly string[] | undefined);
  /**
   * Put before every name, after mapping.
   * @default ''
   */
  prefix?: string | undefined;
  /**
   * Only names that match, or for which a function says `true`, count; before mapping.
   * @default undefined, all count
   */
  filter?: (RegExp | ((group: string) => boolean)) | undefined;
  /**
   * What a missing claim means. `keep`: nothing is known, so nothing changes. `clear`: no groups. `deny`: 403.
   * @default 'keep'
   */
  absent?: 'keep' | 'clear' | 'deny' | undefined;
}

/** The same, resolved. */
export interface GroupPolicy {
  readonly mode: 'none' | 'add' | 'mirror';
  readonly absent: 'keep' | 'clear' | 'deny';
  /** Their names to ours. */
  readonly translate: (groups: readonly string[]) => readonly string[];
  /** Names the option in warnings. */
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
  if (filter instanceof RegExp && !filter.global && !filter.sticky) return (group) => filter.test(group);
  throw new ConfigurationError(
    option,
    'expects a function, or a regular expression without the flags g and y, which remember where they were',
  );
}

/** @throws ConfigurationError */
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
