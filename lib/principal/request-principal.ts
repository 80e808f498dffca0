import type { IncomingMessage } from 'node:http';
import { UnauthorizedError } from '../errors/auth-error.js';
import type { Principal } from './principal.js';

declare global {
  namespace Express {
    interface Request {
      /** Principal of the request; set by `jwtAuth()` and the single auth methods. */
      principal?: Principal;
    }
  }
}

/** Request with a principal. */
export type WithPrincipal = IncomingMessage & { principal?: Principal };

/** A request behind an auth method and a guard, whose principal is there. `Req` is the framework's own type of requests. */
export type AuthenticatedRequest<Req extends IncomingMessage = IncomingMessage> = Req & { principal: Principal };

/** Sets the principal of a request, the only property that Sallyport writes on it. */
export function setPrincipal(req: WithPrincipal, principal: Principal): void {
  req.principal = principal;
}

/** Returns the principal of a request; `undefined` where no method set one. */
export function findPrincipal(req: WithPrincipal): Principal | undefined {
  return req.principal;
}

/**
 * Returns the principal of a request, typed, in handlers behind an auth method. A Fastify request keeps Node's own
 * under `raw`, whose principal is returned.
 * @throws {UnauthorizedError} `credentials_missing` when there is none, so that a forgotten middleware is a 401.
 */
export function principalOf(req: IncomingMessage | { readonly raw: IncomingMessage }): Principal {
  // Cast: both members are only read, and a framework's own value under these names has no principal.
  const { raw, principal = raw?.principal } = req as WithPrincipal & { readonly raw?: WithPrincipal | null };
  if (principal === undefined) throw new UnauthorizedError('credentials_missing');
  return principal;
}
