import type { IncomingMessage } from 'node:http';
import { UnauthorizedError } from '../errors/auth-error.js';
import type { Principal } from './principal.js';

declare global {
  namespace Express {
    interface Request {
      /** Who the request is; set by `jwtAuth()` and the single auth methods. */
      principal?: Principal;
    }
  }
}

/** A request as far as the principal is concerned. */
export type WithPrincipal = IncomingMessage & { principal?: Principal };

/** The only property that is ever written on a request. */
export function setPrincipal(req: WithPrincipal, principal: Principal): void {
  req.principal = principal;
}

/** The principal, or `undefined` where no method has found one. */
export function findPrincipal(req: WithPrincipal): Principal | undefined {
  return req.principal;
}

/**
 * The principal of a request, typed, for handlers that run behind an auth method.
 * @throws UnauthorizedError `credentials_missing` if there is none, so that a forgotten middleware is a 401.
 */
export function principalOf(req: IncomingMessage): Principal {
  const principal = findPrincipal(req);
  if (principal === undefined) throw new UnauthorizedError('credentials_missing');
  return principal;
}
