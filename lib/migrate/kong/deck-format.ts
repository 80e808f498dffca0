import { isPlainRecord } from '../../tokens/strict-json.js';
import { KongRecord } from './kong-record.js';

/** Settings that several plugins share, by the name under which they refer to them with `_config`. */
type SharedConfigs = Readonly<Record<string, unknown>>;

/** Fills shared settings into a plugin. What it says itself counts more, field by field, as in decK. */
function withSharedConfig(
  path: string,
  { _config: name, ...plugin }: Readonly<Record<string, unknown>>,
  shared: SharedConfigs,
): Record<string, unknown> {
  const record = new KongRecord(path, { _config: name });
  const found = typeof name === 'string' && Object.hasOwn(shared, name) ? shared[name] : undefined;
  if (!isPlainRecord(found))
    throw record.refusal(
      '_config',
      `invalid reference '_config: ${String(name)}' (no such entry in '_plugin_configs')`,
    );
  const { config = {} } = plugin;
  if (config !== null && !isPlainRecord(config)) throw record.refusal('config', 'expected a record');
  return { ...plugin, config: { ...found, ...config } };
}

/** Fills shared settings into every plugin of the file, wherever it stands. */
function fillIn(path: string, value: unknown, shared: SharedConfigs): unknown {
  if (Array.isArray(value)) return value.map((item, index) => fillIn(`${path}[${index}]`, item, shared));
  if (!isPlainRecord(value)) return value;
  const filled = Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const at = path === '' ? name : `${path}.${name}`;
      return [name, name === 'config' || name === '_plugin_configs' ? member : fillIn(at, member, shared)];
    }),
  );
  return typeof value._config === 'string' ? withSharedConfig(path, filled, shared) : filled;
}

/** Refuses answers of the Admin API, which hold one kind of entity and never the whole configuration. */
function assertDeclarative(root: KongRecord): void {
  const instead = 'deck gateway dump, or kong config db_export, writes the whole configuration into one file';
  if (
    Array.isArray(root.value('data')) &&
    root.names.every((name) => ['data', 'next', 'offset', 'total'].includes(name))
  )
    throw root.refusal('data', `is a page of an answer of Kong's Admin API, such as GET /plugins; ${instead}`);
  if (root.names.length === 1 && typeof root.value('config') === 'string')
    throw root.refusal('config', "is the answer of GET /config of Kong's Admin API; give the text inside it");
  if (['tagline', 'node_id', 'available_on_server'].some((name) => root.value(name) !== undefined))
    throw root.refusal('version', `stands in an answer of Kong's Admin API about the node; ${instead}`);
}

/**
 * Reads the outermost record of a declarative configuration, as decK and Kong write it, with `_plugin_configs` filled
 * into the plugins that refer to them.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function readDeclarative(config: unknown): KongRecord {
  const root = new KongRecord('', config);
  assertDeclarative(root);
  const shared = root.record('_plugin_configs');
  const configs = Object.fromEntries((shared?.names ?? []).map((name) => [name, shared?.value(name)]));
  return new KongRecord('', fillIn('', config, configs));
}
