import type { KongRecord } from '../kong-record.js';

/** The ten settings of Kong's `jwt` plugin, defaults applied. */
export interface JwtPluginConfig {
  readonly uriParamNames: readonly string[];
  readonly cookieNames: readonly string[];
  readonly headerNames: readonly string[];
  readonly keyClaimName: string;
  readonly secretIsBase64: boolean;
  /** Time claims that are required and checked. Empty, which is Kong's default: no time is checked at all. */
  readonly claimsToVerify: readonly ('exp' | 'nbf')[];
  /** Greatest distance of `exp` from now, in seconds; 0: no limit. */
  readonly maximumExpiration: number;
  /** Id or username of the consumer that requests without a good credential become. */
  readonly anonymous: string | undefined;
  readonly runOnPreflight: boolean;
  readonly realm: string | undefined;
}

const FIELDS = [
  'uri_param_names',
  'cookie_names',
  'header_names',
  'key_claim_name',
  'secret_is_base64',
  'claims_to_verify',
  'maximum_expiration',
  'anonymous',
  'run_on_preflight',
  'realm',
] as const;

/** A year, in seconds. */
const MAXIMUM_EXPIRATION = 31_536_000;

/**
 * Reads the `config` of a `jwt` plugin with Kong's defaults.
 * @throws {ConfigurationError} with the reason of Kong's schema.
 */
export function readJwtPluginConfig(config: KongRecord): JwtPluginConfig {
  config.assertKnown(FIELDS);
  const read: JwtPluginConfig = {
    uriParamNames: config.texts('uri_param_names') ?? ['jwt'],
    cookieNames: config.texts('cookie_names') ?? [],
    headerNames: config.texts('header_names') ?? ['authorization'],
    keyClaimName: config.text('key_claim_name') ?? 'iss',
    secretIsBase64: config.flag('secret_is_base64') ?? false,
    claimsToVerify: config.textsOf('claims_to_verify', ['exp', 'nbf']) ?? [],
    maximumExpiration: config.numberBetween('maximum_expiration', 0, MAXIMUM_EXPIRATION) ?? 0,
    anonymous: config.text('anonymous'),
    runOnPreflight: config.flag('run_on_preflight') ?? true,
    realm: config.text('realm'),
  };
  if (read.maximumExpiration > 0 && !read.claimsToVerify.includes('exp')) {
    throw config.refusal('claims_to_verify', 'expected to contain: exp');
  }
  return read;
}
