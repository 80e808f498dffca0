import { advise } from '../errors/warnings.js';
import { emit } from '../events/auth-event.js';
import { assertBoolean, assertSeconds, assertStrings } from '../options/assertions.js';
import { compileClaimMapping, type OnIgnored } from '../principal/claim-mapping.js';
import type { ClaimMapping, MappedClaims } from '../principal/mapped-claims.js';
import { NONE, union } from '../principal/principal.js';
import { compileRoleBindings, mappedNames } from '../principal/role-bindings.js';
import { compileScopes } from '../principal/scope-hierarchy.js';
import { resolveSubjects, type SubjectRule } from '../principal/subject-kind.js';
import type { TokenClaims } from '../tokens/compact-token.js';
import { resolveTokenSources } from '../tokens/find-token.js';
import { fromBearer } from '../tokens/from-header.js';
import type { TokenSource } from '../tokens/token-source.js';
import type { ClaimRules } from '../verification/claim-rules.js';
import { resolveTokenChecks, type TokenChecks } from '../verification/token-checks.js';
import { resolveTokenCache, type TokenCacheOptions } from '../verification/verified-token-cache.js';
import type { MethodOptions } from './method-settings.js';
import type { ClaimOptions, TokenOptions } from './token-options.js';

/** Resolved {@link ClaimOptions}. */
export interface ClaimPolicy {
  readonly rules: ClaimRules;
  readonly checks: TokenChecks;
  readonly subjects: SubjectRule;
  /**
   * Maps the claims, and gives roles by the role bindings.
   * @param issuer name of the issuer's identities. Default: `iss`.
   */
  readonly identify: (content: TokenClaims, issuer?: string) => Identified;
}

/** Resolved {@link TokenOptions}, without those of every method. */
export interface TokenPolicy extends ClaimPolicy {
  readonly sources: readonly TokenSource[];
  readonly stripCredential: boolean;
  /** Bounds of the token cache; `undefined`: tokens are not cached. */
  readonly cache: TokenCacheOptions | undefined;
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
const YEAR = 31_536_000;

const issuerIn = ({ claims }: TokenClaims) => (typeof claims.iss === 'string' ? claims.iss : undefined);

type IdentifyOptions = Pick<ClaimOptions & MethodOptions, 'name' | 'claims' | 'roleBindings' | 'scopes' | 'onEvent'>;

/**
 * Resolves the options for mapping claims to a function that maps them.
 * @throws {ConfigurationError} when a mapping or a role binding is wrong.
 */
export function resolveIdentify(
  factory: string,
  { name = factory, claims = {}, roleBindings = [], scopes, onEvent }: IdentifyOptions,
  defaults: ClaimMapping,
): ClaimPolicy['identify'] {
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

/** Warns of tokens that may never end, unless the ends of those without `exp` are worked out, as Consul does. */
function adviseOnEnds(factory: string, options: ClaimOptions, requiredClaims: readonly string[]): void {
  const isWorkedOut = 'expirationLeeway' in options || 'notBeforeLeeway' in options;
  const isBounded = options.maxAge !== undefined || options.maxLifetime !== undefined;
  if (requiredClaims.includes('exp') || isBounded || isWorkedOut) return;
  advise(`${factory}.requiredClaims`, 'takes tokens that never end; leave requiredClaims out, or set maxAge');
}

/**
 * Resolves {@link ClaimOptions}.
 * @param options `name` and `onEvent` are those of the method, for events about its tokens.
 * @throws {ConfigurationError} when an option is wrong.
 */
export function resolveClaimPolicy(
  factory: string,
  options: ClaimOptions & Pick<MethodOptions, 'name' | 'onEvent'>,
  defaults: ClaimMapping,
): ClaimPolicy {
  const { clockTolerance = 60, requiredClaims = ['exp'], maxLifetime, maxAge } = options;
  assertSeconds(`${factory}.clockTolerance`, clockTolerance, { min: 0, max: MAX_CLOCK_TOLERANCE });
  assertStrings(`${factory}.requiredClaims`, requiredClaims);
  if (maxLifetime !== undefined) assertSeconds(`${factory}.maxLifetime`, maxLifetime, { min: 1, max: YEAR });
  if (maxAge !== undefined) assertSeconds(`${factory}.maxAge`, maxAge, { min: 1, max: YEAR });
  adviseOnEnds(factory, options, requiredClaims);
  return {
    rules: { clockTolerance, requiredClaims: [...requiredClaims], maxLifetime, maxAge },
    checks: resolveTokenChecks(factory, options.validators, options.isRevoked),
    subjects: resolveSubjects(`${factory}.subjects`, options.subjects),
    identify: resolveIdentify(factory, options, defaults),
  };
}

/**
 * Resolves {@link TokenOptions}.
 * @throws {ConfigurationError} when an option is wrong.
 */
export function resolveTokenPolicy(factory: string, options: TokenOptions, defaults: ClaimMapping = {}): TokenPolicy {
  const { tokenFrom = fromBearer(), stripCredential = false } = options;
  assertBoolean(`${factory}.stripCredential`, stripCredential);
  return {
    sources: resolveTokenSources(`${factory}.tokenFrom`, tokenFrom),
    ...resolveClaimPolicy(factory, options, defaults),
    stripCredential,
    cache: resolveTokenCache(`${factory}.cache`, options.cache),
  };
}
