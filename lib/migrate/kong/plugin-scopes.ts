import type { KongRecord } from './kong-record.js';

type ScopeKind = 'service' | 'route';

/** The service or route that a plugin is bound to. */
export interface PluginScope {
  readonly kind: ScopeKind;
  readonly name: string;
  /** The service that a route belongs to, by name. */
  readonly service: string | undefined;
}

/** A plugin where it stands: nested under a service or route, or on the top level. */
export interface PluginSite {
  readonly plugin: KongRecord;
  readonly parent?: { readonly kind: ScopeKind; readonly entity: KongRecord };
}

/** The services and routes of a configuration, and which service each route belongs to. */
export interface Entities extends Readonly<Record<ScopeKind, readonly KongRecord[]>> {
  /** Names of services, by the names of their routes. */
  readonly serviceOf: ReadonlyMap<string, string>;
}

function labelOf(entity: KongRecord): string {
  return entity.text('name') ?? entity.text('id') ?? entity.path;
}

/**
 * Resolves a reference by name or id, or by `{ id }` or `{ name }` as other tools write it.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
function referenceIn(from: KongRecord, kind: ScopeKind, among: readonly KongRecord[]): string | undefined {
  const given = from.value(kind);
  if (given === undefined) return undefined;
  const record = typeof given === 'string' ? undefined : from.record(kind);
  const name = record === undefined ? from.text(kind) : (record.text('id') ?? record.text('name'));
  const found = among.find((entity) => name !== undefined && [entity.value('name'), entity.value('id')].includes(name));
  if (found !== undefined) return labelOf(found);
  const shown = name ?? JSON.stringify(given);
  throw from.refusal(kind, `invalid reference '${kind}: ${shown}' (no such entry in '${kind}s')`);
}

/** Reads what plugins may be bound to. */
export function readEntities(root: KongRecord): Entities {
  const service = root.records('services');
  const nested = service.flatMap((entity) =>
    entity.records('routes').map((route) => [route, labelOf(entity)] as const),
  );
  const own = root.records('routes');
  const referring = own.flatMap((route) => {
    const owner = referenceIn(route, 'service', service);
    return owner === undefined ? [] : [[route, owner] as const];
  });
  return {
    service,
    route: [...own, ...nested.map(([route]) => route)],
    serviceOf: new Map([...nested, ...referring].map(([route, owner]) => [labelOf(route), owner])),
  };
}

/** Lists all plugins of a configuration but those of consumers, in its order. */
export function pluginSites(root: KongRecord, entities: Entities): PluginSite[] {
  const nested = (['service', 'route'] as const).flatMap((kind) =>
    entities[kind].flatMap((entity) =>
      entity.records('plugins').map((plugin) => ({ plugin, parent: { kind, entity } })),
    ),
  );
  return [...root.records('plugins').map((plugin) => ({ plugin })), ...nested];
}

/**
 * Resolves what a plugin is bound to in Kong; of two scopes the narrower counts.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function scopeOf({ plugin, parent }: PluginSite, entities: Entities): PluginScope | undefined {
  if (parent !== undefined && plugin.value(parent.kind) !== undefined)
    throw plugin.refusal(parent.kind, 'value must be null');
  const names = {
    route: referenceIn(plugin, 'route', entities.route),
    service: referenceIn(plugin, 'service', entities.service),
  };
  if (parent !== undefined) names[parent.kind] = labelOf(parent.entity);
  const { route, service } = names;
  if (route !== undefined) return { kind: 'route', name: route, service: entities.serviceOf.get(route) };
  return service === undefined ? undefined : { kind: 'service', name: service, service };
}
