import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NextFunction } from '../errors/responder.js';
import { createPrincipal, type Principal } from '../principal/principal.js';
import { setPrincipal } from '../principal/request-principal.js';

/**
 * Replaces an auth method in an application's tests: it gives every request this principal and requires no token.
 * Absent members are filled in: type `user`, id `test-user`, method `test`, no groups, roles or scopes. The principal
 * is deep-frozen, as a real one is; its `user` is passed on unchanged.
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
  // A copy, because the principal is deep-frozen and the test's own objects must not be.
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
