import { asAuthError } from '../errors/auth-error.js';
import { emit } from '../events/auth-event.js';
import { type FoundToken, findToken } from '../tokens/find-token.js';
import type { AuthRequest } from '../tokens/request.js';
import type { UserDirectory } from '../users/user-directory.js';
import { asMiddleware, tellAccepted, type Verdict } from './as-middleware.js';
import type { AuthMethod } from './auth-method.js';
import { type Authenticator, PresentedToken, registerAuthenticator } from './authenticator.js';
import type { Door } from './door-options.js';

/** Verifies a token by the method it belongs to, finds its user, and says which places it is to leave. */
export async function verdictOf(
  authenticator: Authenticator,
  presented: PresentedToken,
  req: AuthRequest,
  fallback?: UserDirectory,
): Promise<Verdict> {
  const verified = await authenticator.verify(presented, req);
  const users = authenticator.users ?? fallback;
  const principal = users === undefined ? verified : await users.attach(verified, req);
  const strip = authenticator.stripCredential ? presented.sources : [];
  return { principal, strip, announce: authenticator.announce };
}

/** The same, told to the listeners of the method itself. @throws AuthError */
export async function judgeBy(
  authenticator: Authenticator,
  presented: PresentedToken,
  req: AuthRequest,
  fallback?: UserDirectory,
): Promise<Verdict> {
  const { name, listeners } = authenticator;
  try {
    const verdict = await verdictOf(authenticator, presented, req, fallback);
    tellAccepted(listeners, verdict.principal);
    return verdict;
  } catch (thrown) {
    const error = asAuthError(thrown);
    error.method = name;
    emit(listeners, { type: 'refused', method: name, code: error.code, status: error.status, error });
    throw error;
  }
}

/** One authenticator behind a door of its own. */
export function asSingleMethod(door: Door, inner: Authenticator): AuthMethod {
  const authenticator: Authenticator = { ...inner, users: door.users };
  const judgeFound = (found: FoundToken | undefined, req: AuthRequest) =>
    found && verdictOf(authenticator, new PresentedToken(found), req);
  const method = asMiddleware(door, {
    sources: authenticator.sources,
    ownHeaders: authenticator.ownHeaders ?? [],
    decide(req) {
      const found = findToken(authenticator.sources, req);
      return found instanceof Promise ? found.then((late) => judgeFound(late, req)) : judgeFound(found, req);
    },
    ready: authenticator.ready,
    health: authenticator.health,
    invalidate: (change) => door.users?.invalidate(change),
    async close() {
      door.users?.close();
      await inner.close();
    },
  });
  registerAuthenticator(method, authenticator);
  return method;
}
