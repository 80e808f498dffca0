import { after } from '../clock/awaitable.js';
import { checkOptionNames } from '../options/check-options.js';
import type { MethodOptions } from '../pipeline/method-settings.js';
import type { ClaimOptions } from '../pipeline/token-options.js';
import { type ClaimPolicy, resolveClaimPolicy } from '../pipeline/token-policy.js';
import type { ClaimMapping } from '../principal/mapped-claims.js';
import type { TokenChecks } from '../verification/token-checks.js';

/** Function that completes the claim options of one issuer by those of the method. */
export type PolicyResolver = (factory: string, own: ClaimOptions) => ClaimPolicy;

/** Options of the method, as they hold for issuers that have none of their own. */
type SharedOptions = ClaimOptions & Pick<MethodOptions, 'name' | 'onEvent'>;

/** Joins the checks of the method with those of an issuer: a token has to pass both. */
function bothChecks(shared: TokenChecks, own: TokenChecks): TokenChecks {
  const { isRevoked } = shared;
  const isRevokedHere = own.isRevoked;
  return {
    validators: [...shared.validators, ...own.validators],
    isRevoked:
      isRevoked === undefined || isRevokedHere === undefined
        ? (isRevoked ?? isRevokedHere)
        : (claims, context) =>
            after(isRevoked(claims, context), (revoked) => (revoked === false ? isRevokedHere(claims, context) : true)),
  };
}

function bothClaims(option: string, shared: ClaimMapping | undefined, own: ClaimMapping | undefined): ClaimMapping {
  if (own === undefined) return shared ?? {};
  // The mapping checks the names itself; here it only has to be an object.
  checkOptionNames(option, own, Object.keys(own ?? {}));
  return { ...shared, ...own };
}

/**
 * Makes the function that resolves the claim options of one issuer. They replace those of the method, in `claims`
 * member by member; `validators` and `isRevoked` are added to the method's, so that no answer turns those off.
 * @param method resolved options of the method.
 */
export function policyResolver(shared: SharedOptions, method: ClaimPolicy, defaults: ClaimMapping): PolicyResolver {
  return (factory, own) => {
    const { validators, isRevoked } = own;
    const claims = bothClaims(`${factory}.claims`, shared.claims, own.claims);
    const policy = resolveClaimPolicy(factory, { ...shared, ...own, claims, validators, isRevoked }, defaults);
    const rules = { ...policy.rules, leeways: method.rules.leeways };
    return { ...policy, rules, checks: bothChecks(method.checks, policy.checks) };
  };
}
