import { namesOf } from '../options/option-names.js';
import type { ClaimMapping } from '../principal/mapped-claims.js';
import type { RoleBinding } from '../principal/role-bindings.js';
import type { ScopeOptions } from '../principal/scope-hierarchy.js';
import type { Subjects } from '../principal/subject-kind.js';
import type { TokenFrom } from '../tokens/token-source.js';
import type { IsRevoked, TokenValidator } from '../verification/token-checks.js';
import type { TokenCacheOptions } from '../verification/verified-token-cache.js';
import { METHOD_OPTION_NAMES, type MethodOptions } from './method-settings.js';

/** Options that decide about the claims of a token: which are accepted, and who they stand for. */
export interface ClaimOptions {
  /**
   * Seconds by which the issuer's clock and this one may differ, 0 to 300.
   * @default 60
   */
  clockTolerance?: number | undefined;
  /**
   * Claims that a token must have; `[]` accepts tokens that never expire.
   * @default ['exp']
   */
  requiredClaims?: readonly string[] | undefined;
  /**
   * Longest lifetime of a token in seconds, from `iat` to `exp`, 1 to 31536000.
   * @default undefined, no limit
   */
  maxLifetime?: number | undefined;
  /**
   * Greatest age of a token in seconds after its `iat`, whatever its `exp` says, 1 to 31536000. An older one is
   * `token_expired`, one without `iat` is `claim_missing`; cached tokens are checked as well.
   * @default undefined, no limit
   */
  maxAge?: number | undefined;
  /**
   * Claims by the member of the principal that they become.
   * @default the standard claims; none of a consumer's token
   */
  claims?: ClaimMapping | undefined;
  /**
   * Rules that give roles by the mapped claims, as Consul's binding rules do. Every rule that matches applies.
   * @default []
   */
  roleBindings?: readonly RoleBinding[] | undefined;
  /**
   * Scope hierarchy: which scopes contain others, as `{ implies: { admin: ['write', 'read'] } }`.
   * @default undefined, no scope contains another
   */
  scopes?: ScopeOptions | undefined;
  /**
   * Whether tokens stand for people or for programs. `auto` recognises programs by the claims of known providers; a
   * function decides where no claim tells. Programs have the type `client` and are never registered as users.
   * @default 'auto'
   */
  subjects?: Subjects | undefined;
  /**
   * Functions that check the verified claims. Any answer but `true` refuses the token with `claim_invalid`.
   * @default []
   */
  validators?: TokenValidator | readonly TokenValidator[] | undefined;
  /**
   * Function that tells whether a token is revoked. A rejection is an outage (503), never a pass.
   * @default undefined, revocation is not checked
   */
  isRevoked?: IsRevoked | undefined;
}

/** Names of {@link ClaimOptions}. */
export const CLAIM_OPTION_NAMES = namesOf<ClaimOptions>()({
  clockTolerance: true,
  requiredClaims: true,
  maxLifetime: true,
  maxAge: true,
  claims: true,
  roleBindings: true,
  scopes: true,
  subjects: true,
  validators: true,
  isRevoked: true,
});

/** Options that every auth method over JWTs has. */
export interface TokenOptions extends MethodOptions, ClaimOptions {
  /**
   * Token source, or several, or a function that returns the token.
   * @default fromBearer()
   */
  tokenFrom?: TokenFrom | undefined;
  /**
   * Whether verified tokens are cached, within bounds. Times, revocation, keys, credentials and users are still checked
   * on every request.
   * @default true
   */
  cache?: boolean | TokenCacheOptions | undefined;
  /**
   * Whether the credential is removed from the request before the next handler.
   * @default false
   */
  stripCredential?: boolean | undefined;
}

/** Names of {@link TokenOptions}. */
export const TOKEN_OPTION_NAMES = namesOf<TokenOptions>()(
  { tokenFrom: true, cache: true, stripCredential: true },
  CLAIM_OPTION_NAMES,
  METHOD_OPTION_NAMES,
);
