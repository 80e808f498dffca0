import { aclFor, assertAclsApply, type KongAcl, readScopedAcl, type ScopedAcl } from './acl-plugin.js';
import { type JwtPluginConfig, readJwtPluginConfig } from './jwt/jwt-plugin-config.js';
import { type KeyAuthConfig, readKeyAuthConfig } from './key-auth/key-auth-config.js';
import { KongRecord } from './kong-record.js';
import {
  type OidcPluginConfig,
  type OidcSurroundings,
  readOidcPluginConfig,
} from './openid-connect/oidc-plugin-config.js';
import { leaveOutPlugin, type OtherPlugins } from './other-plugins.js';
import {
  type Entities,
  type PluginScope,
  type PluginSite,
  pluginSites,
  readEntities,
  scopeOf,
} from './plugin-scopes.js';
import type { Warnings } from './warnings.js';

interface SwitchedOn<Kind, Config> {
  readonly kind: Kind;
  readonly record: KongRecord;
  readonly name: string;
  readonly config: Config;
  readonly scope: PluginScope | undefined;
  /** The `acl` plugin that Kong runs after this one. */
  readonly acl: KongAcl | undefined;
}

/** A `jwt` plugin that is switched on. */
type JwtPlugin = SwitchedOn<'jwt', JwtPluginConfig>;

/** A plugin that is switched on and carried over. */
export type KongPlugin =
  | JwtPlugin
  | SwitchedOn<'openid-connect', OidcPluginConfig>
  | SwitchedOn<'key-auth', KeyAuthConfig>;

/** Plugins that become methods, by their names in Kong. The keys of `key-auth-enc` are encrypted in Kong's database only. */
const METHODS: Readonly<Record<string, KongPlugin['kind']>> = {
  jwt: 'jwt',
  'openid-connect': 'openid-connect',
  'key-auth': 'key-auth',
  'key-auth-enc': 'key-auth',
};

const FIELDS = [
  'id',
  'name',
  'instance_name',
  'created_at',
  'updated_at',
  'service',
  'route',
  'consumer',
  'consumer_group',
  'config',
  'protocols',
  'enabled',
  'tags',
  'ordering',
  'condition',
  'run_on',
  'partials',
  '_comment',
  '_ignore',
] as const;
const HTTP = ['grpc', 'grpcs', 'http', 'https'] as const;
const PROTOCOLS = { jwt: HTTP, 'key-auth': [...HTTP, 'ws', 'wss'], 'openid-connect': [...HTTP, 'ws', 'wss'] } as const;

/** Whatever stands around the plugins of a configuration. */
interface Surroundings extends OidcSurroundings {
  readonly entities: Entities;
  readonly warnings: Warnings;
}

type CarriedAs<Plugin> = Plugin extends KongPlugin ? Pick<Plugin, 'kind' | 'config'> : never;

/** Kind of a plugin, and its settings. */
type Carried = CarriedAs<KongPlugin>;

function configOf(kind: KongPlugin['kind'], config: KongRecord, surroundings: Surroundings): Carried {
  switch (kind) {
    case 'jwt':
      return { kind, config: readJwtPluginConfig(config) };
    case 'key-auth':
      return { kind, config: readKeyAuthConfig(config) };
    default:
      return { kind, config: readOidcPluginConfig(config, surroundings, surroundings.warnings) };
  }
}

/** Kong leaves requests over other protocols alone; here a method sees them all. */
function assertProtocols(record: KongRecord, kind: KongPlugin['kind'], warnings: Warnings): void {
  const protocols: readonly string[] | undefined = record.textsOf('protocols', PROTOCOLS[kind]);
  if (protocols !== undefined && !['http', 'https'].every((name) => protocols.includes(name)))
    warnings.add(record, 'protocols', 'is not carried over: the method looks at requests of every protocol');
}

