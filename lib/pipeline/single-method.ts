import { type Awaitable, after, settle } from '../clock/awaitable.js';
import { asAuthError } from '../errors/auth-error.js';
import { emit } from '../events/auth-event.js';
import { type FoundToken, findToken } from '../tokens/find-token.js';
import type { AuthRequest } from '../tokens/request.js';
import type { TokenSource } from '../tokens/token-source.js';
import type { UserDirectory } from '../users/user-directory.js';
import type { AuthMethod } from './auth-method.js';
import { type Authenticator, PresentedToken, registerAuthenticator } from './authenticator.js';
import type { MethodSettings } from './method-settings.js';
import { asMiddleware, tellAccepted, type Verdict } from './middleware.js';

const NOTHING: readonly TokenSource[] = [];

/** Verifies a token by the method it belongs to, finds its user, and says which places it is to leave. */
export function verdictOf(
  authenticator: Authenticator,
  presented: PresentedToken,
  req: AuthRequest,
  fallback?: UserDirectory,
): Awaitable<Verdict> {
  const users = authenticator.users ?? fallback;
  const verified = authenticator.verify(presented, req);
  const attached = users === undefined ? verified : after(verified, (principal) => users.attach(principal, req));
  return after(attached, (principal) => {
    const strip = authenticator.stripCredential ? presented.sources : NOTHING;
    return { principal, strip, announce: authenticator.announce };
  });
}

/** The same, told to the listeners of the method itself. @throws AuthError */
export function judgeBy(
  authenticator: Authenticator,
  presented: PresentedToken,
  req: AuthRequest,
  fallback?: UserDirectory,
): Awaitable<Verdict> {
  const { name, listeners } = authenticator;
  return settle(
    () => verdictOf(authenticator, presented, req, fallback),
    (verdict) => {
      tellAccepted(listeners, verdict.principal);
      return verdict;
    },
    (thrown): never => {
      const error = asAuthError(thrown);
      error.method = name;
      emit(listeners, { type: 'refused', method: name, code: error.code, status: error.status, error });
      throw error;
    },
  );
}

/** One authenticator behind a settings of its own. */
export function asSingleMethod(settings: MethodSettings, inner: Authenticator): AuthMethod {
  const authenticator: Authenticator = { ...inner, users: settings.users };
  const judgeFound = (found: FoundToken | undefined, req: AuthRequest) =>
    found && verdictOf(authenticator, new PresentedToken(found), req);
  const method = asMiddleware(settings, {
    sources: authenticator.sources,
    ownHeaders: authenticator.ownHeaders ?? [],
    decide: (req) => after(findToken(authenticator.sources, req), (found) => judgeFound(found, req)),
    ready: authenticator.ready,
    health: authenticator.health,
    invalidate: (change) => settings.users?.invalidate(change),
    async close() {
      settings.users?.close();
      await inner.close();
    },
  });
  registerAuthenticator(method, authenticator);
  return method;
}
