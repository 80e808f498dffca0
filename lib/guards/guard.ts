import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AuthError, UnauthorizedError } from '../errors/auth-error.js';
import { type NextFunction, type RefusalStyle, refuse } from '../errors/responder.js';
import { reportRefusal } from '../events/request-events.js';
import { refusalStyleOf } from '../pipeline/request-record.js';
import type { Principal } from '../principal/principal.js';
import { findPrincipal, principalOf } from '../principal/request-principal.js';

/** A middleware that asks something of the principal. It answers as the auth method before it would. */
export interface Guard {
  (req: IncomingMessage, res: ServerResponse, next: NextFunction): void;
  /**
   * Asks it of a request without answering, for other frameworks and sockets, and returns the principal.
   * @throws {AuthError} with the challenge of the auth method before it, when the guard refuses.
   */
  check(req: IncomingMessage): Principal;
  /** Whether the guard lets a principal pass. */
  test(principal: Principal): boolean;
}

/** Says what is wrong with a principal, or nothing. */
export type GuardCheck = (principal: Principal) => AuthError | undefined;

/**
 * Makes a guard of a check. Nobody at all is a 401; so is an anonymous principal that falls short, because signing in
 * may help.
 */
export function guard(name: string, check: GuardCheck): Guard {
  function failureOf(principal: Principal | undefined): AuthError | undefined {
    if (principal === undefined) return new UnauthorizedError('credentials_missing');
    const failure = check(principal);
    const mayHelp = failure !== undefined && principal.type === 'anonymous';
    return mayHelp ? new UnauthorizedError('credentials_missing') : failure;
  }
  function report(error: AuthError, req: IncomingMessage): RefusalStyle {
    const style = refusalStyleOf(req);
    error.method ??= findPrincipal(req)?.method;
    if (style.report === undefined) reportRefusal({ name, listeners: [] }, error, req);
    else style.report(error, req);
    return style;
  }
  function guardMiddleware(req: IncomingMessage, res: ServerResponse, next: NextFunction): void {
    const error = failureOf(findPrincipal(req));
    if (error === undefined) next();
    else refuse(error, report(error, req), req, res, next);
  }
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
    test: (principal: Principal) => failureOf(principal) === undefined,
  });
}
