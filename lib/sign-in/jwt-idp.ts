import { asAuthError } from '../errors/auth-error.js';
import { reportRefusal } from '../events/request-events.js';
import type { Router } from '../methods/local-token/local-token-method.js';
import { answering } from '../methods/local-token/login-router.js';
import { clearIdentityHeaders } from '../pipeline/request-record.js';
import { type JwtIdpConfig, type JwtIdpOptions, NAME, resolveJwtIdp } from './jwt-idp-options.js';
import { STEPS, type Step } from './sign-in-steps.js';

/** Turns a step into a handler that reports its refusals to `onEvent` and answers them. */
function answered(step: Step, config: JwtIdpConfig): Router {
  return answering(async (req, res) => {
    try {
      await step(config, req, res);
    } catch (thrown) {
      const error = asAuthError(thrown);
      error.method ??= NAME;
      reportRefusal({ name: NAME, listeners: config.listeners }, error, req);
      throw error;
    }
  }, config.style);
}

/**
 * Creates a router that signs in a browser which is signed in at a WAF, without asking the person anything, as the JWT
 * identity provider of ZITADEL does.
 *
 * `GET /login?return_to=…` redirects the browser to the WAF's JWT endpoint. The WAF forwards it to `GET /jwt/authorize`
 * with its token in a header. `GET /jwt/callback` sets the session cookie and redirects to `return_to`. Mount the
 * router under any path; it calls `next` for all other requests. A sign-in must be completed within five minutes, once,
 * and in the browser that began it. Refusals are a page or problem+json, never a redirect.
 *
 * ```ts
 * const session = localToken({ keys, issuer: 'https://app.example.com', cookie: true });
 * app.use('/sign-in', jwtIdp({ jwtEndpoint: 'https://waf.example.com/jwt', method: wafToken({ … }), session, secret, allowedReturnUrls: ['/home'] }));
 * app.use(session);
 * ```
 *
 * The router can be an application's own sign-in. It can be the JWT identity provider of an OpenID provider, whose
 * interaction redirects the browser to `/login` and gets it back with a session. And it can be the JWT endpoint of
 * another login service, such as ZITADEL itself: with `loginService`, `/jwt/authorize` forwards a sign-in that was
 * begun there, with the WAF's token, and passes on the redirect in its answer.
 *
 * @throws {ConfigurationError} when an option is missing, unknown or of the wrong kind.
 */
export function jwtIdp(options: JwtIdpOptions): Router {
  const config = resolveJwtIdp(options);
  const routes = new Map(Object.entries(STEPS).map(([path, step]) => [path, answered(step, config)]));
  return function jwtIdpRouter(req, res, next) {
    clearIdentityHeaders(req, config.authenticator);
    const route = req.method === 'GET' ? routes.get((req.url ?? '').replace(/[?#].*$/s, '')) : undefined;
    if (route === undefined) next();
    else route(req, res, next);
  };
}
