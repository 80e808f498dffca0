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
 * The principal of a request, typed, for handlers that run behind an auth method. Of a request that keeps Node's own
 * under `raw`, as Fastify's does, it is that one's.
 * @throws UnauthorizedError `credentials_missing` if there is none, so that a forgotten middleware is a 401.
 */
export function principalOf(req: IncomingMessage | { readonly raw: IncomingMessage }): Principal {
  // Read only; what else a framework keeps under these names has no principal of ours.
  const { raw, principal = raw?.principal } = req as WithPrincipal & { readonly raw?: WithPrincipal | null };
  if (principal === undefined) throw new UnauthorizedError('credentials_missing');
  return principal;
}
