import { emit } from '../events/auth-event.js';
import { assertBoolean, assertSeconds, assertStrings } from '../options/assertions.js';
import { namesOf } from '../options/option-names.js';
import { compileClaimMapping, type OnIgnored } from '../principal/claim-mapping.js';
import type { ClaimMapping, MappedClaims } from '../principal/mapped-claims.js';
import { NONE, union } from '../principal/principal.js';
import { compileRoleBindings, mappedNames, type RoleBinding } from '../principal/role-bindings.js';
import { compileScopes, type ScopeOptions } from '../principal/scope-hierarchy.js';
import { resolveSubjects, type SubjectRule, type Subjects } from '../principal/subject-kind.js';
import type { TokenClaims } from '../tokens/compact-token.js';
import { resolveTokenSources } from '../tokens/find-token.js';
import { fromBearer } from '../tokens/from-header.js';
import type { TokenFrom, TokenSource } from '../tokens/token-source.js';
import type { ClaimRules } from '../verification/claim-rules.js';
import {
  type IsRevoked,
  resolveTokenChecks,
  type TokenChecks,
  type TokenValidator,
} from '../verification/token-checks.js';
import { resolveTokenCache, type TokenCacheOptions } from '../verification/verified-token-cache.js';
import { METHOD_OPTION_NAMES, type MethodOptions } from './method-settings.js';

/** Options that every auth method over JWTs has. */
export interface TokenOptions extends MethodOptions {
  /**
   * Token source, or several, or a function that returns the token.
   * @default fromBearer()
   */
  tokenFrom?: TokenFrom | undefined;
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
  {
    tokenFrom: true,
    clockTolerance: true,
    requiredClaims: true,
    maxLifetime: true,
    claims: true,
    roleBindings: true,
    scopes: true,
    subjects: true,
    validators: true,
    isRevoked: true,
    cache: true,
    stripCredential: true,
  },
  METHOD_OPTION_NAMES,
);

/** Resolved {@link TokenOptions}, without those of every method. */
export interface TokenPolicy {
  readonly sources: readonly TokenSource[];
  readonly rules: ClaimRules;
  readonly checks: TokenChecks;
  readonly subjects: SubjectRule;
  readonly stripCredential: boolean;
  /** Bounds of the token cache; `undefined`: tokens are not cached. */
  readonly cache: TokenCacheOptions | undefined;
  /**
   * Maps the claims, and gives roles by the role bindings.
   * @param issuer name of the issuer's identities. Default: `iss`.
   */
  readonly identify: (content: TokenClaims, issuer?: string) => Identified;
}

/** Mapped claims, and the roles that they and the role bindings give. */
export interface Identified {
  readonly mapped: MappedClaims;
  readonly roles: readonly string[];
}

/**
 * Largest clock tolerance in seconds; more than five minutes would hide a broken clock (RFC 7519 section 4.1.4: "a few
 * minutes").
 */
const MAX_CLOCK_TOLERANCE = 300;
const MAX_LIFETIME = 31_536_000;

const issuerIn = ({ claims }: TokenClaims) => (typeof claims.iss === 'string' ? claims.iss : undefined);

type IdentifyOptions = Pick<TokenOptions, 'name' | 'claims' | 'roleBindings' | 'scopes' | 'onEvent'>;

/**
 * Resolves the options for mapping claims to a function that maps them.
 * @throws {ConfigurationError} when a mapping or a role binding is wrong.
 */
export function resolveIdentify(
  factory: string,
  { name = factory, claims = {}, roleBindings = [], scopes, onEvent }: IdentifyOptions,
  defaults: ClaimMapping,
): TokenPolicy['identify'] {
  const mapClaims = compileClaimMapping(`${factory}.claims`, claims, defaults);
  const boundRoles = compileRoleBindings(
    `${factory}.roleBindings`,
    roleBindings,
    mappedNames({ ...defaults, ...claims }),
  );
  const withImplied = compileScopes(`${factory}.scopes`, scopes);
  const bindsNone = roleBindings.length === 0;
  const onIgnored: OnIgnored | undefined =
    onEvent &&
    (({ field, claim }) =>
      emit([onEvent], { type: 'claim_ignored', method: name, field, ...(claim === undefined ? {} : { claim }) }));
  return (content, issuer = issuerIn(content)) => {
    const said = mapClaims(content, onIgnored);
    const mapped = scopes === undefined ? said : { ...said, scopes: withImplied(said.scopes ?? NONE) };
    const bound = bindsNone ? [] : boundRoles({ ...mapped, issuer, claims: content.claims });
    return { mapped, roles: union(mapped.roles, bound) };
  };
}

/**
 * Resolves {@link TokenOptions}.
 * @throws {ConfigurationError} when an option is wrong.
 */
export function resolveTokenPolicy(factory: string, options: TokenOptions, defaults: ClaimMapping = {}): TokenPolicy {
  const {
    tokenFrom = fromBearer(),
    clockTolerance = 60,
    requiredClaims = ['exp'],
    maxLifetime,
    stripCredential = false,
  } = options;
  assertSeconds(`${factory}.clockTolerance`, clockTolerance, { min: 0, max: MAX_CLOCK_TOLERANCE });
  assertStrings(`${factory}.requiredClaims`, requiredClaims);
  if (maxLifetime !== undefined) assertSeconds(`${factory}.maxLifetime`, maxLifetime, { min: 1, max: MAX_LIFETIME });
  assertBoolean(`${factory}.stripCredential`, stripCredential);
  return {
    sources: resolveTokenSources(`${factory}.tokenFrom`, tokenFrom),
    rules: { clockTolerance, requiredClaims: [...requiredClaims], maxLifetime },
    checks: resolveTokenChecks(factory, options.validators, options.isRevoked),
    subjects: resolveSubjects(`${factory}.subjects`, options.subjects),
    stripCredential,
    cache: resolveTokenCache(`${factory}.cache`, options.cache),
    identify: resolveIdentify(factory, options, defaults),
  };
}
