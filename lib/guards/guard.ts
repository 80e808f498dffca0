import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AuthError, ForbiddenError, UnauthorizedError } from '../errors/auth-error.js';
import { type NextFunction, type RefusalStyle, refuse } from '../errors/responder.js';
import { reportRefusal } from '../events/request-events.js';
import { assertFunction } from '../options/assertions.js';
import { refusalStyleOf } from '../pipeline/request-record.js';
import { type AuthenticatedRequest, findPrincipal, type Principal, principalOf } from '../principal/principal.js';

/**
 * Middleware that lets a request pass only if its principal meets a condition. A refusal is answered in the style of
 * the auth method before it.
 */
export interface Guard {
  (req: IncomingMessage, res: ServerResponse, next: NextFunction): void;
  /**
   * Checks a request without answering it, for other frameworks and sockets, and returns the principal.
   * @throws {AuthError} when the guard refuses; it carries the challenge of the auth method before the guard.
   */
  check(req: IncomingMessage): Principal;
  /** Whether the guard would let a principal pass; `false`, with a warning, where its function throws. */
  test(principal: Principal): boolean;
  /**
   * Puts a handler behind the guard, in which TypeScript knows that `req.principal` is there.
   *
   * ```ts
   * app.get('/me', requirePrincipal().protect((req: AuthenticatedRequest<Request>, res: Response) => res.json(req.principal.id)));
   * ```
   * @throws {ConfigurationError} when the handler is no function.
   */
  protect<Req extends IncomingMessage, Res extends ServerResponse>(
    handler: (req: AuthenticatedRequest<Req>, res: Res, next: NextFunction) => unknown,
  ): (req: Req, res: Res, next: NextFunction) => unknown;
}

/** Returns the refusal of a principal, or `undefined` where it passes. */
export type GuardCheck = (principal: Principal) => AuthError | undefined;

/** Returns the refusal of a request, by what is known of its principal. */
function failureIn(check: GuardCheck, principal: Principal | undefined): AuthError | undefined {
  if (principal === undefined) return new UnauthorizedError('credentials_missing');
  const failure = check(principal);
  // Signing in does not mend the application's own fault.
  const mayHelp = ForbiddenError.is(failure) && principal.type === 'anonymous';
  return mayHelp ? new UnauthorizedError('credentials_missing') : failure;
}

/**
 * Makes a guard out of a check. A request without a principal is a 401; so is an anonymous principal that fails the
 * check, because signing in may help.
 */
export function guard(name: string, check: GuardCheck): Guard {
  const failureOf = (principal: Principal | undefined) => failureIn(check, principal);
  function report(error: AuthError, req: IncomingMessage): RefusalStyle {
    const style = refusalStyleOf(req);
    error.method ??= findPrincipal(req)?.method;
    if (style.report === undefined) reportRefusal({ name, listeners: [] }, error, req);
    else style.report(error, req);
    return style;
  }
  function runBehind(next: () => unknown, req: IncomingMessage, res: ServerResponse, onward: NextFunction): unknown {
    const error = failureOf(findPrincipal(req));
    if (error === undefined) return next();
    return refuse(error, report(error, req), req, res, onward);
  }
  const guardMiddleware = (req: IncomingMessage, res: ServerResponse, next: NextFunction): void => {
    runBehind(next, req, res, next);
  };
  const protect: Guard['protect'] = (handler) => {
    assertFunction(`${name}.protect`, handler);
    // The guard lets nobody pass without a principal, which the type of a request cannot know.
    return (req, res, next) =>
      runBehind(() => handler(req as AuthenticatedRequest<typeof req>, res, next), req, res, next);
  };
  function checkRequest(req: IncomingMessage): Principal {
    const error = failureOf(findPrincipal(req));
    if (error === undefined) return principalOf(req);
    const { realm, schemes } = report(error, req);
    error.realm ??= realm;
    error.schemes ??= schemes;
    throw error;
  }
  Object.defineProperty(guardMiddleware, 'name', { value: name });
  return Object.assign(guardMiddleware, {
    check: checkRequest,
    protect,
    test: (principal: Principal) => failureOf(principal) === undefined,
  });
}
