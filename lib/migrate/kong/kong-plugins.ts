import { type JwtPluginConfig, readJwtPluginConfig } from './jwt-plugin-config.js';
import { KongRecord } from './kong-record.js';
import { type OidcPluginConfig, type OidcSurroundings, readOidcPluginConfig } from './oidc-plugin-config.js';
import { leaveOutPlugin, type OtherPlugins } from './other-plugins.js';
import type { Warnings } from './warnings.js';

interface SwitchedOn<Kind, Config> {
  readonly kind: Kind;
  readonly record: KongRecord;
  readonly name: string;
  readonly config: Config;
}

/** A `jwt` plugin that is switched on. */
type JwtPlugin = SwitchedOn<'jwt', JwtPluginConfig>;

/** A plugin that is switched on and carried over. */
export type KongPlugin = JwtPlugin | SwitchedOn<'openid-connect', OidcPluginConfig>;

/** A plugin where it stands: nested under a service or route, or on the top level. */
interface PluginSite {
  readonly plugin: KongRecord;
  readonly parent?: { readonly kind: Kind; readonly entity: KongRecord };
}

type Kind = 'service' | 'route';

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
const PROTOCOLS = { jwt: HTTP, 'openid-connect': [...HTTP, 'ws', 'wss'] } as const;

/** Entities that plugins refer to. */
interface Entities extends Readonly<Record<Kind, readonly KongRecord[]>> {
  readonly surroundings: OidcSurroundings;
}

function entitiesOf(root: KongRecord, dangerouslyAllowHttp: boolean): Entities {
  const service = root.records('services');
  const groupNames = root.records('consumer_groups').flatMap((group) => group.text('name') ?? []);
  return {
    service,
    route: [...root.records('routes'), ...service.flatMap((entity) => entity.records('routes'))],
    surroundings: { groupNames: new Set(groupNames), dangerouslyAllowHttp },
  };
}

function sitesOf(root: KongRecord, entities: Entities): PluginSite[] {
  const nested = (['service', 'route'] as const).flatMap((kind) =>
    entities[kind].flatMap((entity) =>
      entity.records('plugins').map((plugin) => ({ plugin, parent: { kind, entity } })),
    ),
  );
  return [...root.records('plugins').map((plugin) => ({ plugin })), ...nested];
}

function labelOf(entity: KongRecord): string {
  return entity.text('name') ?? entity.text('id') ?? entity.path;
}

/** A reference by name or id, or `{ id }` or `{ name }` as other tools write it. */
function referenceIn(plugin: KongRecord, kind: Kind, entities: Entities): string | undefined {
  const given = plugin.value(kind);
  if (given === undefined) return undefined;
  const record = typeof given === 'string' ? undefined : plugin.record(kind);
  const name = record === undefined ? plugin.text(kind) : (record.text('id') ?? record.text('name'));
  const found = entities[kind].find(
    (entity) => name !== undefined && [entity.value('name'), entity.value('id')].includes(name),
  );
  if (found !== undefined) return labelOf(found);
  const shown = name ?? JSON.stringify(given);
  throw plugin.refusal(kind, `invalid reference '${kind}: ${shown}' (no such entry in '${kind}s')`);
}

/** What the plugin is bound to in Kong; the narrower wins. */
function scopeOf({ plugin, parent }: PluginSite, entities: Entities): { kind: Kind; name: string } | undefined {
  if (parent !== undefined && plugin.value(parent.kind) !== undefined)
    throw plugin.refusal(parent.kind, 'value must be null');
  const names = { route: referenceIn(plugin, 'route', entities), service: referenceIn(plugin, 'service', entities) };
  if (parent !== undefined) names[parent.kind] = labelOf(parent.entity);
  if (names.route !== undefined) return { kind: 'route', name: names.route };
  return names.service === undefined ? undefined : { kind: 'service', name: names.service };
}

function configOf(
  kind: KongPlugin['kind'],
  config: KongRecord,
  { surroundings }: Entities,
  warnings: Warnings,
): Pick<JwtPlugin, 'kind' | 'config'> | Pick<SwitchedOn<'openid-connect', OidcPluginConfig>, 'kind' | 'config'> {
  return kind === 'jwt'
    ? { kind, config: readJwtPluginConfig(config) }
    : { kind, config: readOidcPluginConfig(config, surroundings, warnings) };
}

/** Kong leaves requests over other protocols alone; here a method sees them all. */
function assertProtocols(record: KongRecord, kind: KongPlugin['kind'], warnings: Warnings): void {
  const protocols: readonly string[] | undefined = record.textsOf('protocols', PROTOCOLS[kind]);
  if (protocols !== undefined && !['http', 'https'].every((name) => protocols.includes(name)))
    warnings.add(record, 'protocols', 'is not carried over: the method looks at requests of every protocol');
}

function readPlugin(
  kind: KongPlugin['kind'],
  site: PluginSite,
  entities: Entities,
  warnings: Warnings,
): KongPlugin | undefined {
  const { plugin: record } = site;
  record.assertKnown(FIELDS);
  for (const name of ['consumer', 'consumer_group']) {
    if (record.value(name) !== undefined) throw record.refusal(name, 'value must be null');
  }
  record.uuid('id');
  assertProtocols(record, kind, warnings);
  // A node of a service mesh, in Kong 1; there is one node here.
  record.oneOf('run_on', ['first', 'second', 'all']);
  const read = configOf(kind, record.record('config') ?? new KongRecord(record.at('config'), {}), entities, warnings);
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
  return { record, name, ...read };
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

/** How plugins are read. */
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
 * Reads the plugins of a configuration, wherever they stand. Those of `jwt` and `openid-connect` become methods; of
 * the others, the ones that authenticate or restrict are refused, and the rest are warnings.
 * @throws ConfigurationError
 */
export function readPlugins(root: KongRecord, others: PluginRules): ReadPlugins {
  const entities = entitiesOf(root, others.dangerouslyAllowHttp);
  let leftOut = false;
  const plugins = sitesOf(root, entities).flatMap((site) => {
    const name = site.plugin.text('name');
    if (name === undefined) throw site.plugin.refusal('name', 'required field missing');
    if (name === 'jwt' || name === 'openid-connect') return readPlugin(name, site, entities, others.warnings) ?? [];
    leftOut = leaveOutPlugin(site.plugin, name, others) || leftOut;
    return [];
  });
  return { plugins: withDistinctNames(plugins), leftOut };
}
