import type { DistributedClaims } from '../../issuers/distributed-claims.js';
import type { NamelessIssuer } from '../../issuers/issuer-names.js';
import {
  ISSUER_DECISIONS,
  ISSUER_OPTION_NAMES,
  type IssuerOptions,
  type IssuerRules,
} from '../../issuers/issuer-record.js';
import type { IssuersResolver } from '../../issuers/issuer-resolver.js';
import type { ConfiguredKeyOptions } from '../../issuers/key-options.js';
import { type NoneOf, namesOf } from '../../options/option-names.js';
import { TOKEN_OPTION_NAMES, type TokenOptions } from '../../pipeline/token-options.js';
import type { IntrospectionOptions } from './introspection-options.js';
import type { TokenApiKeyOptions } from './token-api-key.js';

/** Options of `oidcBearer`, whether for one issuer or for many. */
export interface OidcBearerSettings extends Omit<TokenOptions, 'claims'>, TokenApiKeyOptions {
  /**
   * Seconds after `iat` or `nbf` at which a token without `exp` expires (Consul), 0 to 86400. With it, or with
   * `notBeforeLeeway`, no time claim is required by default.
   * @default undefined, `exp` is required; 150 where `notBeforeLeeway` is given
   */
  expirationLeeway?: number | undefined;
  /**
   * Seconds before `exp` from which a token without `nbf` and `iat` is valid (Consul), 0 to 86400.
   * @default undefined; 150 where `expirationLeeway` is given
   */
  notBeforeLeeway?: number | undefined;
  /**
   * Function that fetches a claim which stands outside the token (OpenID Connect Core section 5.6.2), such as the groups
   * of a person in too many of them for Entra to list. It is asked once per token, within 5 seconds.
   * @default undefined, such a claim is absent, and an event `claim_ignored` tells it
   */
  distributedClaims?: DistributedClaims | undefined;
}

/** Options of `oidcBearer` for one issuer, beside those of the issuer itself. */
export interface SingleIssuer {
  /**
   * Introspection of opaque tokens, for one issuer. The provider's answer must meet the rules for a JWT's claims:
   * issuer (where it names one), audience, times, kind. `exp` is not required unless `requiredClaims` says so, because
   * the provider has called the token active. Validators receive the header `{ alg: 'none' }`.
   * @default undefined, an opaque token is `token_malformed`
   * @see {@link https://www.rfc-editor.org/rfc/rfc7662 | RFC 7662}
   */
  introspection?: IntrospectionOptions | undefined;
}

/** Options of one issuer, with a name or without. */
export type OneIssuer =
  | IssuerOptions
  | (NamelessIssuer & Omit<IssuerRules, 'tenants'> & { tenants?: never } & ConfiguredKeyOptions);

/** Options of `oidcBearer` for many issuers. */
interface ManyIssuers extends NoneOf<OneIssuer & SingleIssuer> {
  /**
   * Function that returns the options of an issuer, for many tenants; in place of `issuer` and everything about its
   * keys.
   */
  issuers: IssuersResolver;
  /**
   * Seconds for which an answer of `issuers` is cached, 0 to 86400: a tenant that is taken out is refused after that
   * time at the latest. 0: every request asks.
   * @default 60
   */
  issuersTtl?: number | undefined;
}

/** Options of `oidcBearer`: for one issuer, or for many by `issuers`. */
export type OidcBearerOptions = OidcBearerSettings &
  ((OneIssuer & SingleIssuer & { issuers?: never; issuersTtl?: never }) | ManyIssuers);

/** Names of {@link OidcBearerOptions}. */
export const OIDC_OPTION_NAMES = namesOf<OidcBearerOptions>()(
  {
    apiKeys: true,
    introspection: true,
    issuers: true,
    issuersTtl: true,
    expirationLeeway: true,
    notBeforeLeeway: true,
    distributedClaims: true,
  },
  TOKEN_OPTION_NAMES,
  ISSUER_OPTION_NAMES,
);

/** Names of options that may be left out but not set to `undefined`, because they decide which tokens are accepted. */
export const OIDC_DECISIONS = [...ISSUER_DECISIONS, 'issuers'] as const;
