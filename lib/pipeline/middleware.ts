import type { IncomingMessage, ServerResponse } from 'node:http';
import { settle } from '../clock/awaitable.js';
import { asAuthError } from '../errors/auth-error.js';
import { type NextFunction, refuse } from '../errors/responder.js';
import { assertInvalidation } from '../users/invalidation.js';
import { type AuthMethod, type Middleware, makeMethod } from './auth-method.js';
import type { MethodSettings } from './method-settings.js';
import { type RequestAuthenticator, RequestHandler } from './request-handler.js';
import { clearIdentityHeaders, notePassed, type RequestRecord, recordOf } from './request-record.js';

/** Makes the middleware function, which calls `next` or has the refusal answered. */
function middlewareOf(handler: RequestHandler, authenticator: RequestAuthenticator): Middleware {
  const { style } = handler;
  const only = [style] as const;

  function handle(req: IncomingMessage, res: ServerResponse, next: NextFunction, record: RequestRecord): void {
    clearIdentityHeaders(req, authenticator, record);
    const answer = settle(
      () => handler.admit(req, res, record.taken),
      (tokens) => {
        notePassed(record, only, tokens);
        return next;
      },
      (thrown: unknown) => {
        // An error handler may hand the request on to a guard.
        record.style = style;
        return () => refuse(asAuthError(thrown), style, req, res, next);
      },
    );
    // Call `next` outside the promise, so that a throw in it is uncaught as usual and not a rejection of ours.
    if (answer instanceof Promise) answer.then(queueMicrotask);
    else answer();
  }

  return function authMethodMiddleware(req, res, next) {
    const record = recordOf(req);
    if (!record.passed.includes(style)) {
      handle(req, res, next, record);
      return;
    }
    // The method is mounted twice, or the request was handed on with another credential.
    void handler.carriesSameAsBefore(req, record).then((same) => {
      queueMicrotask(same ? () => next() : () => handle(req, res, next, record));
    });
  };
}

/** Makes an auth method out of settings and an authenticator. */
export function asMiddleware(settings: MethodSettings, authenticator: RequestAuthenticator): AuthMethod {
  const handler = new RequestHandler(settings, authenticator);
  const middleware = middlewareOf(handler, authenticator);
  return makeMethod(middleware, settings.name, {
    authenticate: (req) => handler.authenticate(req),
    require: (req) => handler.require(req),
    invalidate(change) {
      assertInvalidation(settings.name, change);
      authenticator.invalidate(change);
    },
    ready: authenticator.ready,
    health: authenticator.health,
    close: authenticator.close,
  });
}
