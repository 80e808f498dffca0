import { type Awaitable, after, settle } from '../clock/awaitable.js';
import { asAuthError } from '../errors/auth-error.js';
import { tellAccepted, tellRefused } from '../events/request-events.js';
import { type FoundToken, findToken } from '../tokens/find-token.js';
import { PresentedToken } from '../tokens/presented-token.js';
import type { AuthRequest } from '../tokens/request.js';
import type { TokenSource } from '../tokens/token-source.js';
import { underKnownName } from '../users/invalidation.js';
import type { UserDirectory } from '../users/user-directory.js';
import { type Authenticator, type AuthMethod, withAuthenticator } from './auth-method.js';
import type { MethodSettings } from './method-settings.js';
import { asMiddleware } from './middleware.js';
import type { Accepted } from './request-handler.js';

const NOWHERE: readonly TokenSource[] = [];

/**
 * Verifies a token with its method, finds its user, and lists where the token is to be removed.
 * @throws {AuthError} when the token is refused.
 */
export function acceptToken(
  authenticator: Authenticator,
  presented: PresentedToken,
  req: AuthRequest,
  fallback?: UserDirectory,
): Awaitable<Accepted> {
  const users = authenticator.users ?? fallback;
  const verified = authenticator.verify(presented, req);
  const attached = users === undefined ? verified : after(verified, (found) => users.attach(found, req));
  return after(attached, (authenticated) => ({
    authenticated,
    announce: authenticator.announce,
    tokens: [presented.token],
    strip: authenticator.stripCredential ? presented.sources : NOWHERE,
  }));
}

/**
 * Accepts a token as {@link acceptToken} does, and tells the listeners of the method itself.
 * @throws {AuthError} when the token is refused.
 */
export function acceptAloud(
  authenticator: Authenticator,
  presented: PresentedToken,
  req: AuthRequest,
  fallback?: UserDirectory,
): Awaitable<Accepted> {
  const { name, listeners } = authenticator;
  return settle(
    () => acceptToken(authenticator, presented, req, fallback),
    (accepted) => {
      tellAccepted(listeners, accepted.authenticated.principal, req);
      return accepted;
    },
    (thrown): never => {
      const error = asAuthError(thrown);
      error.method = name;
      tellRefused(listeners, name, error, req);
      throw error;
    },
  );
}

/** Makes an auth method out of one authenticator. */
export function asSingleMethod(settings: MethodSettings, inner: Authenticator): AuthMethod {
  const authenticator: Authenticator = { ...inner, users: settings.users };
  settings.users?.reachedBy(inner.vouching);
  const acceptFound = (found: FoundToken | undefined, req: AuthRequest) =>
    found && acceptToken(authenticator, new PresentedToken(found), req);
  const method = asMiddleware(settings, {
    sources: authenticator.sources,
    ownHeaders: authenticator.ownHeaders ?? [],
    accept: (req, taken) => after(findToken(authenticator.sources, req, taken), (found) => acceptFound(found, req)),
    ready: authenticator.ready,
    health: authenticator.health,
    invalidate(change) {
      settings.users?.invalidate(underKnownName(change, (issuer) => inner.nameOf?.(issuer)));
      if ('issuer' in change) inner.forget?.(change.issuer);
    },
    async close() {
      settings.users?.close();
      await inner.close();
    },
  });
  return withAuthenticator(method, authenticator);
}
