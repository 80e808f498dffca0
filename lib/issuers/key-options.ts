import type { Algorithm, AsymmetricAlgorithm } from '../keys/algorithms.js';
import type { InitialKeys } from '../keys/initial-keys.js';
import type { KeySetFormat } from '../keys/jwk-set.js';
import type { KeyRequestOptions } from '../keys/key-request.js';
import type { KeySource } from '../keys/key-source.js';
import type { PublicKeyInput } from '../keys/public-key.js';
import type { SharedSecret } from '../keys/shared-secret-keys.js';
import { namesOf } from '../options/option-names.js';

/** Options for keys that are fetched. */
export interface FetchedKeyOptions {
  /**
   * PEM certificates that replace the system's root certificates, for `discovery` or `jwksUri`.
   * @default the system's root certificates
   */
  ca?: string | undefined;
  /**
   * Seconds that the last loaded keys are used while the provider fails, 0 to 86400; 0 turns this off.
   * @default 3600
   */
  maxStale?: number | undefined;
  /**
   * Least time in seconds between two fetches of keys, 0 to 3600.
   * @default 30
   */
  cooldown?: number | undefined;
  /**
   * Whether plain HTTP is allowed for other hosts than this machine.
   * @default false
   */
  dangerouslyAllowHttp?: boolean | undefined;
  /**
   * Headers, bearer file and proxy of these fetches.
   * @default none
   */
  keyRequest?: KeyRequestOptions | undefined;
}

/** Options for a key set that is fetched as a whole. */
interface FetchedKeySetOptions extends FetchedKeyOptions {
  /**
   * Keys that are known before the first fetch, such as a key set in a function's image: a JWK Set or its list of keys.
   * Tokens of these keys need no fetch; a new `kid` is fetched.
   * @default none
   */
  initialKeys?: InitialKeys | undefined;
  /**
   * Format of the key set: a JWK Set, or an object of PEMs by key id, as Google publishes it for Firebase. `any`: either
   * of the two.
   * @default 'jwks'
   */
  keyFormat?: KeySetFormat | undefined;
}

/** Rules for tokens that are signed with private keys only. */
interface PublicKeyRules {
  /**
   * Signature algorithms that tokens may use; only asymmetric ones, because there is no `secret`.
   * @default all that fit the keys
   */
  algorithms?: readonly AsymmetricAlgorithm[] | undefined;
  secret?: never;
}

/** Rules for tokens that may also be signed with a secret. */
interface SecretRules {
  /**
   * Signature algorithms that tokens may use.
   * @default all that fit the keys and the secret
   */
  algorithms?: readonly Algorithm[] | undefined;
  /**
   * Secret, or several, that the issuer also signs with. `HS256`, `HS384` and `HS512` tokens are verified with it
   * alone, all others with the other keys. If the issuer is no URL and no other key source is given, it is the only
   * key.
   */
  secret: SharedSecret | readonly SharedSecret[] | undefined;
}

/** Rules for which tokens the keys may verify. */
export type KeyRules = PublicKeyRules | SecretRules;

/** Keys found by the issuer's discovery document; the default where no source is given. */
export interface DiscoveredKeys extends FetchedKeySetOptions {
  /**
   * URL of the discovery document, where it is not below the issuer.
   * @default below the issuer
   */
  discovery?: { /** URL of the document. */ url: string } | undefined;
  jwksUri?: never;
  publicKeys?: never;
  keys?: never;
}

/** Keys that are fetched from the URL of a key set. */
export interface JwksUriKeys extends FetchedKeySetOptions {
  /** URL of the key set. */
  jwksUri: string | undefined;
  discovery?: never;
  publicKeys?: never;
  keys?: never;
}

/** Options for reaching an introspection endpoint, beside keys that are not fetched. */
type EndpointOptions = Pick<FetchedKeyOptions, 'ca' | 'dangerouslyAllowHttp' | 'keyRequest'>;

/** Keys in the configuration. */
export interface ConfiguredKeys extends EndpointOptions {
  /** Public keys: PEM, X.509 certificates or JWKs. */
  publicKeys: PublicKeyInput | readonly PublicKeyInput[] | undefined;
  discovery?: never;
  jwksUri?: never;
  keys?: never;
  maxStale?: never;
  cooldown?: never;
  initialKeys?: never;
  keyFormat?: never;
}

/** Keys of a key source. */
export interface CustomKeys extends EndpointOptions {
  /** Key source: of `jwksKeys()`, `discoveryKeys()`, `pemPerKidKeys()` or `staticKeys()`, or one of the application. */
  keys: KeySource | undefined;
  discovery?: never;
  jwksUri?: never;
  publicKeys?: never;
  maxStale?: never;
  cooldown?: never;
  initialKeys?: never;
  keyFormat?: never;
}

/**
 * Options for the keys of one issuer, which come from one of `discovery` (the default), `jwksUri`, `publicKeys` and
 * `keys`.
 */
export type KeyOptions = KeyRules & (DiscoveredKeys | JwksUriKeys | ConfiguredKeys | CustomKeys);

/** The only keys of an issuer: a secret, and no other source. */
interface SecretAlone extends EndpointOptions {
  discovery?: never;
  jwksUri?: never;
  publicKeys?: never;
  keys?: never;
  maxStale?: never;
  cooldown?: never;
  initialKeys?: never;
  keyFormat?: never;
}

/** Where the keys of an issuer come from whose tokens do not name it, so that nothing can be discovered. */
export type ConfiguredKeyOptions =
  | (KeyRules & (JwksUriKeys | ConfiguredKeys | CustomKeys))
  | (SecretRules & SecretAlone);

/** Names of {@link KeyOptions}. */
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
  keyRequest: true,
  initialKeys: true,
  keyFormat: true,
  secret: true,
});

/** Names of options that name a key source, at most one of which may be given. */
export const KEY_PLACES = ['discovery', 'jwksUri', 'publicKeys', 'keys'] as const;
