import type { JWTPayload } from 'jose';
import { ConfigurationError } from '../../../errors/configuration-error.js';
import type { AuthErrorCode } from '../../../errors/error-codes.js';
import type { KeyContext } from '../../../issuers/issuer-keys.js';
import type { IssuerRules } from '../../../issuers/issuer-record.js';
import type { JwksUriKeys, KeyOptions } from '../../../issuers/key-options.js';
import type { KeySetFormat } from '../../../keys/jwk-set.js';
import type { KeySource } from '../../../keys/key-source.js';
import type { SharedSecret } from '../../../keys/shared-secret-keys.js';
import { assertNonEmptyString } from '../../../options/assertions.js';
import type { OptionName } from '../../../options/option-names.js';
import type { TokenOptions } from '../../../pipeline/token-options.js';
import type { JoseHeader } from '../../../tokens/jose-header.js';
import type { ReadableClaims } from '../../../tokens/readable-claims.js';
import type { OidcBearerSettings, SingleIssuer } from '../oidc-bearer-options.js';

/**
 * Options of `oidcBearer` for one issuer, which a preset takes beside its own; a given one replaces the preset's value.
 */
export type OidcPresetExtras = OidcBearerSettings &
  SingleIssuer &
  Pick<TokenOptions, 'claims'> &
  Partial<IssuerRules> & { issuer?: Texts | null; as?: string } & KeyOptions;

/** Audience of tokens, as in the options of `oidcBearer`. */
export type Audience = IssuerRules['audience'];

/** One text, or several. */
export type Texts = string | readonly string[];

/** What a provider is like, in the words of `oidcBearer`. */
export interface KnownFacts
  extends Partial<IssuerRules>,
    Pick<OidcPresetExtras, 'issuer' | 'as' | 'claims' | 'subjects' | 'tokenFrom'> {
  readonly discovery?: { readonly url: string };
  readonly jwksUri?: string;
  readonly keyFormat?: KeySetFormat;
  readonly secret?: SharedSecret | readonly SharedSecret[];
}

/** Refusal for which a provider may have a hint. Its claims are not verified. */
export interface Refusal {
  readonly code: AuthErrorCode;
  /** Name of the claim that is wrong, where it is one. */
  readonly claim: string | undefined;
  /** Claims of the refused token; none where it is no JWT. */
  readonly claims: ReadableClaims;
  readonly header: Partial<JoseHeader>;
  /** What led to an outage, in words. */
  readonly cause: string;
}

/** One place of several where a provider publishes keys. */
export type KeyPlace = Pick<JwksUriKeys, 'jwksUri'> | { readonly discovery: { readonly url: string } };

/** Facts about a provider that do not differ per customer, mostly as options of `oidcBearer`. */
export interface ProviderFacts {
  readonly options: KnownFacts;
  /** Places that the provider spreads its keys over, where one does not have them all. */
  readonly keyPlaces?: readonly KeyPlace[];
  /** Opens a source of keys that options cannot describe. */
  readonly openKeys?: (context: KeyContext) => KeySource;
  /** Issuer that a token is taken for in place of its `iss`, by claims that are not verified yet; `undefined`: its own. */
  readonly issuerOf?: (claims: ReadableClaims) => string | undefined;
  /**
   * Refuses genuine tokens of the provider that are another customer's, or of another kind.
   * @throws {InvalidTokenError} when a token is one of these.
   */
  readonly assertOurs?: (claims: ReadableClaims) => void;
  /** Returns the name of a program, where it is not the client id. */
  readonly clientOf?: (claims: JWTPayload) => string | undefined;
  /** Returns a hint about a common mistake; `undefined`: there is none. */
  readonly hint?: (refusal: Refusal) => string | undefined;
}

/** Provider with a preset: its own options, and the facts that follow from them. */
export interface Provider<Own> {
  readonly own: readonly OptionName<Own>[];
  /**
   * Checks the own options, and returns the facts that follow from them.
   * @throws {ConfigurationError} when an option is missing or wrong.
   */
  readonly facts: (own: Own, extras: OidcPresetExtras) => ProviderFacts;
}

/** Function that checks one option of a preset, whose path it gets for error messages. */
type Reader<T> = (option: string, value: unknown) => T;

/**
 * Reads a text.
 * @throws {ConfigurationError} when it is missing or not of that form.
 */
