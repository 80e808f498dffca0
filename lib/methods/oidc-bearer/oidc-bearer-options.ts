import { ISSUER_DECISIONS, ISSUER_OPTION_NAMES, type IssuerOptions } from '../../issuers/issuer-record.js';
import type { IssuersResolver } from '../../issuers/issuer-resolver.js';
import { type NoneOf, namesOf } from '../../options/option-names.js';
import { TOKEN_OPTION_NAMES, type TokenOptions } from '../../pipeline/token-options.js';
import type { IntrospectionOptions } from './introspection-options.js';
import type { TokenApiKeyOptions } from './token-api-key.js';

/** What `oidcBearer` takes for one issuer and for many. */
export interface OidcBearerSettings extends Omit<TokenOptions, 'claims'>, TokenApiKeyOptions {
  /**
   * Seconds after `iat` or `nbf` at which a token without `exp` ends (Consul), 0 to 86400. Given, or with
   * `notBeforeLeeway`, no time claim is required by itself.
   * @default undefined, `exp` is required; 150 where `notBeforeLeeway` is given
   */
  expirationLeeway?: number | undefined;
  /**
   * Seconds before `exp` at which a token without `nbf` and `iat` begins (Consul), 0 to 86400.
   * @default undefined; 150 where `expirationLeeway` is given
   */
  notBeforeLeeway?: number | undefined;
}

/** What `oidcBearer` takes for one issuer beside what is said of the issuer. */
export interface SingleIssuer {
  /**
   * Tokens that only the provider can read are shown to its introspection endpoint, and what it says of them is held to
   * the same rules as a JWT's claims: issuer (where it says one), audience, times, kind. `exp` is not required unless
   * `requiredClaims` says so, because the provider has just called the token active. Validators get a header of
   * `{ alg: 'none' }`. For one issuer.
   * @default undefined, an opaque token is `token_malformed`
   * @see {@link https://www.rfc-editor.org/rfc/rfc7662 | RFC 7662}
   */
  introspection?: IntrospectionOptions | undefined;
}

/** What `oidcBearer` takes for many issuers. */
interface ManyIssuers extends NoneOf<IssuerOptions & SingleIssuer> {
  /** Many tenants: says what is known of an issuer. Goes in place of `issuer` and everything about its keys. */
  issuers: IssuersResolver;
}

/** Options of `oidcBearer`: of one issuer, or of many by `issuers`. */
export type OidcBearerOptions = OidcBearerSettings &
  ((IssuerOptions & SingleIssuer & { issuers?: never }) | ManyIssuers);

/** Every option of `oidcBearer`. */
export const OIDC_OPTION_NAMES = namesOf<OidcBearerOptions>()(
  { apiKeys: true, introspection: true, issuers: true, expirationLeeway: true, notBeforeLeeway: true },
  TOKEN_OPTION_NAMES,
  ISSUER_OPTION_NAMES,
);

/** Options that may be left out, and never be `undefined`: by them it is decided whose tokens are taken. */
export const OIDC_DECISIONS = [...ISSUER_DECISIONS, 'issuers'] as const;