function readPlugin(kind: KongPlugin['kind'], site: PluginSite, surroundings: Surroundings): KongPlugin | undefined {
  const { plugin: record } = site;
  const { entities, warnings } = surroundings;
  record.assertKnown(FIELDS);
  for (const name of ['consumer', 'consumer_group']) {
    if (record.value(name) !== undefined) throw record.refusal(name, 'value must be null');
  }
  record.uuid('id');
  assertProtocols(record, kind, warnings);
  // A node of a service mesh, in Kong 1; there is one node here.
  record.oneOf('run_on', ['first', 'second', 'all']);
  const read = configOf(kind, record.record('config') ?? new KongRecord(record.at('config'), {}), surroundings);
  const scope = scopeOf(site, entities);
  const name = record.text('instance_name') ?? scope?.name ?? kind;
  warnings.notCarried(record, ['ordering', 'condition', 'partials']);
  if (record.flag('enabled') === false) {
    warnings.add(record, 'enabled', 'is false, so there is no method for this plugin');
    return undefined;
  }
  if (scope !== undefined) {
    warnings.add(record, undefined, `belongs to the ${scope.kind} ${scope.name} only; mount the method ${name} there`);
  }
  return { record, name, ...read, scope, acl: undefined };
}

/** Two plugins of one name are told apart by a number. */
function withDistinctNames(plugins: readonly KongPlugin[]): KongPlugin[] {
  const taken = new Set<string>();
  return plugins.map((plugin) => {
    let name = plugin.name;
    for (let count = 2; taken.has(name); count += 1) name = `${plugin.name}-${count}`;
    taken.add(name);
    return { ...plugin, name };
  });
}

/** Rules for reading plugins. */
interface PluginRules extends OtherPlugins {
  readonly dangerouslyAllowHttp: boolean;
}

/** The plugins of a configuration that become methods. */
export interface ReadPlugins {
  readonly plugins: readonly KongPlugin[];
  /** Whether a plugin that authenticates was left out, because the application said so. */
  readonly leftOut: boolean;
}

/**
 * Every plugin with the `acl` plugin that applies to its requests.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
function withAcls(plugins: readonly KongPlugin[], acls: readonly ScopedAcl[], entities: Entities): KongPlugin[] {
  assertAclsApply(
    acls,
    plugins.map(({ scope }) => scope),
    entities,
  );
  return plugins.map((plugin) => ({ ...plugin, acl: aclFor(plugin.scope, acls) }));
}

function surroundingsOf(root: KongRecord, { dangerouslyAllowHttp, warnings }: PluginRules): Surroundings {
  const groupNames = root.records('consumer_groups').flatMap((group) => group.text('name') ?? []);
  return { entities: readEntities(root), groupNames: new Set(groupNames), dangerouslyAllowHttp, warnings };
}

/**
 * Reads the plugins of a configuration, wherever they stand. Those that authenticate and are known become methods, and
 * those of `acl` their restrictions; of the others, the ones that authenticate or restrict are refused, and the rest
 * are warnings.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function readPlugins(root: KongRecord, rules: PluginRules): ReadPlugins {
  const surroundings = surroundingsOf(root, rules);
  const { entities } = surroundings;
  const acls: ScopedAcl[] = [];
  let leftOut = false;
  const plugins = pluginSites(root, entities).flatMap((site) => {
    const { plugin } = site;
    const name = plugin.text('name');
    if (name === undefined) throw plugin.refusal('name', 'required field missing');
    const kind = Object.hasOwn(METHODS, name) && !rules.ignored.includes(name) ? METHODS[name] : undefined;
    if (kind !== undefined) return readPlugin(kind, site, surroundings) ?? [];
    const isAcl = name === 'acl' && plugin.flag('enabled') !== false && !rules.ignored.includes(name);
    if (isAcl) acls.push(readScopedAcl(site, entities));
    else leftOut = leaveOutPlugin(plugin, name, rules) || leftOut;
    return [];
  });
  return { plugins: withAcls(withDistinctNames(plugins), acls, entities), leftOut };
}
