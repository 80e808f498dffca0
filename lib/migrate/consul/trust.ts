import { X509Certificate } from 'node:crypto';
import { ConfigurationError } from '../../errors/configuration-error.js';
import type { OnEvent } from '../../events/auth-event.js';
import { type AsymmetricAlgorithm, isAsymmetric } from '../../keys/algorithms.js';
import { discoveryKeys } from '../../keys/discovery-keys.js';
import { jwksKeys } from '../../keys/jwks-keys.js';
import type { KeySource } from '../../keys/key-source.js';
import { readPublicKey } from '../../keys/public-key.js';
import { configuredUrl } from '../../keys/remote-url.js';
import { staticKeys } from '../../keys/static-keys.js';
import { UnusableKeyError } from '../../keys/verification-key.js';
import type { ConsulConfig } from './consul-config.js';

/** Keys and issuer of the tokens that an auth method takes. */
export interface Trust {
  readonly keys: KeySource;
  /** The one issuer, exactly as its tokens write it; `undefined`: any issuer that signs with these keys. */
  readonly issuer: string | undefined;
  /** Whether Consul leaves the claims to its OpenID Connect library, which has rules of its own. */
  readonly isDiscovered: boolean;
  /** Keys that verify only algorithms which JWTSupportedAlgs does not name, as the configuration names them. */
  readonly unnamedKeys: readonly string[];
}

/**
 * Returns the algorithms that a key can verify.
 * @throws {ConfigurationError} with Consul's words for one that cannot be read, or is too weak.
 */
function algorithmsOf(option: string, pem: string, index: number): readonly AsymmetricAlgorithm[] {
  try {
    const { algorithms } = readPublicKey(pem);
    return algorithms.filter(isAsymmetric);
  } catch (cause) {
    if (!(cause instanceof UnusableKeyError)) throw cause;
    const problem = `error parsing public key JWTValidationPubKeys[${index}]: ${cause.message}`;
    throw new ConfigurationError(option, problem, { cause });
  }
}

/**
 * The keys of the configuration itself. JWTSupportedAlgs counts among the algorithms of a type that it names; of a type
 * that it does not name, all count, because Consul does not look at it beside such keys.
 */
function resolveStatic(option: string, { publicKeys, algorithms, boundIssuer }: ConsulConfig): Trust {
  const possible = publicKeys.map((pem, index) => algorithmsOf(`${option}.JWTValidationPubKeys`, pem, index));
  const unnamed = possible.flatMap((fitting, index) =>
    fitting.some((name) => algorithms.includes(name)) ? [] : [index],
  );
  const added = unnamed.flatMap((index) => possible[index] ?? []);
  return {
    keys: staticKeys({ publicKeys, algorithms: [...new Set([...algorithms, ...added])] }),
    issuer: boundIssuer === '' ? undefined : boundIssuer,
    isDiscovered: false,
    unnamedKeys: unnamed.map((index) => `JWTValidationPubKeys[${index}]`),
  };
}

function assertCa(option: string, ca: string): void {
  try {
    new X509Certificate(ca);
  } catch (cause) {
    throw new ConfigurationError(option, 'could not parse CA PEM value successfully', { cause });
  }
}

/** Address of the document. One trailing slash is dropped for it, and stays in the issuer. */
function documentUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

function resolveDiscovery(option: string, config: ConsulConfig, remote: RemoteOptions): Trust {
  const issuer = config.discoveryUrl;
  const { search, hash } = configuredUrl(`${option}.OIDCDiscoveryURL`, issuer, remote.dangerouslyAllowHttp);
  if (search !== '' || hash !== '') {
    throw new ConfigurationError(`${option}.OIDCDiscoveryURL`, 'must not have a query or a fragment');
  }
  return {
    keys: discoveryKeys({ issuer, url: documentUrl(issuer), ...remote }),
    issuer,
    isDiscovered: true,
    unnamedKeys: [],
  };
}

/** Options of an application for fetching keys. */
interface FetchOptions {
  readonly dangerouslyAllowHttp: boolean;
  readonly listeners: readonly OnEvent[];
}

interface RemoteOptions extends FetchOptions {
  readonly algorithms: readonly AsymmetricAlgorithm[];
  readonly ca: string | undefined;
}

/**
 * Resolves where the keys come from and whose they are. Fetches nothing.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function resolveTrust(option: string, config: ConsulConfig, fetching: FetchOptions): Trust {
  const { jwksUrl, discoveryUrl, ca, algorithms } = config;
  if (ca !== '') assertCa(`${option}.${jwksUrl === '' ? 'OIDCDiscoveryCACert' : 'JWKSCACert'}`, ca);
  const remote: RemoteOptions = { algorithms, ca: ca === '' ? undefined : ca, ...fetching };
  if (discoveryUrl !== '') return resolveDiscovery(option, config, remote);
  if (jwksUrl === '') return resolveStatic(option, config);
  configuredUrl(`${option}.JWKSURL`, jwksUrl, fetching.dangerouslyAllowHttp);
  const issuer = config.boundIssuer === '' ? undefined : config.boundIssuer;
  return { keys: jwksKeys({ jwksUri: jwksUrl, ...remote }), issuer, isDiscovered: false, unnamedKeys: [] };
}
