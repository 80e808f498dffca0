import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AuthError, UnauthorizedError } from '../errors/auth-error.js';
import { type NextFunction, refuse } from '../errors/responder.js';
import { reportRefusal } from '../events/request-events.js';
import { refusalStyleOf } from '../pipeline/request-record.js';
import type { Principal } from '../principal/principal.js';
import { findPrincipal } from '../principal/request-principal.js';

/** A middleware that asks something of the principal. It answers as the auth method before it would. */
export type Guard = (req: IncomingMessage, res: ServerResponse, next: NextFunction) => void;

/** Says what is wrong with a principal, or nothing. */
export type GuardCheck = (principal: Principal) => AuthError | undefined;

/**
 * The one wrapper that all guards share. Nobody at all is a 401; so is an anonymous principal that falls short,
 * because signing in may help.
 */
export function guard(name: string, check: GuardCheck): Guard {
  function guardMiddleware(req: IncomingMessage, res: ServerResponse, next: NextFunction): void {
    const principal = findPrincipal(req);
    const failure = principal === undefined ? new UnauthorizedError('credentials_missing') : check(principal);
    if (failure === undefined) {
      next();
      return;
    }
    const error = principal?.type === 'anonymous' ? new UnauthorizedError('credentials_missing') : failure;
    const style = refusalStyleOf(req);
    error.method ??= principal?.method;
    if (style.report === undefined) reportRefusal({ name, listeners: [] }, error, req);
    else style.report(error, req);
    refuse(error, style, req, res, next);
  }
  return Object.defineProperty(guardMiddleware, 'name', { value: name });
}
