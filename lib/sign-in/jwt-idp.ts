import { asAuthError } from '../errors/auth-error.js';
import type { Router } from '../methods/local-token/local-token-method.js';
import { answering } from '../methods/local-token/login-router.js';
import { clearIdentityHeaders } from '../pipeline/identity-headers.js';
import { type JwtIdpConfig, type JwtIdpOptions, NAME, resolveJwtIdp } from './jwt-idp-options.js';
import { STEPS, type Step } from './sign-in-steps.js';

/** A step whose refusals are told to the listener, and then answered in the router's style. */
function answered(step: Step, config: JwtIdpConfig): Router {
  return answering(async (req, res) => {
    try {
      await step(config, req, res);
    } catch (thrown) {
      const error = asAuthError(thrown);
      error.method ??= NAME;
      config.report({ type: 'refused', method: error.method, code: error.code, status: error.status, error });
      throw error;
    }
  }, config.style);
}

/**
 * Signs a browser in that is signed in at a WAF already, without asking the person anything: ZITADEL's JWT IdP.
 *
 * `GET /login?return_to=…` sends the browser to the WAF's JWT endpoint, the WAF forwards it to `GET /jwt/authorize` with
 * its token in a header, and `GET /jwt/callback` sets the session cookie and sends it where it wanted to go. Mount it
 * under any path; everything else is passed on. A sign-in takes at most five minutes, can be completed once, and in no
 * other browser. What goes wrong is a page or problem+json, and never a redirect.
 *
 * ```ts
 * const session = localToken({ keys, issuer: 'https://app.example.com', cookie: true });
 * app.use('/sign-in', jwtIdp({ jwtEndpoint: 'https://waf.example.com/jwt', method: wafToken({ … }), session, secret, allowedReturnUrls: ['/home'] }));
 * app.use(session);
 * ```
 *
 * On the application it is the application's own sign-in. In front of an OpenID provider it is that provider's JWT
 * identity provider: the provider's interaction sends the browser to `/login`, and gets it back with a session. For a
 * login service that is not ours (ZITADEL itself), `/jwt/authorize` is the JWT endpoint: with `loginService`, sign-ins
 * that were begun there are forwarded there, with the WAF's token, and its redirect is passed on.
 *
 * @throws ConfigurationError at creation.
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
