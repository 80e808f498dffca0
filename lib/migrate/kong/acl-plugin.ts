import type { Consumer } from '../../consumers/consumer.js';
import { ForbiddenError } from '../../errors/auth-error.js';
import type { KongRecord } from './kong-record.js';
import { type Entities, type PluginScope, type PluginSite, scopeOf } from './plugin-scopes.js';

/** Settings of an `acl` plugin: what it asks of the groups of a caller. */
export interface KongAcl {
  readonly record: KongRecord;
  /** Groups of which one is needed, or none is allowed. */
  readonly groups: ReadonlySet<string>;
  readonly allows: boolean;
  /** Whether the groups that a token names count even where it maps to a consumer. */
  readonly prefersTokenGroups: boolean;
  readonly hidesHeader: boolean;
}

/** An `acl` plugin, and what it is bound to. */
export interface ScopedAcl {
  readonly acl: KongAcl;
  readonly scope: PluginScope | undefined;
}

/** `whitelist` and `blacklist` are the names of Kong 1 and 2. */
const ALLOW = ['allow', 'whitelist'] as const;
const DENY = ['deny', 'blacklist'] as const;
const FIELDS = [...ALLOW, ...DENY, 'hide_groups_header', 'always_use_authenticated_groups', 'include_consumer_groups'];

function listIn(config: KongRecord, names: readonly string[]): string[] | undefined {
  const found = names.map((name) => config.texts(name)).find((list) => list !== undefined);
  return found === undefined || found.length === 0 ? undefined : found;
}

function readAcl(record: KongRecord): KongAcl {
  const config = record.record('config');
  if (config === undefined) throw record.refusal('config', 'required field missing');
  config.assertKnown(FIELDS);
  const allow = listIn(config, ALLOW);
  const deny = listIn(config, DENY);
  if ((allow === undefined) === (deny === undefined))
    throw config.refusal('@entity', "only one of these fields must be non-empty: 'allow', 'deny'");
  if (config.flag('include_consumer_groups') === true)
    throw config.refusal('include_consumer_groups', 'is not carried over: consumer groups are no groups here');
  return {
    record,
    groups: new Set(allow ?? deny),
    allows: allow !== undefined,
    prefersTokenGroups: config.flag('always_use_authenticated_groups') ?? false,
    hidesHeader: config.flag('hide_groups_header') ?? false,
  };
}

/**
 * Reads an `acl` plugin that is switched on.
 * @throws {ConfigurationError} with the reason of Kong's schema.
 */
export function readScopedAcl(site: PluginSite, entities: Entities): ScopedAcl {
  const { plugin } = site;
  for (const name of ['consumer', 'consumer_group']) {
    if (plugin.value(name) !== undefined) throw plugin.refusal(name, 'value must be null');
  }
  return { acl: readAcl(plugin), scope: scopeOf(site, entities) };
}

const isSame = (a: PluginScope | undefined, b: PluginScope | undefined) => a?.kind === b?.kind && a?.name === b?.name;

/** The plugin that Kong runs for requests of a scope: its own, its service's, or the global one. */
export function aclFor(scope: PluginScope | undefined, acls: readonly ScopedAcl[]): KongAcl | undefined {
  const service: PluginScope | undefined =
    scope?.service === undefined ? undefined : { kind: 'service', name: scope.service, service: scope.service };
  const wider = [scope, service, undefined];
  return wider.flatMap((wanted) => acls.filter((found) => isSame(found.scope, wanted)))[0]?.acl;
}

/** Whether methods stand for all requests of a scope: one of its own, or one for every route of a service. */
function isCovered(
  scope: PluginScope,
  methods: readonly (PluginScope | undefined)[],
  { serviceOf }: Entities,
): boolean {
  if (methods.some((method) => isSame(method, scope))) return true;
  const routes = [...serviceOf].flatMap(([route, service]) => (service === scope.name ? [route] : []));
  const isMethod = (route: string) => methods.some((method) => method?.kind === 'route' && method.name === route);
  return scope.kind === 'service' && routes.length > 0 && routes.every(isMethod);
}

/**
 * Refuses two `acl` plugins on one scope, and those on services and routes that no method stands for: their requests
 * are let in by a method that is mounted more widely, and does not know on which route it runs.
 * @param methods the scopes of the methods.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function assertAclsApply(
  acls: readonly ScopedAcl[],
  methods: readonly (PluginScope | undefined)[],
  entities: Entities,
): void {
  for (const [index, { acl, scope }] of acls.entries()) {
    if (acls.slice(0, index).some((other) => isSame(other.scope, scope)))
      throw acl.record.refusal('name', 'uniqueness violation: there is another plugin acl on this scope');
    if (scope === undefined || isCovered(scope, methods, entities)) continue;
    throw acl.record.refusal(
      'name',
      `the plugin acl guards the ${scope.kind} ${scope.name} only, for which there is no method of its own; use ` +
        'requireAnyGroup() there, and say ignorePlugins: ["acl"]',
    );
  }
}

/** Whether groups pass: one of them is allowed, or none of them is denied. */
export function passesAcl({ groups, allows }: KongAcl, given: readonly string[]): boolean {
  return given.some((group) => groups.has(group)) === allows;
}

/**
 * Checks the groups of a caller: those of the consumer, or those that the token names where there is no consumer.
 * @param tokenGroups `undefined` where the token names none.
 * @throws {ForbiddenError} `insufficient_group`
 */
export function assertAcl(
  acl: KongAcl | undefined,
  consumer: Consumer | undefined,
  tokenGroups?: readonly string[] | undefined,
): void {
  if (acl === undefined) return;
  const own = consumer?.groups;
  const groups = acl.prefersTokenGroups ? (tokenGroups ?? own) : (own ?? tokenGroups);
  if (groups === undefined || !passesAcl(acl, groups)) throw new ForbiddenError('insufficient_group');
}
