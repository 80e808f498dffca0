import { X509Certificate } from 'node:crypto';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { OnEvent } from '../events/auth-event.js';
import type { AsymmetricAlgorithm } from '../keys/algorithms.js';
import { discoveryKeys } from '../keys/discovery-keys.js';
import { jwksKeys } from '../keys/jwks-keys.js';
import type { KeySource } from '../keys/key-source.js';
import type { PublicKeyInput } from '../keys/public-key.js';
import type { RemoteKeyOptions } from '../keys/remote-keys.js';
import { staticKeys } from '../keys/static-keys.js';
import { assertBoolean, assertImplements, assertNonEmptyString, assertSeconds } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';

/** How keys are reached that are fetched. */
export interface FetchedKeyOptions {
  /**
   * PEM certificates that replace the system's roots, for `discovery` or `jwksUri`.
   * @default the system's roots
   */
  ca?: string | undefined;
  /**
   * Seconds that the last good keys serve while the provider fails, 0 to 86400; 0 turns it off.
   * @default 3600
   */
  maxStale?: number | undefined;
  /**
   * Least seconds between two fetches of keys, 0 to 3600.
   * @default 30
   */
  cooldown?: number | undefined;
  /**
   * Takes plain http from other hosts than this machine.
   * @default false
   */
  dangerouslyAllowHttp?: boolean | undefined;
}

/** What is said of keys wherever they come from. */
export interface KeyRules {
  /**
   * Signature algorithms that tokens may use; asymmetric ones only.
   * @default all that fit the keys
   */
  algorithms?: readonly AsymmetricAlgorithm[] | undefined;
}

/** Keys that are found by the issuer's discovery document, which is what is done where no source is named. */
export interface DiscoveredKeys extends FetchedKeyOptions {
  /**
   * The discovery document, where it does not stand where the issuer says.
   * @default below the issuer
   */
  discovery?: { url: string } | undefined;
  jwksUri?: never;
  publicKeys?: never;
  keys?: never;
}

/** Keys that are fetched from the URL of a key set. */
export interface JwksUriKeys extends FetchedKeyOptions {
  /** URL of the key set. */
  jwksUri: string | undefined;
  discovery?: never;
  publicKeys?: never;
  keys?: never;
}

/** Keys that stand in the configuration. `ca` and `dangerouslyAllowHttp` are for an introspection endpoint beside them. */
export interface ConfiguredKeys extends Pick<FetchedKeyOptions, 'ca' | 'dangerouslyAllowHttp'> {
  /** The keys themselves: PEM, X.509 certificates or JWKs. */
  publicKeys: PublicKeyInput | readonly PublicKeyInput[] | undefined;
  discovery?: never;
  jwksUri?: never;
  keys?: never;
  maxStale?: never;
  cooldown?: never;
}

/** Keys of a source of the application's own. */
export interface CustomKeys extends Pick<FetchedKeyOptions, 'ca' | 'dangerouslyAllowHttp'> {
  /** A key source: `jwksKeys()` and its like, or one of your own making. */
  keys: KeySource | undefined;
  discovery?: never;
  jwksUri?: never;
  publicKeys?: never;
  maxStale?: never;
  cooldown?: never;
}

/** Where the keys of one issuer come from: one of `discovery` (the default), `jwksUri`, `publicKeys` and `keys`. */
export type KeyOptions = KeyRules & (DiscoveredKeys | JwksUriKeys | ConfiguredKeys | CustomKeys);

export const KEY_OPTION_NAMES = namesOf<KeyOptions>()({
  discovery: true,
  jwksUri: true,
  publicKeys: true,
  keys: true,
  ca: true,
  algorithms: true,
  maxStale: true,
  cooldown: true,
  dangerouslyAllowHttp: true,
});

/** Options that name where keys come from, at most one of which is given. */
export const KEY_PLACES = ['discovery', 'jwksUri', 'publicKeys', 'keys'] as const;

/** @throws ConfigurationError */
export function assertCa(option: string, ca: unknown): void {
  try {
    new X509Certificate(String(ca));
  } catch {
    throw new ConfigurationError(option, 'expects PEM certificates');
  }
}

/** Exactly one source of keys; none named means discovery. */
function assertOneSource(factory: string, options: KeyOptions): void {
  const given = KEY_PLACES.filter((name) => options[name] !== undefined);
  if (given.length > 1) {
    throw new ConfigurationError(
      factory,
      `expects exactly one of discovery, jwksUri, publicKeys and keys, not ${given.join(' and ')}`,
    );
  }
  const isRemote = options.publicKeys === undefined && options.keys === undefined;
  for (const name of ['ca', 'maxStale', 'cooldown', 'dangerouslyAllowHttp'] as const) {
    if (!isRemote && options[name] !== undefined) {
      throw new ConfigurationError(`${factory}.${name}`, 'is for keys that are fetched; it has no URL to apply to');
    }
  }
}

/** What is said of keys that are fetched, checked. @throws ConfigurationError */
export function remoteOptions(
  factory: string,
  options: FetchedKeyOptions,
  algorithms: readonly AsymmetricAlgorithm[],
  listeners: readonly OnEvent[],
) {
  const { ca, maxStale, cooldown, dangerouslyAllowHttp } = options;
  if (ca !== undefined) assertCa(`${factory}.ca`, ca);
  if (maxStale !== undefined) assertSeconds(`${factory}.maxStale`, maxStale, { min: 0, max: 86_400 });
  if (cooldown !== undefined) assertSeconds(`${factory}.cooldown`, cooldown, { min: 0, max: 3600 });
  if (dangerouslyAllowHttp !== undefined) assertBoolean(`${factory}.dangerouslyAllowHttp`, dangerouslyAllowHttp);
  return { ca, maxStale, cooldown, dangerouslyAllowHttp, algorithms, listeners } satisfies RemoteKeyOptions & {
    dangerouslyAllowHttp: unknown;
  };
}

/** What a key source of one issuer is opened with, beside the options about its keys. */
export interface KeyContext {
  /** Begins the option's path in refusals. */
  readonly factory: string;
  readonly issuer: string;
  /** Where the issuer's document stands, where the options do not say; `undefined`: below the issuer. */
  readonly documentUrl: () => string | undefined;
  readonly algorithms: readonly AsymmetricAlgorithm[];
  readonly listeners: readonly OnEvent[];
}

/** Opens the source of one issuer's keys. Nothing is fetched yet. @throws ConfigurationError */
export function resolveKeys(options: KeyOptions, context: KeyContext): KeySource {
  const { factory, issuer, algorithms, listeners } = context;
  assertOneSource(factory, options);
  const { keys, publicKeys, jwksUri, discovery } = options;
  if (keys !== undefined) {
    assertImplements(`${factory}.keys`, keys, ['find', 'ready', 'health', 'close']);
    return keys;
  }
  if (publicKeys !== undefined) return staticKeys({ publicKeys, algorithms });
  const remote = remoteOptions(factory, options, algorithms, listeners);
  if (jwksUri !== undefined) return jwksKeys({ jwksUri, ...remote });
  if (discovery === undefined) return discoveryKeys({ issuer, url: context.documentUrl(), ...remote });
  checkOptionNames(`${factory}.discovery`, discovery, ['url']);
  assertNonEmptyString(`${factory}.discovery.url`, discovery.url);
  return discoveryKeys({ issuer, url: discovery.url, ...remote });
}
