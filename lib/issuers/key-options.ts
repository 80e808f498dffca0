import { X509Certificate } from 'node:crypto';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { OnEvent } from '../events/auth-event.js';
import type { Algorithm } from '../keys/algorithms.js';
import { discoveryKeys } from '../keys/discovery-keys.js';
import { jwksKeys } from '../keys/jwks-keys.js';
import type { KeySource } from '../keys/key-source.js';
import type { PublicKeyInput } from '../keys/public-key.js';
import type { RemoteKeyOptions } from '../keys/remote-keys.js';
import { staticKeys } from '../keys/static-keys.js';
import { resolveAlgorithms } from '../keys/token-algorithms.js';
import { assertBoolean, assertImplements, assertSeconds } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';

/** Where the keys of one issuer come from: one of `discovery` (the default), `jwksUri`, `publicKeys` and `keys`. */
export interface KeyOptions {
  /** The discovery document, where it does not stand where the issuer says. */
  discovery?: { url: string };
  /** URL of the key set. */
  jwksUri?: string;
  /** The keys themselves: PEM, X.509 certificates or JWKs. */
  publicKeys?: PublicKeyInput | readonly PublicKeyInput[];
  /** A key source of your own making. */
  keys?: KeySource;
  /** PEM certificates that replace the system's roots, for `discovery` or `jwksUri`. */
  ca?: string;
  /** Signature algorithms that tokens may use; asymmetric ones only. Default: all that fit the keys. */
  algorithms?: readonly Algorithm[];
  /** Seconds that the last good keys serve while the provider fails, 0 to 86400. Default 3600; 0 turns it off. */
  maxStale?: number;
  /** Least seconds between two fetches of keys, 0 to 3600. Default 30. */
  cooldown?: number;
  /** Takes plain http from other hosts than this machine. Default false. */
  dangerouslyAllowHttp?: boolean;
}

export const KEY_OPTION_NAMES = [
  'discovery',
  'jwksUri',
  'publicKeys',
  'keys',
  'ca',
  'algorithms',
  'maxStale',
  'cooldown',
  'dangerouslyAllowHttp',
] as const;

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
  const given = (['discovery', 'jwksUri', 'publicKeys', 'keys'] as const).filter((name) => options[name] !== undefined);
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
  options: KeyOptions,
  algorithms: readonly Algorithm[],
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

/** The keys of one issuer, as configured. @throws ConfigurationError */
export function resolveKeys(
  factory: string,
  issuer: string,
  options: KeyOptions,
  listeners: readonly OnEvent[],
): KeySource {
  assertOneSource(factory, options);
  const algorithms = resolveAlgorithms(`${factory}.algorithms`, options.algorithms);
  const { keys, publicKeys, jwksUri, discovery } = options;
  if (keys !== undefined) {
    assertImplements(`${factory}.keys`, keys, ['find', 'ready', 'health', 'close']);
    return keys;
  }
  if (publicKeys !== undefined) return staticKeys({ publicKeys, algorithms });
  const remote = remoteOptions(factory, options, algorithms, listeners);
  if (jwksUri !== undefined) return jwksKeys({ jwksUri, ...remote });
  if (discovery !== undefined) checkOptionNames(`${factory}.discovery`, discovery, ['url']);
  return discoveryKeys({ issuer, url: discovery?.url, ...remote });
}
