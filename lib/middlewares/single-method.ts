import { findToken } from '../tokens/find-token.js';
import type { AuthRequest } from '../tokens/request.js';
import { asMiddleware, type Verdict } from './as-middleware.js';
import type { AuthMethod } from './auth-method.js';
import { type Authenticator, PresentedToken, registerAuthenticator } from './authenticator.js';
import type { Door } from './door-options.js';

/** Verifies a token by the method it belongs to, and says which places it is to leave. */
export async function verdictOf(
  authenticator: Authenticator,
  presented: PresentedToken,
  req: AuthRequest,
): Promise<Verdict> {
  const principal = await authenticator.verify(presented, req);
  return { principal, used: presented.sources, strip: authenticator.stripCredential ? presented.sources : [] };
}

/** One authenticator behind a door of its own. */
export function asSingleMethod(door: Door, authenticator: Authenticator): AuthMethod {
  const method = asMiddleware(door, {
    sources: authenticator.sources,
    async decide(req) {
      const found = await findToken(authenticator.sources, req);
      return found && verdictOf(authenticator, new PresentedToken(found), req);
    },
    ready: authenticator.ready,
    health: authenticator.health,
    close: authenticator.close,
  });
  registerAuthenticator(method, authenticator);
  return method;
}
