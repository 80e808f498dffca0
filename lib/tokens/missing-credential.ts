import type { ErrorDetail } from '../errors/error-detail.js';
import type { AuthRequest } from './request.js';
import type { TokenSource } from './token-source.js';

/** Matches the name of an authentication scheme, and is too short for a token. */
const SCHEME = /^[a-z][a-z0-9-]{0,19}$/i;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** Returns a hint on what is wrong with an `Authorization` header in which no credential was found. */
function authorizationHint({ headers: { authorization = '' } }: AuthRequest, scheme: string): string | undefined {
  const value = authorization.trim();
  if (value === '') return undefined;
  const space = value.indexOf(' ');
  const isBare = JWT.test(value) || (space === -1 && !SCHEME.test(value));
  if (isBare) return `The Authorization header has a value without a scheme; write "${scheme} " before the token.`;
  const written = space === -1 ? value : value.slice(0, space);
  return SCHEME.test(written)
    ? `The Authorization header has the scheme ${written}, where ${scheme} is expected.`
    : `The Authorization header has another scheme than ${scheme}.`;
}

/**
 * Makes the function that describes a missing credential: where it was looked for, and what stood there instead.
 * Nothing of the header but the name of a scheme is quoted. Called once per method.
 */
export function missingCredential(sources: readonly TokenSource[]): (req: AuthRequest) => ErrorDetail {
  const expected = [...new Set(sources.map(({ place }) => place))];
  const schemes = sources.flatMap(({ place, scheme = 'Bearer' }) => (place === 'header authorization' ? [scheme] : []));
  const written = [...new Set(schemes)].join(' or ');
  return (req) => {
    const hint = written === '' ? undefined : authorizationHint(req, written);
    return { problem: 'no credential was found', expected, hint };
  };
}