export const text: Reader<string> = (option, value) => {
  assertNonEmptyString(option, value);
  if (value !== value.trim()) throw new ConfigurationError(option, 'begins or ends with a space');
  return value;
};

/**
 * Reads a list of at least one item, or one item as a list of one.
 * @throws {ConfigurationError} when it is missing or not of that form.
 */
export function listOf<T>(read: Reader<T>): Reader<readonly [T, ...T[]]> {
  return (option, value) => {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    const [first, ...others] = items.map((item) => read(option, item));
    if (first === undefined)
      throw new ConfigurationError(option, 'is an empty list, and by it no token could ever be welcome');
    return [first, ...others];
  };
}

/**
 * Reads a list, and refuses a single item, which could be mistaken for all.
 * @throws {ConfigurationError} when it is missing or not of that form.
 */
export function onlyList<T>(read: Reader<T>): Reader<readonly [T, ...T[]]> {
  return (option, value) => {
    if (!Array.isArray(value)) throw new ConfigurationError(option, 'expects a list');
    return listOf(read)(option, value);
  };
}

const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Reads an id or a name that becomes a part of an address.
 * @throws {ConfigurationError} when it is missing or not of that form.
 */
export const part: Reader<string> = (option, value) => {
  const id = text(option, value);
  if (ADDRESS.test(id)) throw new ConfigurationError(option, 'expects an id or a name, and this is a whole address');
  if (/[/?#\\\s{}]/.test(id))
    throw new ConfigurationError(option, `expects an id or a name, without a slash or a space; this is "${id}"`);
  return id;
};

/**
 * Reads a host name.
 * @throws {ConfigurationError} when it is an address, with what to write in its place.
 */
export const host: Reader<string> = (option, value) => {
  const name = text(option, value);
  const bare = name.replace(ADDRESS, '').replace(/[/?#].*$/, '');
  if (bare !== name)
    throw new ConfigurationError(option, `expects a host name and no address or path; write "${bare}"`);
  if (!URL.canParse(`https://${name}`) || !/^(?=.*[.:]|localhost$)[^@\s\\]+$/.test(name))
    throw new ConfigurationError(option, `expects a host name such as "login.example.com"; this is "${name}"`);
  return name;
};

/**
 * Reads a URL, and removes slashes at its end.
 * @throws {ConfigurationError} when it is a part of a URL, with the text to write.
 */
export const address: Reader<string> = (option, value) => {
  const url = text(option, value);
  if (!ADDRESS.test(url)) throw new ConfigurationError(option, `expects a whole address; write "https://${url}"`);
  if (!/^https?:/i.test(url) || !URL.canParse(url) || /[?#]/.test(url))
    throw new ConfigurationError(option, 'expects an address that begins with https:// and has no query');
  if (url.includes('/.well-known/'))
    throw new ConfigurationError(
      option,
      `is the address of a document; write "${url.replace(/\/\.well-known\/.*/, '')}"`,
    );
  return url.replace(/\/+$/, '');
};

/**
 * Checks that exactly one of two options is given.
 * @throws {ConfigurationError} when both are given, or none.
 */
export function oneOf(preset: string, own: object, names: readonly [string, string]): void {
  const given = names.filter((name) => Object.hasOwn(own, name) && Reflect.get(own, name) !== undefined);
  if (given.length === 1) return;
  const [first, second] = names;
  const problem = given.length === 0 ? `is required, or ${second}` : `contradicts ${second}; leave one of the two out`;
  throw new ConfigurationError(`${preset}.${first}`, problem);
}

/**
 * Reads a GUID, such as the id of a tenant.
 * @throws {ConfigurationError} when it is another text.
 */
export const guid: Reader<string> = (option, value) => {
  const id = part(option, value);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
    throw new ConfigurationError(
      option,
      `expects an id such as "72f988bf-86f1-41af-91ab-2d7cd011db47"; this is "${id}"`,
    );
  return id;
};

/** Returns the audiences of a token as a list. */
export const audiencesOf = ({ aud }: { readonly aud?: JWTPayload['aud'] | null | undefined }): readonly string[] =>
  aud === undefined || aud === null ? [] : [aud].flat();

/** Returns a single name as text, and several as a list. */
export const named = (names: readonly [string, ...string[]]): Texts => (names.length === 1 ? names[0] : names);
