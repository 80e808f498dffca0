import type { ClientAuthentication, ClientOptions, SecretAuthentication } from '../../grants/client-options.js';
import type { SharedCache } from '../../grants/shared-cache.js';
import type { GrantType } from '../../grants/token-client.js';
import type { KeyRequestOptions } from '../../keys/key-request.js';
import { namesOf } from '../../options/option-names.js';
import type { GrantCacheSettings } from './grant-cache-options.js';

/** Options of the exchange at the identity provider: what it is asked for, and how its answers are kept. */
interface ExchangeSettings {
  /** The identity provider, exactly as its discovery document writes it. */
  issuer: string;
  /**
   * Scopes to ask for.
   * @default what the provider gives by itself
   */
  scopes?: string | readonly string[] | undefined;
  /**
   * Sent as `audience`, as Auth0 and Kong have it. Whom tokens must be for is said in `verify`.
   * @default undefined, none is sent
   */
  audience?: string | readonly string[] | undefined;
  /**
   * Sent as `resource`.
   * @default undefined, none is sent
   * @see {@link https://www.rfc-editor.org/rfc/rfc8707 | RFC 8707}
   */
  resource?: string | readonly string[] | undefined;
  /**
   * Tokens are kept until shortly before they end, under a keyed digest of the credentials. `false`: every request asks
   * the provider, those that come together ask once. `redisCache()` shares them.
   * @default true
   */
  cache?: boolean | SharedCache | GrantCacheSettings | undefined;
  /**
   * Secrets that may fail per credential id and peer, 429 beyond that. `false`: no limit.
   * @default { perMinute: 30 }
   */
  attemptLimit?: false | { perMinute: number } | undefined;
  /**
   * PEM certificates that replace the system's roots, for the provider's addresses.
   * @default the system's roots
   */
  ca?: string | undefined;
  /**
   * Asks the provider over plain http, on other hosts than this machine too.
   * @default false
   */
  dangerouslyAllowHttp?: boolean | undefined;
  /**
   * Headers and a bearer file for the discovery document, and a proxy for that and the token endpoint.
   * @default none
   */
  keyRequest?: KeyRequestOptions | undefined;
}

/** This application is a client of the provider as well, and asks by names and passwords of people. */
interface AsClient {
  /**
   * What is tried, in this order: `client_credentials` takes the pair for a client's id and secret (RFC 6749 section
   * 4.4), `password` for a person's name and password (section 4.3).
   * @default ['client_credentials'], and 'password' after it where `client` is given
   */
  grants?: readonly GrantType[] | undefined;
  /** This application as a client of the provider, which `password` asks by. */
  client: ClientOptions;
  /**
   * How clients prove to the provider who they are: callers by their id and secret (`basic`, `post`,
   * `client_secret_jwt`), and this application, unless `client.authentication` says otherwise, which has the other ways
   * too.
   * @default 'basic', or 'post' where the provider takes that only
   */
  clientAuthentication?: ClientAuthentication | undefined;
}

/** Callers alone are clients of the provider. */
interface AsCallers {
  /**
   * `client_credentials` takes the pair for a client's id and secret.
   * @default ['client_credentials']
   * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 | RFC 6749 section 4.4}
   */
  grants?: readonly 'client_credentials'[] | undefined;
  client?: undefined;
  /**
   * How callers prove to the provider who they are, by their id and secret.
   * @default 'basic', or 'post' where the provider takes that only
   */
  clientAuthentication?: SecretAuthentication | undefined;
}

/** The token endpoint is found by the issuer's discovery document. */
interface Discovered {
  /**
   * The discovery document, where it does not stand where the issuer says.
   * @default below the issuer
   */
  discovery?: { url: string } | undefined;
  tokenEndpoint?: never;
}

/** The token endpoint is configured. */
interface AtTokenEndpoint {
  /** The token endpoint, where it is not to be discovered. */
  tokenEndpoint: string | undefined;
  discovery?: never;
}

/** Which provider is asked, for whom and for what, and how its answers are kept. */
export type ExchangeOptions = ExchangeSettings & (AsClient | AsCallers) & (Discovered | AtTokenEndpoint);

/** Every option about the exchange. */
export const EXCHANGE_OPTION_NAMES = namesOf<ExchangeOptions>()({
  issuer: true,
  grants: true,
  client: true,
  clientAuthentication: true,
  scopes: true,
  audience: true,
  resource: true,
  cache: true,
  attemptLimit: true,
  discovery: true,
  tokenEndpoint: true,
  ca: true,
  dangerouslyAllowHttp: true,
  keyRequest: true,
});

/** Options that may be left out, and never be `undefined`: by them it is decided who is asked, and for what. */
export const EXCHANGE_DECISIONS = ['issuer', 'audience', 'discovery', 'tokenEndpoint'] as const;
