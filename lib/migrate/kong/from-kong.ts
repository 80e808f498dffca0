import type { Consumer } from '../../consumers/consumer.js';
import type { ManagedConsumerStore } from '../../consumers/consumer-store.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { assertBoolean, assertStrings } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf } from '../../options/option-names.js';
import type { AuthMethod } from '../../pipeline/auth-method.js';
import { MIGRATION_OPTION_NAMES, type Migration, type MigrationOptions } from '../migration.js';
import { readConfig } from '../read-config.js';
import { passesAcl } from './acl-plugin.js';
import { KEY_LISTS, type KeyAuthKeys } from './consumers/key-auth-credential.js';
import { kongConsumerStore } from './consumers/kong-consumer-store.js';
import { readConsumers } from './consumers/kong-consumers.js';
import { readDeclarative } from './deck-format.js';
import { kongJwt } from './jwt/kong-jwt.js';
import { kongKeyAuth } from './key-auth/kong-key-auth.js';
import { type KongPlugin, readPlugins } from './kong-plugins.js';
import type { KongRecord } from './kong-record.js';
import { kongOidc } from './openid-connect/kong-oidc.js';
import { Warnings } from './warnings.js';

/**
 * Result of {@link fromKong}: one method for each `jwt`, `openid-connect` or `key-auth` plugin, in the order of the
 * configuration, named by its `instance_name`, route or service. Each warning begins with the path of what it is about.
 */
export interface KongMigration extends Migration {
  /** Store of all consumers with their `jwt_secrets`, and with their `acls` as groups, in which the methods look. */
  readonly consumers: ManagedConsumerStore;
}

/** Options of {@link fromKong}. */
export interface FromKongOptions extends MigrationOptions {
  /**
   * Plugins that authenticate or restrict in Kong and that the application replaces by itself, by their names. Without
   * being named here they are refused, because their requests would pass unchecked.
   * @default []
   */
  ignorePlugins?: readonly string[] | undefined;
  /**
   * Takes a configuration of which no method is left although it switches authentication on.
   * @default false
   */
  allowEmpty?: boolean | undefined;
}

const OPTION_NAMES = namesOf<FromKongOptions>()({ ignorePlugins: true, allowEmpty: true }, MIGRATION_OPTION_NAMES);

const META = [
  ...['_format_version', '_transform', '_comment', '_ignore', '_info', '_konnect', '_workspace'],
  '_plugin_configs',
];
const CARRIED = ['consumers', 'jwt_secrets', 'acls', 'plugins'];
const ROUTING = ['services', 'routes'];
const KNOWN = [...META, ...CARRIED, ...KEY_LISTS, ...ROUTING];

/** Refuses fields that no declarative configuration has. Any list may hold the entities of some plugin. */
function assertFields(root: KongRecord, warnings: Warnings): void {
  root.oneOf('_format_version', ['1.1', '2.1', '3.0']);
  root.flag('_transform');
  const lists = root.names.filter((name) => Array.isArray(root.value(name)) && !name.startsWith('_'));
  const others = lists.filter((name) => !KNOWN.includes(name) && !KNOWN.includes(`${name}s`));
  root.assertKnown([...KNOWN, ...others]);
  warnings.notCarried(root, others);
  warnings.notCarried(root, ROUTING, 'routing is not carried over; mount the methods on routes of the application');
}

/**
 * Finds the anonymous consumer of a plugin. One that does not exist, for which Kong answers 500, is refused, and so is
 * one that the `acl` plugin would stop, because the methods would let it in.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
async function anonymousOf(
  { record, config, acl }: KongPlugin,
  consumers: ManagedConsumerStore,
): Promise<Consumer | undefined> {
  if (config.anonymous === undefined) return undefined;
  const consumer = await consumers.getConsumer(config.anonymous);
  if (consumer === undefined) {
    throw record.refusal('config.anonymous', `anonymous consumer ${config.anonymous} is configured but doesn't exist`);
  }
  if (acl !== undefined && !passesAcl(acl, consumer.groups)) {
    throw acl.record.refusal('config', `stops the anonymous consumer ${config.anonymous}; leave anonymous out instead`);
  }
  return consumer;
}

/** Chooses how the store reads secrets. Where plugins disagree it keeps texts, and plugins that want base64 decode them. */
function encodingOf(plugins: readonly KongPlugin[]): 'base64' | 'utf8' {
  const jwtPlugins = plugins.filter((plugin) => plugin.kind === 'jwt');
  return jwtPlugins.length > 0 && jwtPlugins.every(({ config }) => config.secretIsBase64) ? 'base64' : 'utf8';
}

