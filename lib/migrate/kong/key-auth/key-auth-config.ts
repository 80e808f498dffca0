import { isPlainRecord } from '../../../tokens/strict-json.js';
import type { KongRecord } from '../kong-record.js';

/** The settings of Kong's `key-auth` plugin, defaults applied. */
export interface KeyAuthConfig {
  readonly keyNames: readonly string[];
  readonly inHeader: boolean;
  readonly inQuery: boolean;
  readonly inBody: boolean;
  readonly hideCredentials: boolean;
  /** Id or username of the consumer that requests without a good key become. */
  readonly anonymous: string | undefined;
  readonly runOnPreflight: boolean;
  readonly realm: string | undefined;
}

const FIELDS = [
  'key_names',
  'key_in_header',
  'key_in_query',
  'key_in_body',
  'hide_credentials',
  'anonymous',
  'run_on_preflight',
  'realm',
  'identity_realms',
  'principals',
] as const;

/** Refuses keys that Konnect keeps, because they are not in the file. */
function assertOwnKeys(config: KongRecord): void {
  const realms = config.value('identity_realms');
  if (Array.isArray(realms) && realms.some((realm) => !isPlainRecord(realm) || realm.scope !== 'cp'))
    throw config.refusal('identity_realms', 'is not carried over: the keys of other realms stay in Konnect');
  const principals = config.value('principals');
  if (isPlainRecord(principals) && principals.enabled !== false)
    throw config.refusal('principals', 'is not carried over: Kong refuses keys of principals that it does not find');
}

/**
 * Reads the `config` of a `key-auth` plugin with Kong's defaults.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function readKeyAuthConfig(config: KongRecord): KeyAuthConfig {
  config.assertKnown(FIELDS);
  assertOwnKeys(config);
  return {
    keyNames: config.list('key_names') ?? ['apikey'],
    inHeader: config.flag('key_in_header') ?? true,
    inQuery: config.flag('key_in_query') ?? true,
    inBody: config.flag('key_in_body') ?? false,
    hideCredentials: config.flag('hide_credentials') ?? true,
    anonymous: config.text('anonymous'),
    runOnPreflight: config.flag('run_on_preflight') ?? true,
    realm: config.text('realm'),
  };
}
