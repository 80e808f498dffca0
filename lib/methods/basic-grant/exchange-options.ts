import type { AttemptLimitOptions } from '../../grants/attempt-options.js';
import type { ClientAuthentication, ClientOptions, SecretAuthentication } from '../../grants/client-options.js';
import type { SharedCache } from '../../grants/shared-cache.js';
import type { GrantType } from '../../grants/token-client.js';
import type { KeyRequestOptions } from '../../keys/key-request.js';
import { namesOf } from '../../options/option-names.js';
import type { GrantCacheSettings } from './grant-cache-options.js';

/** Options of the exchange at the identity provider: what is requested, and how answers are cached. */
interface ExchangeSettings {
  /** Issuer of the identity provider, exactly as its discovery document writes it. */
  issuer: string;
  /**
   * Scopes to request.
   * @default those that the provider grants by itself
   */
  scopes?: string | readonly string[] | undefined;
  /**
   * Parameter `audience` of the request, as Auth0 and Kong use it. The audience that tokens must have is an option of
   * `verify`.
   * @default undefined, none is sent
   */
  audience?: string | readonly string[] | undefined;
  /**
   * Parameter `resource` of the request.
   * @default undefined, none is sent
   * @see {@link https://www.rfc-editor.org/rfc/rfc8707 | RFC 8707}
   */
  resource?: string | readonly string[] | undefined;
  /**
   * Whether tokens are cached until shortly before they expire, under a keyed digest of the credentials. `false`: every
   * request asks the provider, and concurrent ones ask once. `redisCache()` shares the cache between processes.
   * @default true
   */
  cache?: boolean | SharedCache | GrantCacheSettings | undefined;
  /**
   * Most failed secrets per minute; further attempts are a 429. Pairs that were right before are not held up. `false`:
   * no limit.
   * @default { perMinute: 30 }
   */
  attemptLimit?: false | AttemptLimitOptions | undefined;
  /**
   * PEM certificates that replace the system's root certificates, for the provider's addresses.
   * @default the system's root certificates
   */
  ca?: string | undefined;
  /**
   * Whether plain HTTP is allowed for a provider on another machine.
   * @default false
   */
  dangerouslyAllowHttp?: boolean | undefined;
  /**
   * Headers and bearer file for the discovery document, and a proxy for it and the token endpoint.
   * @default none
   */
  keyRequest?: KeyRequestOptions | undefined;
}

/**
 * Options where this application is a client of the provider itself, and may exchange names and passwords of people.
 */
interface AsClient {
  /**
   * Grants to try, in this order: `client_credentials` reads the pair as a client's id and secret (RFC 6749 section
   * 4.4), `password` as a person's name and password (section 4.3).
   * @default ['client_credentials'], and 'password' after it where `client` is given
   * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4 | RFC 6749 section 4}
   */
  grants?: readonly GrantType[] | undefined;
  /** Client of the provider as which this application uses the grant `password`. */
  client: ClientOptions;
  /**
   * Client authentication method. Clients in requests use `basic`, `post` or `client_secret_jwt`, with their id and
   * secret; this application may use any, and `client.authentication` replaces it.
   * @default 'basic', or 'post' where the provider accepts only that
   */
  clientAuthentication?: ClientAuthentication | undefined;
}

/** Options where only the clients in requests are clients of the provider. */
interface AsCallers {
  /**
   * Grants to try: `client_credentials` reads the pair as a client's id and secret.
   * @default ['client_credentials']
   * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 | RFC 6749 section 4.4}
   */
  grants?: readonly 'client_credentials'[] | undefined;
  client?: undefined;
  /**
   * Client authentication method of the clients in requests, by their id and secret.
   * @default 'basic', or 'post' where the provider accepts only that
   */
  clientAuthentication?: SecretAuthentication | undefined;
}

/** Options where the token endpoint is found by the discovery document. */
interface Discovered {
  /**
   * URL of the discovery document, where it is not below the issuer.
   * @default below the issuer
   */
  discovery?: { /** URL of the document. */ url: string } | undefined;
  tokenEndpoint?: never;
}

/** Options where the token endpoint is configured. */
interface AtTokenEndpoint {
  /** URL of the token endpoint, in place of discovery. */
  tokenEndpoint: string | undefined;
  discovery?: never;
}

/** Options of the exchange: which provider is asked, as which client, for what, and how answers are cached. */
export type ExchangeOptions = ExchangeSettings & (AsClient | AsCallers) & (Discovered | AtTokenEndpoint);

/** Names of {@link ExchangeOptions}. */
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

/**
 * Names of options that may be left out but not set to `undefined`, because they decide which provider is asked, and
 * for what.
 */
export const EXCHANGE_DECISIONS = ['issuer', 'audience', 'discovery', 'tokenEndpoint'] as const;
