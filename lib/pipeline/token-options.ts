import { emit } from '../events/auth-event.js';
import { assertBoolean, assertSeconds, assertStrings } from '../options/assertions.js';
import { namesOf } from '../options/option-names.js';
import {
  type ClaimMapping,
  compileClaimMapping,
  type MappedClaims,
  type OnIgnored,
} from '../principal/claim-mapping.js';
import { compileRoleBindings, mappedNames, type RoleBinding } from '../principal/role-bindings.js';
import { compileScopes, type ScopeOptions } from '../principal/scope-hierarchy.js';
import { resolveSubjects, type SubjectRule, type Subjects } from '../principal/subject-kind.js';
import { NONE, union } from '../principal/union.js';
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

/** What every method that reads a JWT has in common. */
export interface TokenOptions extends MethodOptions {
  /**
   * Where the token stands: one source, several, or a function.
   * @default fromBearer()
   */
  tokenFrom?: TokenFrom | undefined;
  /**
   * Seconds by which clocks may differ, 0 to 300.
   * @default 60
   */
  clockTolerance?: number | undefined;
  /**
   * Claims that must be there; `[]` takes tokens that never expire.
   * @default ['exp']
   */
  requiredClaims?: readonly string[] | undefined;
  /**
   * Longest lifetime, in seconds from `iat` to `exp`, 1 to 31536000.
   * @default undefined, no limit
   */
  maxLifetime?: number | undefined;
  /**
   * Which claims become which part of the principal.
   * @default the standard claims; none of a consumer's token
   */
  claims?: ClaimMapping | undefined;
  /**
   * Roles by what the mapped claims say, as Consul's binding rules. All bindings that match apply.
   * @default []
   */
  roleBindings?: readonly RoleBinding[] | undefined;
  /**
   * Which scopes contain others, as `{ implies: { admin: ['write', 'read'] } }`, for the guards and the application.
   * @default undefined, every scope stands for itself
   */
  scopes?: ScopeOptions | undefined;
  /**
   * Whether tokens speak for people or for programs. `auto` knows programs by what providers write; a function says it
   * where nothing in a token tells. Programs are of type `client` and are never registered as users.
   * @default 'auto'
   */
  subjects?: Subjects | undefined;
  /**
   * Rules of your own: anything but `true` refuses the token with `claim_invalid`.
   * @default []
   */
  validators?: TokenValidator | readonly TokenValidator[] | undefined;
  /**
   * Whether a token was withdrawn. A rejection is an outage (503), never a pass.
   * @default undefined, nobody is asked
   */
  isRevoked?: IsRevoked | undefined;
  /**
   * Whether tokens that come again are remembered, within bounds; times, revocation, keys, credentials and users are looked
   * at again on every request all the same.
   * @default true
   */
  cache?: boolean | TokenCacheOptions | undefined;
  /**
   * `true`: the credential that was used leaves the request before the next handler.
   * @default false
   */
  stripCredential?: boolean | undefined;
}

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
  /** Bounds of the method's cache; `undefined`: it has none. */
  readonly cache: TokenCacheOptions | undefined;
  /** What the claims say, by the mapping and the role bindings. */
  readonly identify: (content: TokenClaims) => Identified;
}

/** Mapped claims, and the roles that they and the bindings give. */
export interface Identified {
  readonly mapped: MappedClaims;
  readonly roles: readonly string[];
}

/** More than five minutes of tolerance hides a broken clock (RFC 7519 section 4.1.4 speaks of "a few minutes"). */
const MAX_CLOCK_TOLERANCE = 300;
const MAX_LIFETIME = 31_536_000;

const issuerIn = ({ claims }: TokenClaims) => (typeof claims.iss === 'string' ? claims.iss : undefined);

type IdentifyOptions = Pick<TokenOptions, 'name' | 'claims' | 'roleBindings' | 'scopes' | 'onEvent'>;

/** Checks how claims become a principal, and says how they do. @throws ConfigurationError */
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
  return (content) => {
    const said = mapClaims(content, onIgnored);
    const mapped = scopes === undefined ? said : { ...said, scopes: withImplied(said.scopes ?? NONE) };
    const bound = bindsNone ? [] : boundRoles({ ...mapped, issuer: issuerIn(content), claims: content.claims });
    return { mapped, roles: union(mapped.roles, bound) };
  };
}

/** Checks the options that token methods share. @throws ConfigurationError */
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
