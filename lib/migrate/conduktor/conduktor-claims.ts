import { missingClaim } from '../../errors/token-refusals.js';
import type { ClaimPath } from '../../principal/claim-path.js';
import type { ClaimMapping } from '../../principal/mapped-claims.js';
import { readCompactToken } from '../../tokens/compact-token.js';
import type { TokenReader } from '../../tokens/presented-token.js';
import type { TokenValidator } from '../../verification/token-checks.js';
import type { JwtAuthSettings } from './jwt-auth-settings.js';

type ClaimNames = Pick<JwtAuthSettings, 'usernameClaim' | 'groupsClaim' | 'mapsGroups'>;

const isScalar = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value);

/** Reads a claim that the configuration does not name: one of an unfit shape counts as absent. */
function fittingList(name: string): ClaimPath {
  return ({ [name]: value }) =>
    isScalar(value) || (Array.isArray(value) && value.every(isScalar)) ? value : undefined;
}

/** Makes the claim mapping. Names of claims are literal in Conduktor, so as a path they are one segment. */
export function conduktorClaims({ usernameClaim, groupsClaim, mapsGroups }: ClaimNames): ClaimMapping {
  return {
    // The e-mail identifies a person there, so a token without `sub` still does.
    subject: ({ sub, [usernameClaim]: email }) => (sub === undefined || sub === '' ? email : sub),
    username: [usernameClaim],
    email: [usernameClaim],
    // The provider vouches for the claim `email`, and for no other that is used in its place.
    emailVerified: usernameClaim === 'email' ? 'email_verified' : () => undefined,
    groups: mapsGroups ? [groupsClaim] : fittingList(groupsClaim),
  };
}

/**
 * Makes the validator that asks for an e-mail, or for an API key in its place where keys are looked at.
 * @throws {InvalidTokenError} `claim_missing`, when it runs.
 */
export function requireEmail(
  { usernameClaim, apiKeyClaim }: Pick<JwtAuthSettings, 'usernameClaim' | 'apiKeyClaim'>,
  keysCount: boolean,
): TokenValidator {
  return ({ [usernameClaim]: email, [apiKeyClaim]: key }) => {
    if (keysCount && key !== undefined && key !== null) return true;
    if (email === undefined || email === null || email === '') throw missingClaim(usernameClaim);
    return typeof email === 'string';
  };
}

/** Reads tokens without their API key, which is a secret and has no place in a principal. */
export function readerWithoutApiKey(apiKeyClaim: string): TokenReader {
  return (text) => {
    const token = readCompactToken(text);
    const { [apiKeyClaim]: _secret, ...claims } = token.claims;
    return { ...token, claims };
  };
}