async function methodsOf(
  plugins: readonly KongPlugin[],
  { keys, ...shared }: MigrationOptions & { readonly consumers: ManagedConsumerStore; readonly keys: KeyAuthKeys },
): Promise<AuthMethod[]> {
  const isDecoded = encodingOf(plugins) === 'base64';
  const methods: AuthMethod[] = [];
  for (const plugin of plugins) {
    const anonymous = await anonymousOf(plugin, shared.consumers);
    const common = { ...shared, name: plugin.name, anonymous, acl: plugin.acl };
    if (plugin.kind === 'jwt') {
      const decodesSecrets = plugin.config.secretIsBase64 && !isDecoded;
      methods.push(kongJwt({ ...common, config: plugin.config, decodesSecrets }));
    } else if (plugin.kind === 'key-auth') methods.push(kongKeyAuth({ ...common, config: plugin.config, keys }));
    else methods.push(kongOidc({ ...common, config: plugin.config }));
  }
  return methods;
}

/**
 * Routes behind an empty list of methods are open to everybody.
 * @throws {ConfigurationError} unless that is meant.
 */
function assertMeant(leftOut: boolean, allowEmpty: boolean, warnings: Warnings): void {
  if (leftOut && !allowEmpty)
    throw new ConfigurationError(
      'fromKong',
      'the configuration switches authentication on, and no method is left of it: routes behind the methods would be ' +
        'open; allowEmpty: true says that this is meant',
    );
  warnings.texts.push('plugins: no jwt plugin is switched on, so there is no method');
}

/**
 * Turns Kong's declarative configuration (the parsed object, or its YAML or JSON text) into auth methods that behave
 * as Kong's plugins do.
 *
 * Of the `jwt` plugin everything is carried over: defaults, checks, statuses, bodies and challenges, and the
 * `X-Consumer-*` headers on the request. By those defaults no time is checked and tokens are read from `?jwt=` too.
 * Of `openid-connect` everything is that needs no session of a browser: bearer tokens, introspection, `password` and
 * `client_credentials`, issuers, what is asked of claims, consumers and groups, `anonymous`, and the headers for the
 * application. Of `key-auth` its keys, places and answers are. An `acl` plugin restricts the methods that it stands
 * beside.
 *
 * What would be left open is refused by its path: a field that restricts and is not carried over or not known, a
 * plugin that authenticates or restricts, a placeholder that no tool has replaced. Whatever else is not carried over
 * is a warning.
 *
 * It differs where Kong does harm: what crashes Kong is 401, an outage is 503, consumer headers that a client sends are
 * removed on every path, tokens that are not well formed to the letter are `Bad token; …`, and tokens that are bound to
 * a key are refused.
 *
 * ```ts
 * const { methods, consumers, warnings } = await fromKong(await readFile('kong.yml', 'utf8'));
 * app.use(...methods);
 * ```
 *
 * YAML text needs the package `yaml` beside this one.
 *
 * @throws {ConfigurationError} as a rejection, with the reason of Kong's schema for what Kong would refuse to load, and
 * for what would be left open.
 */
export async function fromKong(config: string | object, options: FromKongOptions = {}): Promise<KongMigration> {
  checkOptionNames('fromKong', options, OPTION_NAMES);
  const { ignorePlugins = [], allowEmpty = false, dangerouslyAllowHttp = false, ...methodOptions } = options;
  assertStrings('fromKong.ignorePlugins', ignorePlugins);
  assertBoolean('fromKong.allowEmpty', allowEmpty);
  assertBoolean('fromKong.dangerouslyAllowHttp', dangerouslyAllowHttp);
  const root = readDeclarative(await readConfig('fromKong', config));
  const warnings = new Warnings();
  assertFields(root, warnings);
  const others = { ignored: ignorePlugins, warnings };
  const { plugins, leftOut } = readPlugins(root, { ...others, dangerouslyAllowHttp });
  const carriesKeys = plugins.some(({ kind }) => kind === 'key-auth');
  if (!carriesKeys) warnings.notCarried(root, KEY_LISTS);
  const entries = readConsumers(root, { ...others, carriesKeys });
  const { consumers, keys } = await kongConsumerStore(entries, encodingOf(plugins), warnings);
  const methods = await methodsOf(plugins, { consumers, keys, ...methodOptions });
  if (methods.length === 0) assertMeant(leftOut, allowEmpty, warnings);
  return { methods, consumers, warnings: warnings.texts };
}
