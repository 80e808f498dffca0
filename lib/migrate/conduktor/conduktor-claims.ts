import { missingClaim } from '../../errors/token-refusals.js';
import type { ClaimMapping } from '../../principal/claim-mapping.js';
import { readCompactToken } from '../../tokens/compact-token.js';
import type { TokenReader } from '../../tokens/presented-token.js';
import type { TokenValidator } from '../../verification/token-checks.js';
import type { JwtAuthSettings } from './jwt-auth-settings.js';

type ClaimNames = Pick<JwtAuthSettings, 'usernameClaim' | 'groupsClaim'>;

/** Names of claims are literal in Conduktor, so as a path they are one segment, whatever they begin with. */
export function conduktorClaims({ usernameClaim, groupsClaim }: ClaimNames): ClaimMapping {
  return {
    // The e-mail is what names a person there, so a token without `sub` still names one.
    subject: ({ sub, [usernameClaim]: email }) => (sub === undefined || sub === '' ? email : sub),
    username: [usernameClaim],
    email: [usernameClaim],
    // The provider vouches for the claim `email`, and for no other that is used in its place.
    emailVerified: usernameClaim === 'email' ? 'email_verified' : () => undefined,
    groups: [groupsClaim],
  };
}

/**
 * A token needs an e-mail, or an API key in its place; a key that nobody looks at is no credential.
 * The validator throws InvalidTokenError `claim_missing`.
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
