import { X509Certificate } from 'node:crypto';
import { ConfigurationError } from '../../errors/configuration-error.js';
import type { OnEvent } from '../../events/auth-event.js';
import type { Algorithm, AsymmetricAlgorithm } from '../../keys/algorithms.js';
import { discoveryKeys } from '../../keys/discovery-keys.js';
import { jwksKeys } from '../../keys/jwks-keys.js';
import type { KeySource } from '../../keys/key-source.js';
import { readPublicKey } from '../../keys/public-key.js';
import { configuredUrl } from '../../keys/remote-url.js';
import { staticKeys } from '../../keys/static-keys.js';
import { UnusableKeyError } from '../../keys/verification-key.js';
import type { ConsulConfig } from './consul-config.js';

/** Whose tokens an auth method takes. */
export interface Trust {
  readonly keys: KeySource;
  /** The one issuer, exactly as its tokens write it; `undefined`: whoever signs with these keys. */
  readonly issuer: string | undefined;
  /** Whether Consul leaves the claims to its OpenID Connect library, which has rules of its own. */
  readonly isDiscovered: boolean;
}

function assertPublicKey(option: string, pem: string, index: number, algorithms: readonly Algorithm[]): void {
  try {
    const fitting = readPublicKey(pem).algorithms.filter((algorithm) => algorithms.includes(algorithm));
    if (fitting.length === 0) throw new UnusableKeyError('the key fits none of JWTSupportedAlgs');
  } catch (cause) {
    if (!(cause instanceof UnusableKeyError)) throw cause;
    const problem = `error parsing public key JWTValidationPubKeys[${index}]: ${cause.message}`;
    throw new ConfigurationError(option, problem, { cause });
  }
}

function assertCa(option: string, ca: string): void {
  try {
    new X509Certificate(ca);
  } catch (cause) {
    throw new ConfigurationError(option, 'could not parse CA PEM value successfully', { cause });
  }
}

/** One trailing slash goes for the URL only: in the issuer it counts. */
function documentUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

function resolveDiscovery(option: string, config: ConsulConfig, remote: RemoteOptions): Trust {
  const issuer = config.discoveryUrl;
  const { search, hash } = configuredUrl(`${option}.OIDCDiscoveryURL`, issuer, remote.dangerouslyAllowHttp);
  if (search !== '' || hash !== '') {
    throw new ConfigurationError(`${option}.OIDCDiscoveryURL`, 'must not have a query or a fragment');
  }
  return { keys: discoveryKeys({ issuer, url: documentUrl(issuer), ...remote }), issuer, isDiscovered: true };
}

/** How an application wants keys to be fetched. */
interface FetchOptions {
  readonly dangerouslyAllowHttp: boolean;
  readonly listeners: readonly OnEvent[];
}

interface RemoteOptions extends FetchOptions {
  readonly algorithms: readonly AsymmetricAlgorithm[];
  readonly ca: string | undefined;
}

/** Where the keys come from, and whose they are. Fetches nothing. @throws ConfigurationError */
export function resolveTrust(option: string, config: ConsulConfig, fetching: FetchOptions): Trust {
  const { publicKeys, jwksUrl, discoveryUrl, ca, algorithms } = config;
  if (ca !== '') assertCa(`${option}.${jwksUrl === '' ? 'OIDCDiscoveryCACert' : 'JWKSCACert'}`, ca);
  const remote: RemoteOptions = { algorithms, ca: ca === '' ? undefined : ca, ...fetching };
  if (discoveryUrl !== '') return resolveDiscovery(option, config, remote);
  const issuer = config.boundIssuer === '' ? undefined : config.boundIssuer;
  if (jwksUrl !== '') {
    configuredUrl(`${option}.JWKSURL`, jwksUrl, fetching.dangerouslyAllowHttp);
    return { keys: jwksKeys({ jwksUri: jwksUrl, ...remote }), issuer, isDiscovered: false };
  }
  for (const [index, pem] of publicKeys.entries()) {
    assertPublicKey(`${option}.JWTValidationPubKeys`, pem, index, algorithms);
  }
  return { keys: staticKeys({ publicKeys, algorithms }), issuer, isDiscovered: false };
}
