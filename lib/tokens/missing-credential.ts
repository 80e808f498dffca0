import type { ErrorDetail } from '../errors/error-detail.js';
import type { AuthRequest } from './request.js';
import type { TokenSource } from './token-source.js';

/** A name of a scheme, and surely no part of a token. */
const SCHEME = /^[a-z][a-z0-9-]{0,19}$/i;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** What probably went wrong where there is an `Authorization` header in which nobody found a credential. */
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
 * Says where a credential was looked for, and what stood in its place: never anything of what stood there but the name
 * of a scheme. Made once for the sources of a method.
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
