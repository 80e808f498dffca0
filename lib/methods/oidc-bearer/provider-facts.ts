import type { JWTPayload } from 'jose';
import type { AuthErrorCode } from '../../errors/error-codes.js';
import type { KeyContext } from '../../issuers/issuer-keys.js';
import type { IssuerOptions, IssuerRules } from '../../issuers/issuer-record.js';
import type { JwksUriKeys, KeyOptions } from '../../issuers/key-options.js';
import type { KeySetFormat } from '../../keys/jwk-set.js';
import type { KeySource } from '../../keys/key-source.js';
import type { SharedSecret } from '../../keys/shared-secret-keys.js';
import type { OptionName } from '../../options/option-names.js';
import type { TokenOptions } from '../../pipeline/token-options.js';
import type { JoseHeader } from '../../tokens/jose-header.js';
import type { ReadableClaims } from '../../tokens/readable-claims.js';
import type { OidcBearerSettings, SingleIssuer } from './oidc-bearer-options.js';

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
interface KnownFacts
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
  /** Whether a name is another one of the issuer, which only its document says, once keys are `ready`. */
  readonly isAlsoNamed?: (iss: string, ready: () => Promise<void>) => Promise<boolean>;
  /** Options of each issuer by its name, where the application named several. */
  readonly issuers?: ReadonlyMap<string, IssuerOptions>;
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
