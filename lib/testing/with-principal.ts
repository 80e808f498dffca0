import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NextFunction } from '../errors/responder.js';
import { createPrincipal, type Principal } from '../principal/principal.js';
import { setPrincipal } from '../principal/request-principal.js';

/**
 * Stands in for an auth method in the application's own tests: every request comes from this principal, and no
 * token is asked for. What is left out is filled in: type `user`, id `test-user`, method `test`, no groups, roles
 * or scopes. The principal is deep-frozen, as a real one is; its `user` is passed on as it is.
 *
 * ```ts
 * app.use(withPrincipal({ groups: ['ops'], scopes: ['things:write'] }));
 * ```
 */
export function withPrincipal(
  principal: Partial<Principal> = {},
): (req: IncomingMessage, res: ServerResponse, next: NextFunction) => void {
  const { user, ...fields } = principal;
  const defaults = { type: 'user', id: 'test-user', method: 'test', credential: { kind: 'test' } } as const;
  // A copy, because the freezing goes all the way down and what the test holds is the test's.
  const completed = createPrincipal({
    ...defaults,
    ...structuredClone(fields),
    ...(user === undefined ? {} : { user }),
  });
  return function withPrincipalMiddleware(req, _res, next) {
    setPrincipal(req, completed);
    next();
  };
}
