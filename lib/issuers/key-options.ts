import type { Algorithm, AsymmetricAlgorithm } from '../keys/algorithms.js';
import type { InitialKeys } from '../keys/initial-keys.js';
import type { KeySetFormat } from '../keys/jwk-set.js';
import type { KeyRequestOptions } from '../keys/key-request.js';
import type { KeySource } from '../keys/key-source.js';
import type { PublicKeyInput } from '../keys/public-key.js';
import type { SharedSecret } from '../keys/shared-secret-keys.js';
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
  /**
   * Headers, a bearer file and a proxy for these fetches.
   * @default none
   */
  keyRequest?: KeyRequestOptions | undefined;
}

/** How a key set is reached and read that is fetched as a whole. */
interface FetchedKeySetOptions extends FetchedKeyOptions {
  /**
   * Keys to begin with, such as a key set in a function's image: a JWK Set or its list of keys. Tokens of these keys
   * wait for nobody and cost no fetch; a new `kid` is fetched.
   * @default none
   */
  initialKeys?: InitialKeys | undefined;
  /**
   * How the key set is written: as a JWK Set, or as an object of key ids and PEMs, as Google writes it for Firebase.
   * @default 'jwks'
   */
  keyFormat?: KeySetFormat | undefined;
}

/** Rules for tokens that are signed with private keys only. */
interface PublicKeyRules {
  /**
   * Signature algorithms that tokens may use; asymmetric ones only, because there is no `secret`.
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
   * A secret that the issuer signs with as well, or several of them: `HS256`, `HS384` and `HS512` tokens are checked
   * with it and with nothing else, all others with the other keys, which never serve `HS*`. Where the issuer is no
   * address and no other source of keys is named, the secret is the only one.
   */
  secret: SharedSecret | readonly SharedSecret[] | undefined;
}

/** Which tokens keys may verify, wherever the keys come from. */
export type KeyRules = PublicKeyRules | SecretRules;

/** Keys that are found by the issuer's discovery document, which is what is done where no source is named. */
export interface DiscoveredKeys extends FetchedKeySetOptions {
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
export interface JwksUriKeys extends FetchedKeySetOptions {
  /** URL of the key set. */
  jwksUri: string | undefined;
  discovery?: never;
  publicKeys?: never;
  keys?: never;
}

/** How an introspection endpoint is reached beside keys that are not fetched. */
type EndpointOptions = Pick<FetchedKeyOptions, 'ca' | 'dangerouslyAllowHttp' | 'keyRequest'>;

/** Keys that stand in the configuration. */
export interface ConfiguredKeys extends EndpointOptions {
  /** The keys themselves: PEM, X.509 certificates or JWKs. */
  publicKeys: PublicKeyInput | readonly PublicKeyInput[] | undefined;
  discovery?: never;
  jwksUri?: never;
  keys?: never;
  maxStale?: never;
  cooldown?: never;
  initialKeys?: never;
  keyFormat?: never;
}

/** Keys of a source of the application's own. */
export interface CustomKeys extends EndpointOptions {
  /** A key source: `jwksKeys()` and its like, or one of your own making. */
  keys: KeySource | undefined;
  discovery?: never;
  jwksUri?: never;
  publicKeys?: never;
  maxStale?: never;
  cooldown?: never;
  initialKeys?: never;
  keyFormat?: never;
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
  keyRequest: true,
  initialKeys: true,
  keyFormat: true,
  secret: true,
});

/** Options that name where keys come from, at most one of which is given. */
export const KEY_PLACES = ['discovery', 'jwksUri', 'publicKeys', 'keys'] as const;
